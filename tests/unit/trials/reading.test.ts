import { expect, test } from 'vitest'
import type { Answer } from '../../../runtime/contract/answer.ts'
import { HubError } from '../../../runtime/contract/errors.ts'
import { read } from '../../../runtime/trials/reading.ts'
import type { BoundTool } from '../../../runtime/registry/types.ts'

const outcome = (answer: Answer) => ({ callId: '1', tool: {} as BoundTool, polished: { answer, bytes: 0 } })
const text = (words: string) => ({ type: 'text', text: words })

test.each<{ answer: Answer; read: object }>([
  { answer: { type: 'data', data: { a: 1 }, notes: ['newest first'] }, read: { value: { a: 1 }, text: '{"a":1}\nnewest first', isError: false } },
  { answer: { type: 'content', content: [text('a'), { type: 'image' }, text('b')] }, read: { text: 'a\nb', isError: false } },
  { answer: { type: 'content', content: [text('{"a":1}')] }, read: { value: { a: 1 }, text: '{"a":1}', isError: false } },
  { answer: { type: 'content', content: [text('{a}')] }, read: { text: '{a}', isError: false } },
  { answer: { type: 'content', content: [text('12')] }, read: { text: '12', isError: false } },
  { answer: { type: 'content', content: [text('1')], structured: { b: 2 } }, read: { value: { b: 2 }, text: '1', isError: false } },
  { answer: { type: 'content', content: [text('no')], isError: true }, read: { text: 'no', isError: true } },
  { answer: { type: 'job', id: '7' }, read: { value: { job: '7' }, text: 'job 7 was started', isError: false } },
])('$answer', ({ answer, read: expected }) => expect(read(outcome(answer))).toEqual(expected))

test('a question to the user is an error, as it is for a caller who cannot be asked', () => {
  expect(read(outcome({ type: 'input', requests: {}, state: '' })).error?.code).toBe('HUB_INPUT_UNSUPPORTED')
})

test('an error is the error', () => {
  const error = new HubError('HUB_TIMEOUT', 'late')
  expect(read({ callId: '1', tool: {} as BoundTool, error })).toEqual({ error })
})
