import { afterEach, expect, test, vi } from 'vitest'
import type { Effect } from '../../../../runtime/contract/principal.ts'
import type { JsonObject } from '../../../../runtime/contract/json.ts'
import { Flight } from '../../../../runtime/kinds/mcp/flight.ts'
import type { Loss } from '../../../../runtime/kinds/mcp/flight.ts'
import { openSse } from '../../../../runtime/kinds/mcp/sse.ts'
import type { Link } from '../../../../runtime/kinds/mcp/link.ts'
import { runOf } from '../../../fixtures/upstreams/lent.ts'

afterEach(() => void vi.useRealTimers())

interface Ground {
  readonly link: Link
  readonly received: JsonObject[]
  readonly losses: Loss[]
  readonly broken: string[]
  readonly signals: AbortSignal[]
}

/** A link whose stream says `events` and stays open; POSTs get `status`, or never an answer. */
function ground(events: string | undefined, status?: number): Ground {
  const received: JsonObject[] = []
  const losses: Loss[] = []
  const broken: string[] = []
  const signals: AbortSignal[] = []
  const never = (signal: AbortSignal): Promise<never> =>
    new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true }))
  const fetch = (_url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const signal = init.signal as AbortSignal
    if (init.method === 'POST') signals.push(signal)
    if (init.method === 'POST' ? status === undefined : events === undefined) return never(signal)
    if (init.method === 'POST') return Promise.resolve(new Response(null, { status }))
    return Promise.resolve(new Response(new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode(events)) })))
  }
  const link = openSse({
    connector: 'fixture',
    url: new URL('http://fixture/sse'),
    headers: {},
    egress: { check: () => Promise.resolve(), fetch, dispatcher: undefined, aside: undefined },
    receiver: {
      waits: () => true,
      receive: (message) => (received.push(message), true),
      lose: (_flight, loss) => void losses.push(loss),
      broken: (why) => void broken.push(why),
    },
    trouble: () => undefined,
  })
  return { link, received, losses, broken, signals }
}

const endpoint = 'event: endpoint\ndata: /messages\n\n'
const flightOf = (effect: Effect): Flight =>
  new Flight(
    { method: 'tools/call', mirrors: [], effect, read: (result) => result },
    '',
    new AbortController().signal,
    runOf(),
    {},
    () => {},
    () => {},
  ) as unknown as Flight

test.each([
  ['without headers', undefined],
  ['that never names its address', ': welcome\n\n'],
])('a stream %s is a failed start', async (_what, events) => {
  vi.useFakeTimers()
  const { link } = ground(events)
  const started = expect(link.transport.start()).rejects.toThrow('did not say where it takes requests in time')
  await vi.advanceTimersByTimeAsync(30_000)
  await started
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  ['http://elsewhere/messages', 'wants its requests sent to another origin'],
  ['http://', 'names no address for its requests'],
])('an address like %s is told as what it is', async (address, why) => {
  const { link, broken } = ground(`event: endpoint\ndata: ${address}\n\n`)
  await expect(link.transport.start()).rejects.toThrow(why)
  expect(broken).toEqual([why])
})

test('messages in a batch are read one by one', async () => {
  const { link, received } = ground(`${endpoint}data: [{"id":1},{"id":2}]\n\n`)
  await link.transport.start()
  await vi.waitFor(() => expect(received).toEqual([{ id: 1 }, { id: 2 }]))
  await link.close()
})

test('a request nobody waits for any more is let go', async () => {
  const { link, signals } = ground(endpoint)
  await link.transport.start()
  const flight = flightOf('read')
  link.post(flight, '{}')
  expect(link.abandon(flight)).toBe(false)
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  await link.close()
})

test('after a write that a gateway cut off, the outcome is unknown', async () => {
  const { link, losses } = ground(endpoint, 502)
  await link.transport.start()
  link.post(flightOf('write'), '{}')
  await vi.waitFor(() => expect(losses).toMatchObject([{ error: { details: { outcome: 'unknown' }, message: expect.not.stringContaining('try again') } }]))
  await link.close()
})
