import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { inspector } from '../../runtime/commands/package.ts'
import { createProgram } from '../../runtime/commands/program.ts'
import { kinds } from '../../runtime/kinds/index.ts'
import { formatProblems } from '../../runtime/manifest/problems.ts'
import { compile } from '../../runtime/manifest/compile.ts'
import { plainHub } from './folders.ts'
import { makeFolder } from './hub.ts'

const root = resolve(import.meta.dirname, '..', '..')
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'connectors/README.md',
  ...readdirSync(resolve(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const textOf = (document: string): string => readFileSync(resolve(root, document), 'utf8')

/** The blocks of one language in a document. */
const blocksOf = (document: string, language: string): readonly string[] =>
  [...textOf(document).matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].filter(([, name]) => name === language).map(([, , block = '']) => block)

const folders: { remove(): void }[] = []
afterAll(() => {
  for (const folder of folders) folder.remove()
})

async function problemsOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = makeFolder(files)
  folders.push(folder)
  const { problems } = await compile({
    configFile: resolve(folder.path, 'hub.config.yaml'),
    kinds,
    env: { ORDERS_DATABASE_URL: 'postgres://somewhere/orders', SHOP_API_KEY: 'key', LEDGER_CLIENT_ID: 'id', LEDGER_CLIENT_SECRET: 'secret' },
  })
  return formatProblems(problems)
}

describe('every manifest in the documents is one the hub takes', () => {
  const manifests = documents
    .flatMap((document) => blocksOf(document, 'yaml').map((yaml) => ({ document, yaml })))
    .filter(({ yaml }) => /^connector:/m.test(yaml))
  test('there are some', () => expect(manifests.length).toBeGreaterThan(1))
  test.each(manifests)('in $document', async ({ yaml }) => {
    const name = (parse(yaml) as { connector: string }).connector
    expect(await problemsOf({ ...plainHub, [`connectors/${name}.yaml`]: yaml })).toBe('')
  })
})

test('so is every part of a hub.config.yaml', async () => {
  const parts = documents.flatMap((document) => blocksOf(document, 'yaml')).filter((yaml) => /^(auth|egress|limits):/m.test(yaml))
  expect(parts).not.toEqual([])
  for (const part of parts)
    expect(await problemsOf({ ...plainHub, 'hub.config.yaml': `hub: { name: plain }\nmanifests: [connectors/*.yaml]\n${part}` })).toBe('')
})

test('the mistake that README shows is told in these words', async () => {
  const [yaml = ''] = blocksOf('README.md', 'yaml')
  const told = await problemsOf({ ...plainHub, 'connectors/orders.yaml': yaml.replace(' timeout:', ' timout:') })
  const [shown] = /^connectors\/orders\.yaml[\s\S]*?(?=^```)/m.exec(textOf('README.md')) ?? ['']
  expect(told).toContain(shown.trim())
})

test.each(documents)('the JSON in %s is JSON', (document) => {
  for (const block of blocksOf(document, 'json')) expect(() => JSON.parse(block) as unknown).not.toThrow()
})

describe('every command in the documents exists, with the options it is given', () => {
  const lines = documents
    .flatMap((document) => blocksOf(document, 'sh').flatMap((block) => block.replaceAll('\\\n', ' ').split('\n')))
    .filter((line) => /^(npx )?hub /.test(line))
  test('there are some', () => expect(lines.length).toBeGreaterThan(3))
  test.each([...new Set(lines)])('%s', (line) => {
    const [name = '', second = ''] = line.replace(/^(npx )?hub /, '').split(' ')
    const command = createProgram(() => undefined).commands.find((one) => one.name() === name)
    expect(command).toBeDefined()
    const inner = command?.commands.find((one) => one.name() === second) ?? command
    const known = inner?.options.map(({ long }) => long) ?? []
    expect(known).toEqual(expect.arrayContaining([...line.matchAll(/ (--[a-z-]+)/g)].map(([, option]) => option)))
  })
})

test.each(documents)('the links in %s lead somewhere', (document) => {
  const links = [...textOf(document).matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !existsSync(resolve(root, document, '..', link)))).toEqual([])
})

test('the Inspector is named at the version of the hub’s screen', () => {
  const named = documents.flatMap((document) => textOf(document).match(/@modelcontextprotocol\/inspector@[\w.-]+/g) ?? [])
  expect(new Set(named)).toEqual(new Set([inspector]))
})
