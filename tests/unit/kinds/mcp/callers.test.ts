import { expect, test } from 'vitest'
import type { JsonObject } from '../../../../runtime/contract/json.ts'
import { Callers, callersAtMost, clientsAtMost } from '../../../../runtime/kinds/mcp/callers.ts'
import type { Slot } from '../../../../runtime/kinds/mcp/slot.ts'
import { runOf } from '../../../fixtures/upstreams/lent.ts'

interface Stand {
  readonly capabilities: JsonObject
  calls: number
  closed: boolean
}

function table(): { callers: Callers; slots: Stand[]; of: (capabilities: JsonObject, credential?: string) => Stand } {
  const slots: Stand[] = []
  const callers = new Callers((capabilities) => {
    const stand = { capabilities, calls: 0, closed: false }
    slots.push(stand)
    const slot = { stand, state: { state: 'up' }, session: { flights: stand }, close: async () => void (stand.closed = true) }
    return slot as unknown as Slot
  })
  const of = (callerCapabilities: JsonObject, credential = 'key'): Stand =>
    (callers.of(runOf({ callerCapabilities, principal: { ...runOf().principal, credential } })) as unknown as { stand: Stand }).stand
  return { callers, slots, of }
}

/** Sets of things a client can do that make a difference. */
const ways: readonly JsonObject[] = [{}, { form: {} }, { url: {} }, { form: {}, url: {} }]
const sorts = ways.flatMap((elicitation): readonly JsonObject[] => [{ elicitation }, { elicitation, roots: {} }, { elicitation, sampling: {} }])

test('a client that declares the same things in other words keeps its session', () => {
  const { slots, of } = table()
  const first = of({ elicitation: { form: {} }, sampling: {}, roots: { listChanged: true } })
  for (let call = 0; call < 30; call++)
    expect(of({ roots: { listChanged: false }, sampling: { n: call }, elicitation: { form: { n: call } }, experimental: { n: call } })).toBe(first)
  expect(slots).toHaveLength(1)
  expect(first.capabilities).toEqual({ elicitation: { form: {} }, sampling: {}, roots: {} })
})

test('one credential has so many sessions at most: its own oldest makes room, no other one’s', () => {
  const { slots, of } = table()
  const other = of({}, 'other')
  for (const capabilities of sorts) of(capabilities)
  expect(slots.filter(({ closed }) => closed)).toEqual(slots.slice(1, 1 + sorts.length - clientsAtMost))
  expect(other.closed).toBe(false)
})

test('with all of its sessions at work it is refused, and others are not', () => {
  const { of } = table()
  for (const capabilities of sorts.slice(0, clientsAtMost)) of(capabilities).calls = 1
  expect(() => of(sorts[clientsAtMost] as JsonObject)).toThrow(expect.objectContaining({ code: 'HUB_LIMITED', details: { retryAfterMs: 1000 } }))
  for (let index = 0; index < callersAtMost; index++) expect(of({}, `other-${index}`).closed).toBe(false)
})
