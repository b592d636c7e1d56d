import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { makeFolder, type Ended } from './hub.ts'

vi.setConfig({ testTimeout: 120_000 })
const root = resolve(import.meta.dirname, '..', '..')
let folder: ReturnType<typeof makeFolder> | undefined
afterEach(() => folder?.remove())

/** The set-up of a clone, with a registry that nobody answers at. */
async function setUp(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Promise<Ended> {
  const child = begin(files, env, args)
  let [out, error] = ['', '']
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (error += String(chunk)))
  const [exit] = (await once(child, 'close')) as [number | null]
  return { exit, out, error }
}

function begin(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>, args: readonly string[]): ChildProcessWithoutNullStreams {
  folder = makeFolder(files)
  const { path } = folder
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) if (!(file in files)) cpSync(join(root, file), join(path, file))
  for (const file of ['setup.mjs', 'setup-failures.mjs', 'setup-processes.mjs'])
    cpSync(join(root, 'runtime', file), join(path, 'runtime', file), { recursive: true })
  const nowhere = { npm_config_registry: 'http://127.0.0.1:1/', npm_config_cache: join(path, 'cache'), npm_config_fetch_retries: '0' }
  const { PATH = '' } = process.env
  return spawn(process.execPath, ['runtime/setup.mjs', ...args], { cwd: path, env: { PATH, HOME: path, ...nowhere, ...env } })
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

const complete = {
  'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } }),
  'node_modules/.package-lock.json': JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }),
}

test('half-unpacked packages, as a killed npm leaves them, are installed from the beginning', async () => {
  expect((await setUp({ 'node_modules/pg/package.json': '{"name":"pg","version":"8.23.1"}' })).out).toContain('installing what the hub needs')
  const { exit, out } = await setUp({ ...complete, '.hub/installing': '' })
  expect(exit).toBe(1)
  expect(out).toContain('installing what the hub needs')
})

test('an addition that npm gave up by itself leaves what was there in use', async () => {
  const { exit } = await setUp({
    ...complete,
    'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: { '': {}, 'node_modules/a': { version: '2.0.0' } } }),
  })
  expect(exit).toBe(1)
  expect(existsSync(join(folder?.path as string, '.hub', 'installing'))).toBe(false)
})

test.each([
  { signal: 'SIGINT', exit: 130 },
  { signal: 'SIGTERM', exit: 143 },
  { signal: 'SIGHUP', exit: 129 },
] as const)('$signal ends npm with the set-up, and the next one begins anew', async ({ signal, exit }) => {
  // A registry that takes the request and never answers.
  const registry = createServer()
  await once(registry.listen(0, '127.0.0.1'), 'listening')
  try {
    const child = begin({}, { npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/` }, [])
    const ended = once(child, 'close')
    const [connection] = (await once(registry, 'connection')) as [Socket]
    const left = once(connection.on('error', () => undefined).resume(), 'close')
    child.kill(signal)
    expect(await ended).toEqual([exit, null])
    await left
    expect(existsSync(join(folder?.path as string, '.hub', 'installing'))).toBe(true)
  } finally {
    registry.close()
  }
})
