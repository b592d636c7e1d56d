import { expect, test } from 'vitest'
import { checkOf, isRight } from '../../../../bench/drive/check.ts'

const exchange = { method: 'tools/call', params: {}, holds: ['1.5', '2.5'] }
const right = '{"jsonrpc":"2.0","id":7,"result":{"rows":[1.5,2.5]}}'

test.each([
  ['a right answer', right, true],
  ['values in another order', '{"id":7,"result":[2.5,1.5]}', false],
  ['a value that is missing', '{"id":7,"result":[1.5]}', false],
  ['the answer to another request', right.replace('"id":7', '"id":8'), false],
  ['an error', '{"id":7,"error":{"code":-32603}}', false],
])('%s', (_name, body, expected) => {
  expect(isRight(Buffer.from(body), checkOf(exchange, 7))).toBe(expected)
})

test('a counted piece must be there exactly so often', () => {
  const check = checkOf({ ...exchange, holds: [], times: { piece: '"schema"', count: 2 } }, 1)
  const of = (count: number): Buffer => Buffer.from(`{"id":1,${'"schema":{},'.repeat(count)}}`)
  expect([1, 2, 3].map((count) => isRight(of(count), check))).toEqual([false, true, false])
})
