import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { runLoad } from '../drive/load.ts'
import { KeptStreams } from '../drive/stream.ts'
import type { Target } from '../drive/target.ts'
import { workFolder } from '../folders.ts'
import { treeOf } from '../measure/proc.ts'

const startLimitMs = 60_000

/** A server to start: its command line and how it is spoken to once it runs. */
export interface Command {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Where its first answer is asked. For servers that choose their own port: the address they print. */
  readonly target: Target | ((printed: string) => Target)
}

/** A server that has given its first right answer. */
export interface Running {
  readonly pid: number
  readonly target: Target
  /** From spawning the process to its first right answer. */
  readonly startMs: number
  stop(): Promise<void>
}

/** Starts a server and waits for its first right answer. Its output goes to a log file named in every error. */
export async function startServer(server: Command): Promise<Running> {
  await mkdir(workFolder, { recursive: true })
  const logPath = join(workFolder, `${server.name.replace(/[^a-z0-9]+/gi, '-')}.log`)
  const log = createWriteStream(logPath)
  const spawnedAt = performance.now()
  const child = spawn(server.command, server.args, { cwd: server.cwd, env: { ...process.env, ...server.env }, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`))
  })
  // A bench that is interrupted leaves nothing behind: `exit` is the last that runs, and it waits for no one.
  const killTree = (): void => signal(treeOf([child.pid!]), 'SIGKILL')
  process.once('exit', killTree)
  const stop = async (): Promise<void> => {
    await stopTree(child.pid, child.exitCode === null && child.signalCode === null, ended)
    process.off('exit', killTree)
  }
  const failed = ended.then((how) => Promise.reject(new Error(`${server.name} did not start: ${how}; see ${logPath}`)))
  failed.catch(() => undefined)
  try {
    const target =
      typeof server.target === 'function' ? server.target((await Promise.race([once(child.stdout, 'data'), failed]))[0].toString().trim()) : server.target
    await Promise.race([firstAnswer(target, server.name, logPath), failed])
    return { pid: child.pid!, target, startMs: performance.now() - spawnedAt, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function firstAnswer(target: Target, name: string, logPath: string): Promise<void> {
  const until = performance.now() + startLimitMs
  let last = ''
  while (performance.now() < until) {
    const streams = new KeptStreams()
    try {
      const { wrong, firstWrong } = await runLoad({ target, concurrency: 1, settleMs: 0, measureMs: 1, pids: [] }, streams)
      if (wrong === 0) return
      last = firstWrong ?? ''
    } catch (error) {
      last = (error as Error).message
    } finally {
      streams.close()
    }
    await wait(4)
  }
  throw new Error(`${name} gave no right answer within ${startLimitMs / 1000} s; last: ${last}; see ${logPath}`)
}

/** Ends a process and all it started: politely first, then for good. */
async function stopTree(pid: number | undefined, isRunning: boolean, ended: Promise<unknown>): Promise<void> {
  if (pid === undefined || !isRunning) return
  const tree = treeOf([pid])
  signal([pid], 'SIGTERM')
  const inTime = await Promise.race([ended.then(() => true), wait(8000, false, { ref: false })])
  if (!inTime) signal(tree, 'SIGKILL')
  else signal(tree.slice(1), 'SIGKILL')
  await ended
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It has ended meanwhile.
    }
  }
}
