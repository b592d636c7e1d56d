import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownPaths, repository } from './tree.ts'

interface Manifest {
  readonly exports: unknown
  readonly bin: Readonly<Record<string, string>>
  readonly files: readonly string[]
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const read = (path: string): string => readFileSync(join(repository, path), 'utf8')
const manifest = JSON.parse(read('package.json')) as Manifest
const files = ownPaths('**/*')
  .concat(ownPaths('.*'), ownPaths('.ci/*'))
  .filter((path) => statSync(join(repository, path)).isFile())
const texts = files.filter((path) => !/\.(csv|png|ico|woff2)$/.test(path))

/** Files that grew past the measure before they were split; none may join them. */
// Tables of data, an entry after the other.
const longFiles: readonly string[] = ['averages', 'momentum', 'patterns', 'statistics', 'trend', 'volatility', 'volume'].map(
  (family) => `runtime/kinds/indicators/catalogue/${family}.ts`,
)
const mostLines = 300

test('the package exports what is listed here and nothing else', () => {
  expect(manifest.exports).toEqual({
    './client': { types: './dist/generated/client.d.ts', default: './dist/generated/client.js' },
    './schemas/*': './generated/schemas/*',
  })
  expect(Object.keys(manifest.bin)).toEqual(['hub'])
  for (const path of Object.values(manifest.bin)) expect(existsSync(join(repository, path))).toBe(true)
})

test('every version is exact', () => {
  const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(([, version]) => !/^\d/.test(version))
  expect(loose).toEqual([])
})

test('every script runs a file that is there', () => {
  const named = Object.values(manifest.scripts).flatMap((script) => script.match(/[\w/.-]+\.(ts|mjs)\b/g) ?? [])
  expect(named.length).toBeGreaterThan(4)
  expect(named.filter((path) => !existsSync(join(repository, path)))).toEqual([])
})

test('the lock file names no registry', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, { readonly resolved?: string }>> }
  expect(Object.keys(packages).length).toBeGreaterThan(100)
  expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
})

test('no file names a place on somebody’s machine', () => {
  const places = [repository, `${homedir()}/`, hostname(), ['', 'Users', ''].join('/')].filter((place) => place.length > 4)
  const named = texts.flatMap((path) => places.filter((place) => read(path).includes(place)).map((place) => `${path}: ${place}`))
  expect(named).toEqual([])
})

test('no folder is named for being anything', () => {
  // What lies in these is of one sort: the types of tools, what writes them, and what it should write.
  const types = /^(generated|codegen|tests\/(golden|unit)\/codegen)\/types\//
  const vague = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'lib', 'core', 'types', 'misc'])
  expect(
    files.filter(
      (path) =>
        !types.test(path) &&
        path
          .split('/')
          .slice(0, -1)
          .some((folder) => vague.has(folder)),
    ),
  ).toEqual([])
})

test('no file holds a conflict, a carriage return or a tab at the start of a line', () => {
  const odd = texts.filter((path) => /^(<{7}|>{7}) |\r/m.test(read(path)) || (/\.(ts|yaml|json)$/.test(path) && /^\t/m.test(read(path))))
  expect(odd).toEqual([])
})

test(`no file of the hub is longer than ${mostLines} lines`, () => {
  const long = ownPaths('{runtime,codegen}/**/*.{ts,mjs}').filter((path) => read(path).split('\n').length - 1 > mostLines)
  expect(long).toEqual(longFiles)
})

test('index.ts is a list of kinds, never a door that only passes names on', () => {
  expect(ownPaths('{runtime,codegen}/**/index.ts')).toEqual(['runtime/kinds/index.ts'])
})
