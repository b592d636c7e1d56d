import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { ensureDatabase, openEmbedded } from '../../../runtime/store/embedded.ts'
import { findServer } from '../../../runtime/store/server.ts'
import { processLife } from '../../../runtime/store/process.ts'
import { quiet, temporaryFolder } from './temporary.ts'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

async function folder(): Promise<string> {
  const made = await temporaryFolder()
  cleanUps.push(made.remove)
  return made.path
}

/** A folder whose store was made by an earlier test: starting is quicker than making. */
let made: ReturnType<typeof temporaryFolder> | undefined
const usedFolder = async (): Promise<string> => (await (made ??= temporaryFolder())).path
afterAll(async () => (await made)?.remove())

async function open(directory: string, onProgress?: (message: string) => void) {
  const store = await openEmbedded({ directory, log: quiet, onProgress })
  cleanUps.push(() => store.close())
  return store
}

async function ask(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

const dataOf = (directory: string): string => join(directory, '.hub', 'postgres', 'data')

async function serverOf(directory: string): Promise<number> {
  const found = await findServer(dataOf(directory))
  if (found === undefined) throw new Error('no server runs')
  return found.pid
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20)
}

/** Another process that opens the store of a folder, says so, and stays. */
async function neighbour(directory: string): Promise<{ readonly owned: boolean; readonly pid: number; kill(): Promise<void>; end(): Promise<void> }> {
  const script = `
    import { openEmbedded } from ${JSON.stringify(new URL('../../../runtime/store/embedded.ts', import.meta.url).href)}
    const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
    const store = await openEmbedded({ directory: ${JSON.stringify(directory)}, log: quiet })
    process.send(store.owned)
    process.once('message', async () => { await store.close(); process.disconnect() })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [owned] = (await once(child, 'message')) as [boolean]
  const finish = async (act: () => void): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    act()
    await gone
  }
  const kill = (): Promise<void> => finish(() => child.kill('SIGKILL'))
  cleanUps.push(kill)
  return { owned, pid: child.pid ?? 0, kill, end: () => finish(() => child.send('end')) }
}

test('a first start creates the store, tells its progress, and asks for a password', async () => {
  const directory = await folder()
  const told: string[] = []
  const store = await open(directory, (message) => told.push(message))
  expect(store.owned).toBe(true)
  expect(told).toEqual(['creating the embedded PostgreSQL', 'starting the embedded PostgreSQL'])
  expect(await ask(store.url(), 'SHOW fsync')).toEqual([{ fsync: 'on' }])
  expect((await stat(join(directory, '.hub', 'postgres', 'password'))).mode & 0o077).toBe(0)
  await expect(ask(store.url().replace(/:[0-9a-f]{64}@/, ':wrong@'), 'SELECT 1')).rejects.toThrow('password authentication failed')
})

test('the server listens on loopback only and ends with its last user', async () => {
  const directory = await usedFolder()
  const store = await open(directory)
  const pid = await serverOf(directory)
  expect(await ask(store.url(), 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
  await store.close()
  await store.close()
  expect(await processLife(pid)).toBeUndefined()
  expect(await readdir(join(directory, '.hub', 'postgres', 'users'))).toEqual([])
})

test('data outlives a stop, and a second start creates nothing', async () => {
  const directory = await usedFolder()
  const first = await open(directory)
  await ask(first.url(), 'DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 1 AS one')
  await first.close()
  const told: string[] = []
  const second = await open(directory, (message) => told.push(message))
  expect(told).toEqual(['starting the embedded PostgreSQL'])
  expect(await ask(second.url(), 'SELECT * FROM kept')).toEqual([{ one: 1 }])
})

test('a second process attaches, and the server stays for it when the first one leaves', async () => {
  const directory = await usedFolder()
  const first = await open(directory)
  const pid = await serverOf(directory)
  const second = await neighbour(directory)
  expect(second.owned).toBe(false)
  await first.close()
  expect(await processLife(pid)).toBeDefined()
  await second.end()
  expect(await processLife(pid)).toBeUndefined()
})

test('two processes that start at one moment share one server', async () => {
  const directory = await folder()
  const both = await Promise.all([neighbour(directory), neighbour(directory)])
  expect(both.filter(({ owned }) => owned)).toHaveLength(1)
  for (const one of both) await one.end()
})

test('a user killed with -9 takes the server with it', async () => {
  const directory = await usedFolder()
  const user = await neighbour(directory)
  const pid = await serverOf(directory)
  await user.kill()
  await expect.poll(() => processLife(pid), { timeout: 10_000 }).toBeUndefined()
})

test('the server stays for others when its starter is killed with -9', async () => {
  const directory = await usedFolder()
  const starter = await neighbour(directory)
  const pid = await serverOf(directory)
  const store = await open(directory)
  expect(store.owned).toBe(false)
  await starter.kill()
  expect(await ask(store.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await store.close()
  expect(await processLife(pid)).toBeUndefined()
})

test('a server killed with -9 is recovered by the next start, and those who used it find it where it was', async () => {
  const directory = await usedFolder()
  const first = await open(directory)
  await ask(first.url(), 'DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 1 AS one')
  const pid = await serverOf(directory)
  process.kill(pid, 'SIGKILL')
  await until(async () => (await processLife(pid)) === undefined)
  const second = await open(directory)
  expect(await ask(second.url(), 'SELECT * FROM kept')).toEqual([{ one: 1 }])
  expect(second.url()).toBe(first.url())
})

test('a server killed with -9 is started again by those who use it', async () => {
  const directory = await usedFolder()
  const store = await open(directory)
  const pid = await serverOf(directory)
  process.kill(pid, 'SIGKILL')
  const revived = await vi.waitUntil(
    async () => await findServer(dataOf(directory)).then((found) => (found?.pid !== pid && found?.ready ? found : undefined)),
    30_000,
  )
  expect(await ask(store.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await store.close()
  expect(await processLife(revived.pid)).toBeUndefined()
})

test.each([
  ['of a process that is gone', '999999999'],
  ['of another program that has its process id now', String(process.pid)],
])('a stale postmaster.pid %s is recovered', async (_case, pid) => {
  const directory = await usedFolder()
  await (await open(directory)).close()
  const note = join(dataOf(directory), 'postmaster.pid')
  await writeFile(note, [pid, dataOf(directory), '1700000000', '5432', '', '127.0.0.1', '', 'ready   ', ''].join('\n'))
  await chmod(note, 0o644)
  const store = await open(directory)
  expect(store.owned).toBe(true)
  expect(await ask(store.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('stale locks, leases and half-made folders of dead processes are swept away', async () => {
  const directory = await folder()
  await mkdir(join(directory, '.hub', 'postgres.new-left'), { recursive: true })
  await writeFile(join(directory, '.hub', 'postgres.lock'), '999999999 1')
  const store = await open(directory)
  const users = join(directory, '.hub', 'postgres', 'users')
  await writeFile(join(users, '999999999-aa'), '999999999 1')
  const pid = await serverOf(directory)
  await store.close()
  expect(await processLife(pid)).toBeUndefined()
  expect(await readdir(join(directory, '.hub'))).toEqual(['postgres'])
})

test('a store that cannot start says why in PostgreSQL’s own words', async () => {
  const directory = await folder()
  await (await open(directory)).close()
  await writeFile(join(dataOf(directory), 'PG_VERSION'), '12\n')
  await expect(open(directory)).rejects.toMatchObject({ code: 'HUB_STORE_DOWN', message: expect.stringContaining('initialized by PostgreSQL version 12') })
})

test.runIf(process.getuid?.() === 0)('as root, a folder on the way that others may not enter is named', async () => {
  const directory = await folder()
  const closed = join(directory, 'closed')
  await mkdir(closed, { mode: 0o700 })
  await expect(open(closed)).rejects.toMatchObject({ code: 'HUB_SETUP', message: expect.stringContaining(`chmod o+x ${closed}`) })
})

test('databases are created once, whatever their name and however many ask', async () => {
  const directory = await usedFolder()
  const store = await open(directory)
  const name = 'mar"ket und mehr'
  await Promise.all([1, 2, 3].map(() => ensureDatabase(store.url(), name)))
  expect(await ask(store.url(name), 'SELECT current_database()')).toEqual([{ current_database: name }])
})

test('statements and their data are not written to the log', async () => {
  const directory = await usedFolder()
  const store = await open(directory)
  await expect(ask(store.url(), "SELECT 'top-secret-value'::int")).rejects.toThrow('invalid input syntax')
  expect(await readFile(join(directory, '.hub', 'postgres', 'log'), 'utf8')).not.toContain('top-secret-value')
})
