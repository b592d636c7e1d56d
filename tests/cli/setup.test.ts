import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { makeFolder, type Ended } from './hub.ts'

vi.setConfig({ testTimeout: 120_000 })
const root = resolve(import.meta.dirname, '..', '..')
let folder: ReturnType<typeof makeFolder> | undefined
afterEach(() => folder?.remove())

/** The set-up of a clone, with a registry that nobody answers at. */
async function setUp(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Promise<Ended> {
  folder = makeFolder(files)
  const { path } = folder
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) if (!(file in files)) cpSync(join(root, file), join(path, file))
  for (const file of ['setup.mjs', 'setup-failures.mjs']) cpSync(join(root, 'runtime', file), join(path, 'runtime', file), { recursive: true })
  const nowhere = { npm_config_registry: 'http://127.0.0.1:1/', npm_config_cache: join(path, 'cache'), npm_config_fetch_retries: '0' }
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, ['runtime/setup.mjs', ...args], { cwd: path, env: { PATH, HOME: path, ...nowhere, ...env } })
  let [out, error] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (error += String(chunk)))
  const [exit] = (await once(child, 'close')) as [number | null]
  return { exit, out, error }
}

test('without a network the set-up says so, and what to do', async () => {
  const { exit, out, error } = await setUp({})
  expect(exit).toBe(1)
  expect(out).toContain('installing what the hub needs')
  expect(error).toContain('set-up failed: npm cannot reach its package registry')
  expect(error).toContain('check the network')
})

test('an npm that is too old is named', async () => {
  const { exit, error } = await setUp({}, { npm_config_user_agent: 'npm/9.8.1 node/v20.0.0 linux x64' })
  expect(exit).toBe(1)
  expect(error).toContain('set-up failed: this is npm 9.8.1')
})

test('where everything is there, nothing is done', async () => {
  const lock = { lockfileVersion: 3, packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0', optional: true } } }
  const files = {
    'package-lock.json': JSON.stringify(lock),
    'node_modules/.package-lock.json': JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }),
    'node_modules/node/bin/node': '',
    'node_modules/node/bin/node.exe': '',
  }
  expect(await setUp(files)).toEqual({ exit: 0, out: '', error: '' })
})

test('what only tests need is missing for tests alone', async () => {
  const lock = { lockfileVersion: 3, packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0', dev: true } } }
  const files = {
    'package-lock.json': JSON.stringify(lock),
    'node_modules/.package-lock.json': JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }),
    'node_modules/node/bin/node': '',
    'node_modules/node/bin/node.exe': '',
  }
  expect(await setUp(files)).toEqual({ exit: 0, out: '', error: '' })
  expect((await setUp(files, {}, ['--all'])).out).toContain('installing 1 missing packages')
})

test('an optional package that package.json names is missing when it is not there', async () => {
  const lock = { lockfileVersion: 3, packages: { '': {}, 'node_modules/node': { version: '24.21.0', optional: true } } }
  const { out } = await setUp({ 'package-lock.json': JSON.stringify(lock), 'node_modules/.package-lock.json': JSON.stringify({ packages: {} }) })
  expect(out).toContain('installing 1 missing packages')
})

test('a package of another version than the lock file’s is missing', async () => {
  const lock = { lockfileVersion: 3, packages: { '': {}, 'node_modules/a': { version: '2.0.0' } } }
  const { exit, out } = await setUp({
    'package-lock.json': JSON.stringify(lock),
    'node_modules/.package-lock.json': JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }),
  })
  expect(exit).toBe(1)
  expect(out).toContain('installing 1 missing packages')
})
