import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { errorTable } from '../../runtime/contract/errors.ts'
import { ownPaths, repository } from './tree.ts'

/** What else begins with HUB_: settings of the environment. */
const ofTests = ['HUB_PYTHON', 'HUB_TEST_CLICKHOUSE', 'HUB_TEST_CONTAINERS', 'HUB_TEST_KAFKA', 'HUB_TEST_REDIS']
const settings = ['HUB_AUTH', 'HUB_DIRECTORY', 'HUB_ENV', 'HUB_FILES', 'HUB_KEY', 'HUB_LISTEN', 'HUB_LOG', 'HUB_URL']
/** Codes that nothing throws yet, each with the reason why the table has it. */
const unused: readonly string[] = []

const read = (path: string): string => readFileSync(join(repository, path), 'utf8')
const tokens = (text: string): readonly string[] => text.match(/\bHUB_[A-Z]+(?:_[A-Z]+)*\b/g) ?? []
const code = ownPaths('{runtime,codegen}/**/*.{ts,mjs}').filter((path) => path !== 'runtime/contract/errors.ts')
const prose = [
  ...ownPaths('*.md'),
  ...ownPaths('{docs,connectors,bench,examples}/**/*.md'),
  ...ownPaths('**/*.yaml').filter((path) => !path.startsWith('tests/')),
]
const codes = Object.keys(errorTable)

test('the reference page has every code of the table, with its status and meaning, and no other', () => {
  const rows = [...read('docs/errors.md').matchAll(/^\| `(HUB_[A-Z_]+)`\s*\| (\d+)\s*\| [^|]+\| (.+?)\s*\|$/gm)]
  expect(rows.map(([, code, status, meaning]) => ({ code, status: Number(status), meaning }))).toEqual(
    Object.entries(errorTable).map(([name, { status, meaning }]) => ({ code: name, status, meaning })),
  )
})

test('whatever the code and the documents call HUB_… is a code of the table or a setting', () => {
  const strangers = [...code, ...prose].flatMap((path) =>
    tokens(read(path))
      .filter((token) => !codes.includes(token) && !settings.includes(token) && !ofTests.includes(token))
      .map((token) => `${path}: ${token}`),
  )
  expect(strangers).toEqual([])
})

test('every code of the table is used', () => {
  const used = new Set(code.flatMap((path) => tokens(read(path))))
  expect(codes.filter((name) => !used.has(name))).toEqual(unused)
})

test('every setting is read by the hub', () => {
  const named = new Set([...code, 'hub.config.yaml', 'connectors/files.yaml'].flatMap((path) => tokens(read(path))))
  expect(settings.filter((name) => !named.has(name))).toEqual([])
})

test('a meaning is one lower-case clause', () => {
  const odd = Object.entries(errorTable).filter(([, { meaning }]) => !/^\p{Ll}|^\$/u.test(meaning) || /[.!]$/.test(meaning))
  expect(odd).toEqual([])
})
