import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Json, JsonSchema } from '../../../../runtime/contract/json.ts'
import { compileAlone, createOutputAjv } from '../../../../runtime/manifest/validator.ts'
import { findPython, type Python } from '../../../components/python.ts'
import { connector, tool } from '../../../fixtures/plan.ts'
import { goldenConnector, pythonPackage } from '../../../fixtures/python/generated.ts'
import { anyObject, anySchema } from '../../../fixtures/python/schemas.ts'
import { table } from '../../../fixtures/python/table.ts'

vi.setConfig({ testTimeout: 120_000 })
const found = findPython()
const programs = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'python')
const goldens = join(import.meta.dirname, '..', '..', '..', 'golden', 'codegen', 'python')
const ajv = createOutputAjv()

/** What ajv says; undefined where it has no word: schemas it will not compile, and some it compiles into code that throws. */
function verdictOf(schema: JsonSchema): (value: Json) => boolean | undefined {
  try {
    const check = compileAlone(ajv, schema)
    return (value) => {
      try {
        return check(structuredClone(value))
      } catch {
        return undefined
      }
    }
  } catch {
    return () => undefined
  }
}

const random = fc.sample(anySchema, { numRuns: 150, seed: 11 })
const objects = fc.sample(anyObject, { numRuns: 25, seed: 12 })
const moment: JsonSchema = { type: 'array', items: { type: 'string', format: 'date-time' } }

const spec = (name: string, schemas: readonly JsonSchema[]) =>
  connector(name, { tools: schemas.map((schema, index) => tool(name, `t${index}`, { input: schema, output: schema })) })

interface Case {
  readonly module: string
  readonly name: string
  readonly value: Json
}
interface Said {
  readonly back?: boolean
  readonly fault?: string
  readonly broken?: string
}

let python: Python
let made: Awaited<ReturnType<typeof pythonPackage>>
beforeAll(async () => {
  const golden = (await readdir(goldens)).map(async (file) => goldenConnector(`golden_${basename(file, '.txt')}`, await readFile(join(goldens, file), 'utf8')))
  made = await pythonPackage([
    spec('random', random),
    spec(
      'listed',
      table.map(({ schema }) => schema),
    ),
    spec('moments', [moment]),
    ...(await Promise.all(golden)),
  ])
})
afterAll(() => made.remove())
beforeEach(({ skip }) => {
  if ('reason' in found) return skip(found.reason)
  python = found.python
})

async function ask(cases: readonly Case[]): Promise<readonly Said[]> {
  const input = cases.map(({ module, name, value }) => JSON.stringify({ module, name, text: JSON.stringify(value) })).join('\n')
  const { exit, out, error } = await python.run([join(programs, 'verdicts.py')], { path: made.path, input })
  expect({ exit, error }).toEqual({ exit: 0, error: '' })
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Said)
}

test('the types accept all that ajv accepts, for random schemas and values, and write it back as it was', async () => {
  const cases = random.flatMap((schema, index) => {
    const verdict = verdictOf(schema)
    return objects.flatMap((value) => ['Input', 'Output'].map((side) => ({ schema, module: 'random', name: `T${index}${side}`, value, fits: verdict(value) })))
  })
  const said = await ask(cases)
  const both = cases.map((one, index) => ({ ...one, ...said[index] }))
  expect(both.filter(({ fits, back, broken }) => broken !== undefined || (fits === true && back !== true)).slice(0, 3)).toEqual([])
  // Neither is said of everything.
  expect(both.filter(({ fits }) => fits === true).length).toBeGreaterThan(cases.length / 5)
  expect(both.filter(({ fault }) => fault !== undefined).length).toBeGreaterThan(cases.length / 20)
})

test('for each word of JSON Schema that has a type, they say what ajv says', async () => {
  const cases = table.flatMap(({ name, schema, fits, not }, index) => {
    const verdict = verdictOf(schema)
    const of = (value: Json, expected: boolean) => ({ row: name, module: 'listed', name: `T${index}Output`, value, expected, ajv: verdict(value) })
    return [...fits.map((value) => of(value, true)), ...not.map((value) => of(value, false))]
  })
  const said = await ask(cases)
  const told = cases.map(({ row, value, expected, ajv: checked }, index) => ({
    row,
    value,
    expected,
    ajv: checked,
    python: said[index]?.back ?? (said[index]?.fault === undefined ? 'broken' : false),
  }))
  expect(told.filter((one) => one.python !== one.expected || one.ajv !== one.expected)).toEqual([])
})

test('moments are read in every form that RFC 3339 and PostgreSQL have', async () => {
  const forms = [
    '2020-01-01T00:00:00Z',
    '2020-01-01t00:00:00.123456789z',
    '2020-01-01 00:00:00+00',
    '2020-01-01T00:00:00-05:30',
    '2016-12-31T23:59:60Z',
    '2016-12-31T15:59:60.5-08:00',
  ]
  expect(verdictOf(moment)(forms)).toBe(true)
  const [said] = await ask([{ module: 'moments', name: 'T0Output', value: forms }])
  expect(said?.back).toBeDefined()
})

test('the package compiles and passes mypy in strict mode, hostile names and texts included', async () => {
  expect(await python.run(['-m', 'compileall', '-q', made.path])).toEqual({ exit: 0, out: '', error: '' })
  const built = await python.run([join(programs, 'build_all.py')], { path: made.path })
  expect(built).toMatchObject({ exit: 0, error: '' })
  expect(Number(built.out)).toBeGreaterThan(500)
  const { exit, out } = await python.run(['-m', 'mypy', '--strict', '--cache-dir', join(made.path, '.mypy'), 'integration_hub_client'], { cwd: made.path })
  expect({ exit, out }).toEqual({ exit: 0, out: expect.stringMatching(/^Success/) as string })
})
