import { expect, test } from 'vitest'
import { parseJson } from '../../../../runtime/contract/json.ts'
import { mergePatch } from '../../../../runtime/kinds/memory/patch.ts'

// RFC 7396, appendix A, all of it.
test.each([
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
])('%s merged with %s is %s', (target, patch, result) => {
  expect(JSON.stringify(mergePatch(parseJson(target), parseJson(patch)))).toBe(result)
})

test('digits are merged as they are, and nothing is merged over nothing', () => {
  expect(JSON.stringify(mergePatch(undefined, parseJson('{"n":9007199254740993,"m":null}')))).toBe('{"n":9007199254740993}')
  expect(JSON.stringify(mergePatch(parseJson('9007199254740993'), parseJson('{"a":0.10000000000000000001}')))).toBe('{"a":0.10000000000000000001}')
})
