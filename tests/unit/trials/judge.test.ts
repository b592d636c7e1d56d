import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../../../runtime/contract/json.ts'
import type { ExpectedError } from '../../../runtime/contract/tool-test.ts'
import { judge } from '../../../runtime/trials/judge.ts'
import { outputCheck } from '../../../runtime/trials/output-check.ts'
import type { Reading } from '../../../runtime/trials/reading.ts'
import { answered, expecting, place, refused, trial } from './trials.ts'

const output: JsonSchema = {
  type: 'object',
  required: ['rows'],
  properties: { rows: { type: 'array', items: { $ref: '#/$defs/row' } } },
  $defs: {
    row: {
      type: 'object',
      required: ['at', 'close'],
      additionalProperties: false,
      properties: { at: { type: 'string', format: 'date-time' }, close: { type: 'string', default: '0' } },
    },
  },
}
const judging = { checkOutput: outputCheck(), checkGolden: () => undefined }
const told = (...given: Parameters<typeof judge>): readonly string[] => judge(...given).map(({ what, expected, actual }) => `${what}: ${expected} / ${actual}`)

const rows = answered({ rows: [{ at: '2020-04-17T00:00:00Z', close: '1.0' }] }, 'one row of 2020')
const toolError: Reading = { text: 'no such node', isError: true }

describe('an answer', () => {
  test('as expected passes', () => {
    const expect_ = [
      expecting({ type: 'rows', min: 1, max: 1 }),
      expecting({ type: 'schema' }),
      expecting({ type: 'value', at: 'rows.0.close', path: ['rows', '0', 'close'], rule: { equals: '1.0' } }),
      expecting({ type: 'text', contains: 'of 2020' }),
      expecting({ type: 'golden' }),
    ]
    expect(judge(trial({ expect: expect_ }, { output }), rows, judging)).toEqual([])
  })

  test('that fails in all it can fails in each, at the place of each', () => {
    const all = [
      expecting({ type: 'rows', min: 2, max: 2 }),
      expecting({ type: 'schema' }),
      expecting({ type: 'value', at: 'rows.0.close', path: ['rows', '0', 'close'], rule: { equals: '2.0', type: 'number' } }),
      expecting({ type: 'value', at: '/rows/3', path: ['rows', '3'], rule: { type: 'object' } }),
      expecting({ type: 'text', contains: 'of 2021' }),
      expecting({ type: 'golden' }),
    ]
    const wrong = answered({ rows: [{ at: '2020-02-30T00:00:00Z', close: '1.0' }] }, 'of 2020')
    const failures = judge(trial({ expect: all }, { output }), wrong, { ...judging, checkGolden: () => ({ expected: '1', actual: '2' }) })
    expect(failures.map(({ what, expected, actual }) => `${what}: ${expected} / ${actual}`)).toEqual([
      'rows: 2 / 1',
      'schema: an answer that fits the output schema / /rows/0/at must match format "date-time"',
      'value rows.0.close: "2.0" / "1.0"',
      'value rows.0.close: a value of type number / "1.0"',
      'value /rows/3: a value / a list of 1 at rows, without "3"',
      'text: a text with "of 2021" / "of 2020"',
      'golden: 1 / 2',
    ])
    expect(new Set(failures.map((failure) => failure.place.line))).toEqual(new Set([9]))
  })

  test.each([
    { min: 1, max: 3, count: 0, said: 'rows: 1 to 3 / 0' },
    { min: 2, max: Number.MAX_SAFE_INTEGER, count: 1, said: 'rows: at least 2 / 1' },
    { min: 0, max: 0, count: 1, said: 'rows: 0 / 1' },
  ])('of $count rows is not one of $min to $max', ({ min, max, count, said }) => {
    const range = trial({ expect: [expecting({ type: 'rows', min, max })] })
    expect(told(range, answered({ rows: Array.from({ length: count }, () => 1) }), judging)).toEqual([said])
    expect(told(range, answered({ rows: Array.from({ length: min }, () => 1) }), judging)).toEqual([])
  })

  test('that is a list is its rows; without a list there are none to count', () => {
    const two = trial({ expect: [expecting({ type: 'rows', min: 2, max: 2 })] })
    expect(told(two, answered([1, 2]), judging)).toEqual([])
    expect(told(two, answered({ total: 2 }), judging)).toEqual(['rows: 2 / no list of rows, but {"total":2}'])
  })

  test('is held to the schema as it is: a default does not stand in for what is missing', () => {
    const schema = trial({ expect: [expecting({ type: 'schema' })] }, { output })
    expect(told(schema, answered({ rows: [{ at: '2020-04-17T00:00:00Z' }] }), judging)).toEqual([
      `schema: an answer that fits the output schema / /rows/0 must have required property 'close'`,
    ])
    expect(told(schema, answered({ rows: [{ at: '2020-04-17T00:00:00Z', close: '1', open: '1' }] }), judging)[0]).toContain('additional properties: "open"')
    expect(told(schema, { text: 'words', isError: false }, judging)).toEqual(['schema: an answer that fits the output schema / no structured answer'])
  })

  test('with very many faults tells the first', () => {
    const many = answered({ rows: Array.from({ length: 20 }, () => 1) })
    expect(told(trial({ expect: [expecting({ type: 'schema' })] }, { output }), many, judging)[0]).toMatch(/and 15 more$/)
  })

  test('in words alone has no values', () => {
    const value = trial({ expect: [expecting({ type: 'value', at: '', path: [], rule: { type: 'object' } })] })
    expect(told(value, { text: 'words', isError: false }, judging)).toEqual(['value: a value / no structured answer'])
  })

  test('that did not come fails whatever was expected of it', () => {
    const nothing = trial({ expect: [] })
    expect(judge(nothing, refused('HUB_CONNECTOR_DOWN', 'it is down'), judging)).toEqual([
      { what: 'answer', expected: 'an answer', actual: 'HUB_CONNECTOR_DOWN: it is down', place },
    ])
    expect(told(nothing, toolError, judging)).toEqual(['answer: an answer / an error of the tool: no such node'])
  })
})

describe('an expected error', () => {
  const failing = (error: Omit<ExpectedError, 'place'>) => trial({ error: { ...error, place } })
  test.each<{ error: Omit<ExpectedError, 'place'>; reading: Reading; said: string[] }>([
    { error: { code: 'HUB_DENIED' }, reading: refused('HUB_DENIED', 'no'), said: [] },
    { error: { code: 'HUB_DENIED', message: 'DELETE' }, reading: refused('HUB_DENIED', 'DELETE removes'), said: [] },
    {
      error: { code: 'HUB_DENIED', message: 'DROP' },
      reading: refused('HUB_DENIED', 'DELETE removes'),
      said: ['message: a message with "DROP" / DELETE removes'],
    },
    { error: { code: 'HUB_DENIED' }, reading: refused('HUB_TIMEOUT', 'late'), said: ['error: HUB_DENIED / HUB_TIMEOUT: late'] },
    { error: { code: 'HUB_DENIED' }, reading: rows, said: ['error: HUB_DENIED / the answer {"rows":[{"at":"2020-04-17T00:00:00Z","close":"1.0"}]}'] },
    { error: { code: 'tool' }, reading: toolError, said: [] },
    { error: { code: 'tool', message: 'such node' }, reading: toolError, said: [] },
    { error: { code: 'tool' }, reading: rows, said: ['error: an error of the tool / the answer {"rows":[{"at":"2020-04-17T00:00:00Z","close":"1.0"}]}'] },
    { error: { code: 'tool' }, reading: refused('HUB_DENIED', 'no'), said: ['error: an error of the tool / HUB_DENIED: no'] },
    { error: { code: 'HUB_DENIED' }, reading: toolError, said: ['error: HUB_DENIED / an error of the tool: no such node'] },
  ])('$error against $reading.error.code', ({ error, reading, said }) => expect(told(failing(error), reading, judging)).toEqual(said))
})
