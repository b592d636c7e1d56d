import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { JsonSchema } from '../../../runtime/contract/json.ts'
import type { ConnectorSpec } from '../../../runtime/contract/manifest.ts'
import { createValidate, type Check } from '../../../runtime/registry/arguments.ts'
import { createGeneratedChecks } from '../../../runtime/registry/generated.ts'
import { connector, tool } from '../../fixtures/plan.ts'
import { folderOf, keepingLog, outputsOf } from '../codegen/validators/generated.ts'

const input: JsonSchema = {
  type: 'object',
  required: ['symbol'],
  properties: { symbol: { type: 'string' }, limit: { type: 'integer', default: 10 } },
  additionalProperties: false,
}
const market = connector('market', { tools: [tool('market', 'one', { input }), tool('market', '__proto__', { input })] })

const removes: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const remove of removes.splice(0)) await remove()
})

/** Finds checks of connectors in what was generated from `written`, or in a file of the test's own. */
async function finding(written: readonly ConnectorSpec[], files: Readonly<Record<string, string>> = {}) {
  const { folder, remove } = await folderOf(await outputsOf(written))
  removes.push(remove)
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'validators', name), text)
  const log = keepingLog()
  const checks = createGeneratedChecks(join(folder, 'validators'), log)
  return { find: (spec: ConnectorSpec, local: string): Check | undefined => checks(spec)(local), said: log.said, folder }
}

/** A schema the validator refuses: whoever is answered was not checked by it. */
const unusable: JsonSchema = { type: 'object', properties: { a: { $ref: '#/$defs/nowhere' } } }

describe('the checks codegen wrote', () => {
  test('are used where the digest fits: the schema itself is not compiled', async () => {
    const { find, said } = await finding([market])
    const validate = createValidate(unusable, () => find(market, 'one'))
    expect(validate({ symbol: 'A' })).toEqual({ args: { symbol: 'A', limit: 10 } })
    expect(validate({ symbl: 'A' })).toEqual({
      faults: [
        { path: 'symbol', message: 'is required' },
        { path: 'symbl', message: 'is not an argument of this tool; did you mean "symbol"?' },
      ],
    })
    expect(said).toEqual([])
    expect(() => createValidate(unusable)({})).toThrow('nowhere')
  })

  test('are found for a tool of any name a tool may have', async () => {
    const { find } = await finding([market])
    expect(find(market, '__proto__')).toBeTypeOf('function')
    expect(find(market, 'constructor')).toBeUndefined()
    expect(find(market, 'two')).toBeUndefined()
  })

  test('of other schemas are left aside, with a word in the log', async () => {
    const { find, said } = await finding([market])
    const edited = connector('market', { tools: [tool('market', 'one', { input: { ...input, required: [] } })] })
    expect(find(edited, 'one')).toBeUndefined()
    expect(said).toEqual(['info: generated code is of other schemas; its tools are compiled'])
  })

  test('fit whatever the environment puts into config and policies', async () => {
    const { find } = await finding([market])
    const elsewhere = {
      ...market,
      digest: 'other',
      config: { url: 'postgres://elsewhere' },
      directory: '/elsewhere',
      tools: market.tools.map((one) => ({ ...one, digest: 'other', policy: { ...one.policy, timeoutMs: 1 } })),
    }
    expect(find(elsewhere, 'one')).toBeTypeOf('function')
  })

  test('that are not there are not missed', async () => {
    const { find, said } = await finding([market])
    expect(find(connector('other'), 'one')).toBeUndefined()
    expect(said).toEqual([])
  })

  test.each([
    { name: 'throws as it is loaded', text: 'throw new Error("no")' },
    { name: 'is not JavaScript', text: 'export const =' },
    { name: 'is empty', text: '' },
    { name: 'waits as it is loaded', text: 'await Promise.resolve()\nexport const codeDigest = "a"\nexport const tools = {}' },
    { name: 'needs what is not there', text: 'import "./nowhere.js"' },
    { name: 'exports other things', text: 'export const codeDigest = 5\nexport const tools = null' },
    { name: 'has checks that are none', text: 'export const codeDigest = "a"\nexport const tools = { one: { input: "yes" } }' },
    { name: 'has tools that throw when they are read', text: 'export const codeDigest = "a"\nexport const tools = { get one() { throw new Error("no") } }' },
  ])('in a file that $name are left aside, with a warning', async ({ text }) => {
    const { find, said } = await finding([market], { 'market.js': text })
    const validate = createValidate(input, () => find(market, 'one'))
    expect(validate({ symbol: 'A' })).toEqual({ args: { symbol: 'A', limit: 10 } })
    expect(said).toEqual(['warn: generated code cannot be used; its tools are compiled'])
  })
})
