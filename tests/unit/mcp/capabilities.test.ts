import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../runtime/contract/json.ts'
import { canBeAsked, missingFrom, neededFor, readQuestion } from '../../../runtime/mcp/capabilities.ts'

describe('what a question needs', () => {
  test.each([
    ['elicitation/create', {}, { elicitation: { form: {} } }],
    ['elicitation/create', { mode: 'url' }, { elicitation: { url: {} } }],
    ['sampling/createMessage', {}, { sampling: {} }],
    ['sampling/createMessage', { tools: [] }, { sampling: { tools: {} } }],
    ['roots/list', {}, { roots: {} }],
    ['tools/list', {}, undefined],
  ])('%s %j', (method, params, needed) => {
    expect(neededFor({ method, params })).toEqual(needed)
  })
})

test.each([
  [{ elicitation: { form: {} } }, { elicitation: {} }, undefined],
  [{ elicitation: { form: {} } }, { elicitation: { url: {} } }, { elicitation: { form: {} } }],
  [{ elicitation: { url: {} } }, { elicitation: {} }, { elicitation: { url: {} } }],
  [{ sampling: { tools: {} } }, { sampling: {} }, { sampling: { tools: {} } }],
  [{ sampling: { tools: {} } }, { sampling: { tools: {} } }, undefined],
  [{ roots: {} }, {}, { roots: {} }],
])('of %j a client with %j lacks %j', (needed, declared, missing) => {
  expect(missingFrom(needed, declared)).toEqual(missing)
})

test('a client can be asked when it declared one thing it answers', () => {
  const declared: readonly JsonObject[] = [{}, { extensions: {} }, { roots: {} }, { sampling: {} }, { elicitation: {} }]
  expect(declared.map(canBeAsked)).toEqual([false, false, true, true, true])
})

test('a question is a method with params', () => {
  expect(readQuestion({ method: 'roots/list' })).toEqual({ method: 'roots/list', params: {} })
  for (const odd of [null, 'roots/list', {}, { method: 1 }]) expect(readQuestion(odd)).toBeUndefined()
})
