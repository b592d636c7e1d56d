import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ConnectorSpec } from '../../../runtime/contract/manifest.ts'
import { codeDigest } from '../../../runtime/manifest/code-digest.ts'
import { createCompiler } from '../../../runtime/manifest/compile.ts'
import { goldenKinds } from '../../golden/kinds.ts'
import { folderWith } from './folder.ts'

const tool = (input: string): string => `{ summary: Gets., effect: read, input: ${input}, operation: { take: all } }`
const files = {
  'hub.config.yaml': 'manifests: ["c/*.yaml"]\ndefaults: { timeout: 1s }\n',
  'c/plain.yaml': `connector: plain\nkind: shelf\nsummary: x\nconfig: { url: { secret: URL } }\ntools:\n  get: ${tool('{ type: object, properties: {} }')}\n`,
  'c/sharing.yaml': `connector: sharing\nkind: shelf\nsummary: x\nconfig: { url: { secret: URL } }\ntools:\n  get: ${tool("{ type: object, properties: { a: { $ref: 'shared.yaml#/a' } } }")}\n`,
  'c/shared.yaml': 'a: { type: string }\n',
  'c/pinned.yaml': 'connector: pinned\nkind: upstream\nsummary: x\nconfig: { url: x }\ntools: { echo: { effect: read } }\n',
  'c/pinned.tools.json': JSON.stringify({ server: {}, tools: [{ name: 'echo', description: 'Echoes.', inputSchema: { type: 'object' } }] }),
}

async function compiling(): Promise<{ directory: string; connectors(): Promise<Readonly<Record<string, ConnectorSpec>>> }> {
  const directory = await folderWith(files)
  const compile = createCompiler()
  const connectors = async (): Promise<Readonly<Record<string, ConnectorSpec>>> => {
    const { plan, problems } = await compile({ configFile: join(directory, 'hub.config.yaml'), kinds: goldenKinds, env: {}, withoutEnvironment: true })
    expect(problems.map(({ message }) => message).join()).toBe('')
    return Object.fromEntries((plan?.connectors ?? []).map((one) => [one.name, one]))
  }
  return { directory, connectors }
}

test.each([
  ['nothing', [], 'c/plain.yaml', files['c/plain.yaml']],
  ['its own manifest', ['plain'], 'c/plain.yaml', files['c/plain.yaml'].replace('Gets.', 'Takes.')],
  ['a file it shares', ['sharing'], 'c/shared.yaml', 'a: { type: integer }\n'],
  ['its pinned definitions', ['pinned'], 'c/pinned.tools.json', files['c/pinned.tools.json'].replace('Echoes.', 'Echoes again.')],
  ['a default of the hub', ['pinned', 'plain', 'sharing'], 'hub.config.yaml', files['hub.config.yaml'].replace('1s', '2s')],
])('a change of %s builds %j anew', async (_name, expected, file, text) => {
  const { directory, connectors } = await compiling()
  const before = await connectors()
  await writeFile(join(directory, file), text)
  const after = await connectors()
  expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(expected)
  for (const name of expected) expect(after[name]).not.toEqual(before[name])
})

test('definitions that go are noticed', async () => {
  const { directory, connectors } = await compiling()
  await connectors()
  await rm(join(directory, 'c/pinned.tools.json'))
  await expect(connectors()).rejects.toThrow(/no pinned definitions/)
})

test('the digest of code is of what code is made from, and of nothing that an environment says', async () => {
  const { connectors } = await compiling()
  const { plain } = await connectors()
  const [get] = plain!.tools
  const of = (change: object): string => codeDigest({ ...plain!, tools: [{ ...get!, ...change }, ...plain!.tools.slice(1)] })
  const same = codeDigest(plain!)
  for (const change of [
    { input: { type: 'object' } },
    { output: { type: 'object' } },
    { summary: 'Other.' },
    { effect: 'write' },
    { aliases: ['x'] },
    { name: 'plain_x' },
  ]) {
    expect(of(change)).not.toBe(same)
  }
  for (const change of [
    { policy: { ...get!.policy, timeoutMs: 5 } },
    { operation: { take: 'x' } },
    { place: { file: 'x', line: 9, column: 9 } },
    { digest: 'x' },
    { tests: [] },
  ]) {
    expect(of(change)).toBe(same)
  }
  expect(codeDigest({ ...plain!, config: { pool: 9 }, start: 'eager', tools: plain!.tools.toReversed() })).toBe(same)
})
