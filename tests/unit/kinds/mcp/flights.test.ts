import { expect, test } from 'vitest'
import { HubError } from '../../../../runtime/contract/errors.ts'
import type { Json, JsonObject } from '../../../../runtime/contract/json.ts'
import type { ExtrasEvent } from '../../../../runtime/contract/kind.ts'
import { Flight } from '../../../../runtime/kinds/mcp/flight.ts'
import { Flights, flightsAtMost } from '../../../../runtime/kinds/mcp/flights.ts'
import { runOf } from '../../../fixtures/upstreams/lent.ts'

function table(scrub = (text: string): string => text): { flights: Flights; replies: JsonObject[]; events: ExtrasEvent[] } {
  const replies: JsonObject[] = []
  const events: ExtrasEvent[] = []
  const failed = (): HubError => new HubError('HUB_UPSTREAM_FAILED', 'x')
  const flights = new Flights({
    reply: (message) => replies.push(message),
    scrub,
    cancel: () => undefined,
    emit: (event) => events.push(event),
    refusal: failed,
    unsound: failed,
  })
  return { flights, replies, events }
}

function flight(run = runOf(), read = (result: JsonObject): Json => result): { flight: Flight; answer: Promise<Json> } {
  let made: Flight | undefined
  const answer = new Promise<Json>((done, fail) => {
    made = new Flight<Json>({ method: 'tools/call', mirrors: [], effect: 'read', read }, '', run.signal, run, {}, done, fail) as unknown as Flight
  })
  return { flight: made as Flight, answer }
}

test('a call beyond the bound is refused with a time to retry, and room is made by each that ends', async () => {
  const { flights } = table()
  const all = Array.from({ length: flightsAtMost }, () => flight())
  expect(all.every((one) => flights.add(one.flight))).toBe(true)
  const refused = flight()
  expect(flights.add(refused.flight)).toBe(false)
  await expect(refused.answer).rejects.toMatchObject({ code: 'HUB_LIMITED', details: { retryAfterMs: 1000 } })
  flights.receive({ jsonrpc: '2.0', id: all[0]?.flight.id as number, result: { ok: true } })
  expect(await all[0]?.answer).toEqual({ ok: true })
  expect(flights.add(flight().flight)).toBe(true)
})

test('answers nobody waits for are taken and dropped; those of the SDK’s client are left to it', () => {
  const { flights } = table()
  expect(flights.receive({ jsonrpc: '2.0', id: 1_000_000_077, result: {} })).toBe(true)
  expect(flights.receive({ jsonrpc: '2.0', id: 3, result: {} })).toBe(false)
  expect(flights.receive({ jsonrpc: '2.0', id: 'server-discover-probe-1', result: {} })).toBe(false)
  expect(flights.receive({ jsonrpc: '2.0', id: 5, method: 'ping' })).toBe(false)
  expect(flights.receive({ jsonrpc: '2.0', method: 7 })).toBe(false)
})

test('progress of a call that ended is dropped, that of others is left to the SDK’s client', () => {
  const { flights } = table()
  const progress = (progressToken: Json): boolean =>
    flights.receive({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: 1 } })
  expect([progress(1_000_000_099), progress(2), progress('token')]).toEqual([true, false, false])
})

test('a result that cannot be read fails its call', async () => {
  const { flights } = table()
  const one = flight(runOf(), () => {
    throw new HubError('HUB_UPSTREAM_FAILED', 'unreadable')
  })
  flights.add(one.flight)
  flights.receive({ jsonrpc: '2.0', id: one.flight.id, result: {} })
  await expect(one.answer).rejects.toMatchObject({ message: 'unreadable' })
})

test('a question when no call is under way: roots are none, anything else is refused', () => {
  const { flights, replies } = table()
  flights.receive({ jsonrpc: '2.0', id: 'a', method: 'roots/list' })
  flights.receive({ jsonrpc: '2.0', id: 'b', method: 'elicitation/create', params: {} })
  expect(replies).toEqual([
    { jsonrpc: '2.0', id: 'a', result: { roots: [] } },
    { jsonrpc: '2.0', id: 'b', error: { code: -32_603, message: expect.stringContaining('no call is under way') } },
  ])
})

test('a fault while asking is not shown to the upstream', async () => {
  const { flights, replies } = table()
  flights.add(flight(runOf({ ask: () => Promise.reject(new Error('a path inside the hub')) })).flight)
  flights.receive({ jsonrpc: '2.0', id: 1, method: 'elicitation/create', params: {} })
  await new Promise((done) => setImmediate(done))
  expect(replies).toEqual([{ jsonrpc: '2.0', id: 1, error: { code: -32_603, message: 'the caller could not be asked' } }])
})

test('a log message among several calls is told to nobody, one beside all calls to all', () => {
  const { flights, events } = table()
  const logs = (): boolean => flights.receive({ jsonrpc: '2.0', method: 'notifications/message', params: { data: 'x' } })
  logs()
  flights.add(flight().flight)
  flights.add(flight().flight)
  logs()
  expect(events).toEqual([{ type: 'log', level: 'info', data: 'x' }])
})

test('clearing lets go of what links keep of each, once it waits no more', () => {
  const { flights } = table()
  const one = flight()
  const waits: boolean[] = []
  flights.add(one.flight)
  one.flight.handle = { abort: () => waits.push(flights.has(one.flight)) }
  expect(flights.clear()).toEqual([one.flight])
  expect([waits, flights.calls]).toEqual([[false], 0])
})

test('what an upstream logs beside any call is scrubbed; what it says to a call passes its run, which does that', () => {
  const { flights, events } = table((text) => text.replaceAll('hunter2', '[secret]'))
  flights.receive({ jsonrpc: '2.0', method: 'notifications/message', params: { data: { key: 'hunter2' }, logger: 'of hunter2' } })
  expect(events).toEqual([{ type: 'log', level: 'info', data: { key: '[secret]' }, logger: 'of [secret]' }])
})
