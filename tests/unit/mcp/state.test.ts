import { describe, expect, test } from 'vitest'
import { createStateSeal } from '../../../runtime/mcp/state.ts'
import { principal } from '../../fixtures/plan.ts'

let now = 1_000
const seal = createStateSeal({ key: Buffer.alloc(32, 1), lifetimeMs: 60_000, now: () => now })
const me = principal()

describe('a sealed state', () => {
  test('opens for the same caller and purpose, in any process that has the key', () => {
    const state = seal.seal({ ticket: 'ü' }, me, 'call a')
    expect(seal.open(state, me, 'call a')).toEqual({ ticket: 'ü' })
    expect(createStateSeal({ key: Buffer.alloc(32, 1), lifetimeMs: 1, now: () => now }).open(state, me, 'call a')).toEqual({ ticket: 'ü' })
  })

  test('opens for nobody else, for nothing else, with no other key, and not after its time', () => {
    const state = seal.seal({ ticket: 't' }, me, 'call a')
    expect(seal.open(state, principal({ id: 'another' }), 'call a')).toBeUndefined()
    expect(seal.open(state, principal({ organisation: 'another' }), 'call a')).toBeUndefined()
    expect(seal.open(state, principal({ credential: 'key:2' }), 'call a')).toBeUndefined()
    expect(seal.open(state, me, 'call b')).toBeUndefined()
    expect(createStateSeal({ lifetimeMs: 60_000, now: () => now }).open(state, me, 'call a')).toBeUndefined()
    now += 60_001
    expect(seal.open(state, me, 'call a')).toBeUndefined()
  })

  test('does not open when one character differs', () => {
    const state = seal.seal({ ticket: 't' }, me, 'call')
    for (let index = 0; index < state.length; index += 1) {
      const changed = `${state.slice(0, index)}${state[index] === 'A' ? 'B' : 'A'}${state.slice(index + 1)}`
      expect(seal.open(changed, me, 'call')).toBeUndefined()
    }
    for (const odd of ['', 'v1', 'v1..', `${state}.x`, state.slice(0, -1)]) expect(seal.open(odd, me, 'call')).toBeUndefined()
  })
})
