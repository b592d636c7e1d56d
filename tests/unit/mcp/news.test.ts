import { expect, test } from 'vitest'
import { concerns, exposedUpdate } from '../../../runtime/mcp/news.ts'
import type { Endpoint, RegistryEvent } from '../../../runtime/registry/types.ts'

const all: Endpoint = { key: 'all', kind: 'all', name: 'hub', prefixed: true }
const caller = { organisation: 'acme', principal: 'ann' }
const notes: Endpoint = { key: 'connector:notes', kind: 'connector', name: 'notes', prefixed: false }

test.each<[RegistryEvent, boolean]>([
  [{ type: 'tools', connectors: 'all' }, true],
  [{ type: 'prompts', connectors: ['notes', 'market'] }, true],
  [{ type: 'resources', connectors: ['market'] }, false],
  [{ type: 'updated', connector: 'notes', uri: 'a:b' }, true],
  [{ type: 'updated', connector: 'market', uri: 'a:b' }, false],
  [{ type: 'log', connector: 'market', params: {} }, false],
])('%j is told on the connector’s own endpoint: %s', (event, told) => {
  expect(concerns(event, notes, caller)).toBe(told)
  expect(concerns(event, all, caller)).toBe(true)
})

test.each([
  [{ organisation: 'acme', principal: 'ann' }, true],
  [{ organisation: 'acme', principal: 'bob' }, false],
  [{ organisation: 'other', principal: 'ann' }, false],
])('news for %j are for nobody else', (audience, told) => {
  const event = { type: 'updated', connector: 'notes', uri: 'a:b', audience } as const
  expect([concerns(event, all, caller), concerns(event, notes, caller)]).toEqual([told, told])
})

test('an updated resource is named as each endpoint knows it', () => {
  const event = { type: 'updated', connector: 'notes', uri: 'a:b' } as const
  expect([exposedUpdate(event, all), exposedUpdate(event, notes)]).toEqual(['hub://notes/a:b', 'a:b'])
})
