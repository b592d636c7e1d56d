import { isObject, type Json } from '../contract/json.ts'
import type { Expectation, ExpectedError } from '../contract/tool-test.ts'
import type { OutputCheck } from './output-check.ts'
import type { Reading } from './reading.ts'
import type { Failure, Trial } from './trial.ts'
import { broken, find, show } from './value.ts'

/** What judging leans on besides the answer. */
export interface Judging {
  readonly checkOutput: OutputCheck
  /** Compares an answer with the one that is kept for its test. */
  readonly checkGolden: (trial: Trial, value: Json) => Pick<Failure, 'expected' | 'actual'> | undefined
}

type Answered = Exclude<Reading, { readonly error: Error }>
type Found = Pick<Failure, 'what' | 'expected' | 'actual'>

/** Everything that is not as a test expects it; nothing when it passes. */
export function judge(trial: Trial, reading: Reading, judging: Judging): readonly Failure[] {
  const { test } = trial
  if (test.error) return judgeError(test.error, reading)
  if (reading.error) return [{ what: 'answer', expected: 'an answer', actual: `${reading.error.code}: ${reading.error.message}`, place: test.place }]
  if (reading.isError) return [{ what: 'answer', expected: 'an answer', actual: `an error of the tool: ${reading.text}`, place: test.place }]
  return test.expect.flatMap((expectation) => judgeOne(expectation, reading, trial, judging).map((found) => ({ ...found, place: expectation.place })))
}

function judgeError({ code, message, place }: ExpectedError, reading: Reading): readonly Failure[] {
  const expected = code === 'tool' ? 'an error of the tool' : code
  const words = wordsOf(code, reading)
  if (words === undefined) return [{ what: 'error', expected, actual: saidOf(reading), place }]
  if (message === undefined || words.includes(message)) return []
  return [{ what: 'message', expected: `a message with ${show(message)}`, actual: words, place }]
}

/** The words of the error that was expected; undefined when there was none, or another. */
function wordsOf(code: ExpectedError['code'], reading: Reading): string | undefined {
  if (reading.error) return reading.error.code === code ? reading.error.message : undefined
  return code === 'tool' && reading.isError ? reading.text : undefined
}

function saidOf(reading: Reading): string {
  if (reading.error) return `${reading.error.code}: ${reading.error.message}`
  return reading.isError ? `an error of the tool: ${reading.text}` : `the answer ${show(reading.value ?? reading.text)}`
}

function judgeOne(expectation: Expectation, { value, text }: Answered, trial: Trial, judging: Judging): readonly Found[] {
  switch (expectation.type) {
    case 'rows':
      return judgeRows(expectation, value)
    case 'schema':
      return judgeSchema(trial, value, judging)
    case 'value':
      return judgeValue(expectation, value)
    case 'text':
      return text.includes(expectation.contains) ? [] : [{ what: 'text', expected: `a text with ${show(expectation.contains)}`, actual: show(text) }]
    case 'golden': {
      const difference = judging.checkGolden(trial, value ?? text)
      return difference ? [{ what: 'golden', ...difference }] : []
    }
  }
}

function judgeRows({ min, max }: Extract<Expectation, { type: 'rows' }>, value: Json | undefined): readonly Found[] {
  const rows = isObject(value) ? value['rows'] : value
  const expected = min === max ? String(min) : max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`
  if (!Array.isArray(rows)) return [{ what: 'rows', expected, actual: `no list of rows, but ${show(value)}` }]
  return rows.length >= min && rows.length <= max ? [] : [{ what: 'rows', expected, actual: String(rows.length) }]
}

function judgeSchema({ spec }: Trial, value: Json | undefined, { checkOutput }: Judging): readonly Found[] {
  const expected = 'an answer that fits the output schema'
  if (value === undefined) return [{ what: 'schema', expected, actual: 'no structured answer' }]
  const faults = checkOutput(spec.output ?? true, value)
  return faults.length === 0 ? [] : [{ what: 'schema', expected, actual: faults.join('; ') }]
}

function judgeValue({ at, path, rule }: Extract<Expectation, { type: 'value' }>, root: Json | undefined): readonly Found[] {
  const what = at === '' ? 'value' : `value ${at}`
  if (root === undefined) return [{ what, expected: 'a value', actual: 'no structured answer' }]
  const found = find(root, path)
  if ('lost' in found) return [{ what, expected: 'a value', actual: found.lost }]
  return broken(rule, found.value).map((expected) => ({ what, expected, actual: show(found.value) }))
}
