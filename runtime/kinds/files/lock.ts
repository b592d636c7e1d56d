import { closeSync, readSync, writeSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import type { Directory } from './directory.ts'
import { down, hasCode, isFull } from './failures.ts'
import type { Token } from './token.ts'

const file = 'lock'
// Work under the lock takes milliseconds: one this old belongs to somebody who will not come back.
const staleMs = 30_000
const longestWaitMs = 10_000

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 12)

/** A process, as the names of its locks and temporary files tell it: machine, process, and which of the processes that had this number. */
export const signature = (life: string): string => `${host}.${process.pid}.${life}`

/** True when the process that left this is known to be gone. */
export function isGone(mark: string, life: string): boolean {
  const [machine, pid, other] = mark.split('.')
  if (machine !== host || pid === undefined || other === undefined) return false
  if (Number(pid) === process.pid) return other !== life
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return hasCode(error, 'ESRCH')
  }
}

/**
 * Takes the lock of a space: no other writer has it at the same time, in this process or another. Whoever took it lets it go.
 * The lock is a file, since Node has no other: it is made with O_EXCL, and broken when its process is gone or it is 30 s old.
 */
export async function takeLock(state: Directory, life: string, token: Token): Promise<void> {
  const giveUpAt = performance.now() + longestWaitMs
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    token.check()
    if (take(state, life)) return
    if (performance.now() > giveUpAt) throw down('another process keeps this folder locked')
    breakStale(state, life)
    await wait(pauseMs)
  }
}

/** Does something under the lock, in one turn. */
export async function underLock<Result>(state: Directory, life: string, token: Token, work: () => Result): Promise<Result> {
  await takeLock(state, life, token)
  try {
    return work()
  } finally {
    releaseLock(state)
  }
}

function take(state: Directory, life: string): boolean {
  try {
    const fd = state.createFile(file)
    try {
      writeSync(fd, signature(life))
    } catch (error) {
      // On a full disk files must still be deleted; a lock without a name is broken by its age alone.
      if (!isFull(error)) throw error
    } finally {
      closeSync(fd)
    }
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

/** Lets a lock go that was taken. */
export function releaseLock(state: Directory): void {
  try {
    state.unlink(file)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

function breakStale(state: Directory, life: string): void {
  const open = state.openFile(file, file)
  if (open === undefined) return
  try {
    const bytes = Buffer.alloc(200)
    const mark = bytes.toString('latin1', 0, readSync(open.fd, bytes, 0, bytes.length, 0))
    const ageMs = Date.now() - Number(open.status.mtimeMs)
    if (!isGone(mark, life) && ageMs < staleMs) return
    // Somebody else may have broken it already, and taken it.
    if (state.status(file)?.ino === open.status.ino) releaseLock(state)
  } finally {
    closeSync(open.fd)
  }
}
