import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HubError, asHubError } from '../../../runtime/contract/errors.ts'
import type { Caller } from '../../../runtime/mcp/caller.ts'
import { createParking, type Act, type Turn } from '../../../runtime/mcp/parked.ts'
import type { Outcome } from '../../../runtime/pipeline/call.ts'
import { principal } from '../../fixtures/plan.ts'

const who = principal()
const caller = (over: Partial<Caller> = {}): Caller =>
  ({ principal: who, era: 'modern', capabilities: { elicitation: {} }, signal: new AbortController().signal, ...over }) as Caller
const question = { method: 'elicitation/create', params: {} }

/** A call that asks once, and ends with what it heard or with the reason it was ended for. */
const asking: Act = async (exchange, signal) => {
  try {
    const ended = new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    const heard = await Promise.race([exchange.ask?.(question), ended])
    return { callId: 'c', heard } as unknown as Outcome
  } catch (error) {
    return { callId: 'c', error: asHubError(error) } as unknown as Outcome
  }
}

const ticketOf = (turn: Turn): string => ('ticket' in turn ? turn.ticket : '')
const errorOf = (turn: Turn | undefined): HubError | undefined => (turn && 'outcome' in turn ? turn.outcome.error : undefined)

describe('a parked call', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())
  const bounds = { most: 2, mostOfOne: 2, expiryMs: 60_000 }

  test('that nobody comes back for is cancelled', async () => {
    const parking = createParking(bounds)
    let outcome: Outcome | undefined
    const turn = await parking.start(caller(), async (exchange, signal) => (outcome = await asking(exchange, signal)))
    expect(parking.size).toBe(1)
    vi.advanceTimersByTime(60_001)
    await vi.waitFor(() => expect(outcome?.error?.code).toBe('HUB_INPUT_EXPIRED'))
    expect(parking.size).toBe(0)
    expect(parking.resume(ticketOf(turn), {}, caller())).toBeUndefined()
  })

  test('is resumed by its owner alone, once', async () => {
    const parking = createParking(bounds)
    const ticket = ticketOf(await parking.start(caller(), asking))
    expect(parking.resume(ticket, {}, caller({ principal: principal({ credential: 'key:2' }) }))).toBeUndefined()
    const turn = await parking.resume(ticket, { q1: { action: 'accept' } }, caller())
    expect(turn).toMatchObject({ outcome: { heard: { action: 'accept' } } })
    expect(parking.resume(ticket, {}, caller())).toBeUndefined()
    expect(parking.size).toBe(0)
  })

  test('over the bound is refused instead of kept', async () => {
    const parking = createParking(bounds)
    await parking.start(caller(), asking)
    await parking.start(caller(), asking)
    expect(errorOf(await parking.start(caller(), asking))?.code).toBe('HUB_LIMITED')
    expect(parking.size).toBe(2)
  })

  test('of one caller does not take the places of another', async () => {
    const parking = createParking({ most: 10, mostOfOne: 1, expiryMs: 60_000 })
    await parking.start(caller(), asking)
    expect(errorOf(await parking.start(caller(), asking))?.code).toBe('HUB_LIMITED')
    expect(ticketOf(await parking.start(caller({ principal: principal({ credential: 'key:2' }) }), asking))).not.toBe('')
  })

  test('whose caller goes away while it works is cancelled, and its question with it', async () => {
    const parking = createParking(bounds)
    const lost = new AbortController()
    lost.abort(new HubError('HUB_CANCELLED', 'gone'))
    expect(errorOf(await parking.start(caller({ signal: lost.signal }), asking))?.code).toBe('HUB_CANCELLED')
  })

  test('ends when the hub stops', async () => {
    const parking = createParking(bounds)
    let outcome: Outcome | undefined
    await parking.start(caller(), async (exchange, signal) => (outcome = await asking(exchange, signal)))
    parking.close()
    await vi.waitFor(() => expect(outcome?.error?.code).toBe('HUB_STOPPING'))
    expect(parking.size).toBe(0)
  })

  test('tells progress to whoever waits now, under the token of that request, and to nobody in between', async () => {
    const parking = createParking(bounds)
    const told: unknown[] = []
    const hears = (who: string, progressToken?: string): Caller =>
      caller({ progressToken, notify: (_method, params) => void told.push([who, params['progressToken'], params['progress']]) })
    let progress!: (done: number) => void
    const turn = await parking.start(hears('first', 'a'), async (exchange, signal) => {
      progress = (done) => exchange.progress?.(done)
      progress(1)
      const outcome = await asking(exchange, signal)
      progress(3)
      return outcome
    })
    progress(2)
    await parking.resume(ticketOf(turn), { q1: {} }, hears('second', 'b'))
    expect(told).toEqual([
      ['first', 'a', 1],
      ['second', 'b', 3],
    ])
  })
})
