import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { Expectation, ExpectedError, ToolTest, ValueRule, ValueType } from '../contract/tool-test.ts'
import { pathOf } from './faults.ts'
import type { Interface } from './interfaces.ts'
import { under, type Manifest } from './manifest.ts'
import { parseDuration } from './scalars.ts'
import type { Path } from './source.ts'

/** What the tests of a tool are judged by. */
export interface Tested {
  readonly input: Interface
  readonly hasOutput: boolean
}

/** The tests of one tool or resource; undefined when one is wrong, which was told. */
export function buildTests(manifest: Manifest, entry: JsonObject, { input, hasOutput }: Tested, path: Path): readonly ToolTest[] | undefined {
  const written = (entry['tests'] ?? []) as readonly JsonObject[]
  const faults = written.flatMap((test, index) => [
    ...nameFaults(written, index),
    ...(hasOutput ? [] : outputFaults(test, index)),
    ...clashFaults(test, index),
    ...valueFaults(test, index),
    ...argumentFaults(manifest, test, index, input),
  ])
  for (const fault of faults) manifest.tell(under([...path, 'tests'], fault))
  return faults.length > 0 ? undefined : written.map((test, index) => testOf(manifest, test, [...path, 'tests', index]))
}

/** A tool's entry without its tests, which nothing that is kept depends on. */
export function withoutTests(written: Json | undefined): Json {
  if (!isObject(written)) return written ?? null
  const { tests: _tests, ...rest } = written
  return rest
}

type Fault = Parameters<typeof under>[1]

const expectOf = (test: JsonObject): JsonObject => test['expect'] as JsonObject

function nameFaults(tests: readonly JsonObject[], index: number): readonly Fault[] {
  const name = (tests[index] as JsonObject)['name'] as string
  if (tests.findIndex((other) => other['name'] === name) === index) return []
  return [
    {
      code: 'HUB_CONFIG_DUPLICATE',
      message: `there is another test of the name "${name}" here`,
      hint: 'recordings and golden answers are kept by name',
      path: [index, 'name'],
    },
  ]
}

function outputFaults(test: JsonObject, index: number): readonly Fault[] {
  if (expectOf(test)['schema'] !== true) return []
  return [
    {
      code: 'HUB_CONFIG_VALUE',
      message: 'there is no output schema to hold the answer to',
      hint: 'declare output, or remove schema',
      path: [index, 'expect', 'schema'],
    },
  ]
}

/** An error has no answer to look into, and only an error has a message. */
function clashFaults(test: JsonObject, index: number): readonly Fault[] {
  const expect = expectOf(test)
  const at = (field: string, message: string, hint: string): Fault => ({ code: 'HUB_CONFIG_VALUE', message, hint, path: [index, 'expect', field], part: 'key' })
  if (expect['error'] === undefined)
    return expect['message'] === undefined ? [] : [at('message', '"message" is of an error, and none is expected', 'say which error, or use text')]
  return ['rows', 'schema', 'value', 'text', 'golden']
    .filter((field) => expect[field] !== undefined)
    .map((field) => at(field, `where an error is expected there is no answer for "${field}"`, 'make it a test of its own'))
}

function valueFaults(test: JsonObject, index: number): readonly Fault[] {
  const expect = expectOf(test)
  const { rows, value } = expect
  const faults = Object.entries(isObject(value) ? value : {}).flatMap(([at, rule]) => ruleFaults(rule as JsonObject, [index, 'expect', 'value', at]))
  if (isObject(rows) && Number(rows['min'] ?? 0) > Number(rows['max'] ?? Infinity))
    return [...faults, { code: 'HUB_CONFIG_VALUE', message: '"min" is more than "max"', path: [index, 'expect', 'rows', 'min'] }]
  return faults
}

function ruleFaults(rule: JsonObject, path: Path): readonly Fault[] {
  const { approx, tolerance, matches } = rule
  if (approx !== undefined && tolerance === undefined)
    return [
      {
        code: 'HUB_CONFIG_MISSING_FIELD',
        message: '"approx" needs "tolerance"',
        hint: 'add tolerance: how far from it is near enough',
        path: [...path, 'approx'],
        part: 'key',
      },
    ]
  if (tolerance !== undefined && approx === undefined)
    return [
      {
        code: 'HUB_CONFIG_MISSING_FIELD',
        message: '"tolerance" needs "approx"',
        hint: 'add approx: the number it is measured from',
        path: [...path, 'tolerance'],
        part: 'key',
      },
    ]
  if (typeof matches !== 'string') return []
  try {
    RegExp(matches, 'u')
    return []
  } catch (error) {
    const reason = (error instanceof Error ? error.message : '').replace(/^Invalid regular expression: /, '')
    return [{ code: 'HUB_CONFIG_VALUE', message: `this is not a regular expression: ${reason}`, path: [...path, 'matches'] }]
  }
}

function argumentFaults({ checkArguments }: Manifest, test: JsonObject, index: number, { schema }: Interface): readonly Fault[] {
  if (checkArguments === undefined || expectOf(test)['error'] === 'HUB_ARGS_INVALID') return []
  const hint = 'arguments that must be refused are a test of their own: error: HUB_ARGS_INVALID'
  const at = test['args'] === undefined ? [index] : [index, 'args']
  return checkArguments(schema, test['args'] ?? {}).map((remark) => under(at, { ...remark, hint: remark.hint ?? hint }))
}

function testOf({ source }: Manifest, test: JsonObject, path: Path): ToolTest {
  const expect = expectOf(test)
  const { error, message, budget } = expect
  const placeOf = (...rest: Path): ToolTest['place'] => source.place([...path, ...rest])
  const expected: ExpectedError | undefined =
    error === undefined
      ? undefined
      : { code: error as ExpectedError['code'], ...(typeof message === 'string' && { message }), place: placeOf('expect', 'error') }
  return {
    name: test['name'] as string,
    args: (test['args'] ?? {}) as JsonObject,
    ...(expected && { error: expected }),
    expect: expectationsOf(expect, (field, ...rest) => placeOf('expect', field, ...rest)),
    ...(typeof budget === 'string' && { budgetMs: parseDuration(budget) as number }),
    place: placeOf(),
  }
}

function* listExpectations(expect: JsonObject, placeOf: (field: string, ...rest: Path) => ToolTest['place']): Generator<Expectation> {
  const { rows, schema, value, text, golden } = expect
  if (rows !== undefined) yield { type: 'rows', ...rangeOf(rows), place: placeOf('rows') }
  if (schema === true) yield { type: 'schema', place: placeOf('schema') }
  for (const [at, rule] of Object.entries(isObject(value) ? value : {}))
    yield { type: 'value', at, path: keysOf(at), rule: ruleOf(rule as JsonObject), place: placeOf('value', at) }
  if (typeof text === 'string') yield { type: 'text', contains: text, place: placeOf('text') }
  if (golden === true) yield { type: 'golden', place: placeOf('golden') }
}

const expectationsOf = (...given: Parameters<typeof listExpectations>): readonly Expectation[] => [...listExpectations(...given)]

/** Without an upper bound: as many rows as there may be. */
function rangeOf(rows: Json): { readonly min: number; readonly max: number } {
  if (!isObject(rows)) return { min: Number(rows), max: Number(rows) }
  return { min: Number(rows['min'] ?? 0), max: Number(rows['max'] ?? Number.MAX_SAFE_INTEGER) }
}

const keysOf = (at: string): readonly string[] => (at === '' || at.startsWith('/') ? pathOf(at) : at.split('.'))

function ruleOf({ equals, matches, approx, tolerance, contains, type }: JsonObject): ValueRule {
  return {
    ...(equals !== undefined && { equals }),
    ...(matches !== undefined && { matches: matches as string }),
    ...(approx !== undefined && { approx: { value: approx as number, tolerance: tolerance as number } }),
    ...(contains !== undefined && { contains }),
    ...(type !== undefined && { type: type as ValueType }),
  }
}
