import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments, parseDocument } from 'yaml'
import type { Problem } from '../../runtime/contract/place.ts'
import { kinds } from '../../runtime/kinds/index.ts'
import { compile } from '../../runtime/manifest/compile.ts'
import { ownPaths, repository } from './tree.ts'

interface Block {
  readonly place: string
  readonly text: string
  /** Its top-level keys. */
  readonly keys: readonly string[]
}

const configKeys = ['hub', 'manifests', 'overlays', 'stores', 'auth', 'limits', 'egress', 'defaults', 'cache', 'tiers', 'toolsets']
const documents = [...ownPaths('*.md'), ...ownPaths('{docs,connectors,bench,examples}/**/*.md')]
const blocks: readonly Block[] = documents.flatMap(yamlBlocks)
const manifests = blocks.filter(({ keys }) => keys.includes('connector'))
const configs = blocks.filter(({ keys }) => keys.length > 0 && keys.every((key) => configKeys.includes(key)))

function yamlBlocks(path: string): Block[] {
  const text = readFileSync(join(repository, path), 'utf8')
  return [...text.matchAll(/^```ya?ml\n(.*?)^```$/gms)].map(({ 1: block = '', index }) => {
    const place = `${path}:${text.slice(0, index).split('\n').length}`
    const value: unknown = parseDocument(block).toJS()
    return { place, text: block, keys: value !== null && typeof value === 'object' ? Object.keys(value) : [] }
  })
}

/** The errors of a hub whose files are those of the repository, with these written over them. */
async function errorsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-documents-'))
  try {
    await cp(join(repository, 'connectors'), join(folder, 'connectors'), { recursive: true })
    await cp(join(repository, 'hub.config.yaml'), join(folder, 'hub.config.yaml'))
    for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text)
    const { problems } = await compile({ configFile: join(folder, 'hub.config.yaml'), kinds, env: {} })
    return problems.filter(({ severity }) => severity === 'error').map(sentence)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const sentence = ({ place, code, message, hint }: Problem): string => `${place.file}:${place.line}:${place.column}  ${code}  ${message}; ${hint ?? ''}`

test('the documents have examples, manifests and settings among them', () => {
  expect(documents).toContain('README.md')
  expect(manifests.length).toBeGreaterThanOrEqual(2)
  expect(configs.length).toBeGreaterThanOrEqual(1)
})

test.each(blocks)('$place is YAML', ({ text }) => {
  expect(parseAllDocuments(text).flatMap((document) => [...document.errors, ...document.warnings])).toEqual([])
})

test.each(manifests)('$place is a manifest that compiles', async ({ text }) => {
  expect(await errorsOf({ 'connectors/example-of-the-documents.yaml': text })).toEqual([])
})

test.each(configs)('$place is a hub.config.yaml that compiles, its other sections as they are shipped', async ({ text, keys }) => {
  const shipped = parseDocument(await readFile(join(repository, 'hub.config.yaml'), 'utf8'))
  for (const key of keys) shipped.delete(key)
  expect(await errorsOf({ 'hub.config.yaml': `${shipped.toString()}\n${text}` })).toEqual([])
})

describe('what is shipped', () => {
  test('compiles without a problem', async () => {
    const { plan, problems } = await compile({
      configFile: join(repository, 'hub.config.yaml'),
      kinds,
      env: {
        MARKET_DATABASE_URL: 'postgres://localhost/market',
        CLICKHOUSE_URL: 'http://localhost:8123/market',
        KAFKA_BROKERS: 'localhost:9092',
        TWELVE_DATA_API_KEY: 'key',
        CRYPTOCOMPARE_API_KEY: 'key',
      },
    })
    expect(problems.map(sentence)).toEqual([])
    expect(plan?.connectors.map(({ name }) => name)).toEqual(expect.arrayContaining(['hub', 'market', 'memory', 'everything']))
  })

  const written = ['hub.config.yaml', ...ownPaths('connectors/**/*.yaml')].filter((path) =>
    /^(connector|hub):/m.test(readFileSync(join(repository, path), 'utf8')),
  )

  test.each(written)('%s tells editors its schema, which is there', async (path) => {
    const [, schema] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(await readFile(join(repository, path), 'utf8')) ?? []
    expect(schema).toBeDefined()
    await expect(readFile(join(repository, path, '..', schema ?? ''), 'utf8')).resolves.toContain('"$schema"')
  })
})
