import { mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { HubError } from '../contract/errors.ts'
import { processLife } from './process.ts'

const pollMs = 15
/** A lock file without content is being written; one that stays so was left by a process that died between two system calls. */
const emptyGraceMs = 2_000

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code

/** Runs `work` while this process alone holds the lock file; a lock left by a dead process is taken over. Rejects HUB_STORE_LOCKED after `waitMs`. */
export async function withLock<Result>(path: string, waitMs: number, work: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + waitMs
  while (!(await takeLock(path))) {
    const holder = await holderOf(path)
    if (holder === 'gone') await unlink(path).catch(() => undefined)
    else if (performance.now() > until)
      throw new HubError('HUB_STORE_LOCKED', `another process${holder === undefined ? '' : ` (${holder})`} holds ${path}; wait for it or end it`, {
        pid: holder,
      })
    else await pause(pollMs)
  }
  try {
    return await work()
  } finally {
    await unlink(path).catch(() => undefined)
  }
}

async function takeLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(await signature())
    await file.close()
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

async function holderOf(path: string): Promise<number | 'gone' | undefined> {
  try {
    const text = await readFile(path, 'utf8')
    if (text === '') return Date.now() - (await stat(path)).mtimeMs > emptyGraceMs ? 'gone' : undefined
    return (await isAlive(text)) ? Number.parseInt(text, 10) : 'gone'
  } catch {
    return undefined
  }
}

const signature = async (): Promise<string> => `${process.pid} ${(await processLife(process.pid)) ?? ''}`

async function isAlive(text: string): Promise<boolean> {
  const [pid = '', life = ''] = text.split(/ (.*)/s)
  return (await processLife(Number(pid))) === life
}

/** Notes in `folder` that this process uses what the folder stands for. Returns the file; deleting it gives the note back. */
export async function takeLease(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${process.pid}-${randomBytes(6).toString('hex')}`)
  const file = await open(path, 'wx', 0o600)
  await file.writeFile(await signature())
  await file.close()
  return path
}

/** How many processes (or parts of one) hold a lease in `folder`; leases of dead processes are swept away. */
export async function countLeases(folder: string): Promise<number> {
  let alive = 0
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    if (await isAlive(await readFile(path, 'utf8').catch(() => ''))) alive++
    else await unlink(path).catch(() => undefined)
  }
  return alive
}
