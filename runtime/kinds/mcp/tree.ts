import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Command } from './command.ts'

/** A child that leads its own process group, so that it and everything it started can be ended together. */
export interface Tree {
  readonly child: ChildProcessWithoutNullStreams
  /** Resolves once the child has exited and its output has been read, with a sentence that says how. */
  readonly closed: Promise<string>
  /** Closes its input, then TERM, then KILL to the whole group; resolves when nothing of it is left. Safe to call again. */
  end(): Promise<void>
}

// What must die with the process is a fact of the process, whoever started it: one list, one listener.
const living = new Set<number>()
let watching = false
// What a child printed just before it died may still be in the pipe; a grandchild may hold the pipe open for good.
const lastWordsMs = 250

function endAllOnExit(): void {
  if (watching) return
  watching = true
  process.on('exit', () => {
    for (const group of living) signalGroup(group, 'SIGKILL')
  })
}

/** How long a child may take to end by itself, in milliseconds. */
export interface Grace {
  /** After its input was closed: many never notice. */
  readonly inputMs: number
  readonly termMs: number
}

/** Starts a command as the leader of a new process group. */
export function spawnTree(command: Command, grace: Grace): Tree {
  const child = spawn(command.file, command.args, { cwd: command.cwd, env: command.env, detached: true, stdio: 'pipe', windowsHide: true })
  const group = child.pid
  if (group !== undefined) {
    endAllOnExit()
    living.add(group)
  }
  const exited = new Promise<string>((done) => {
    child.once('error', (error) => {
      if (child.pid === undefined) done(`could not be started: ${error.message}`)
    })
    child.once('exit', (code, signal) => done(signal === null ? `exited with code ${code}` : `was ended by ${signal}`))
  })
  const read = new Promise<void>((done) => child.once('close', () => done()))
  let ending: Promise<void> | undefined
  const end = (): Promise<void> =>
    (ending ??= group === undefined ? Promise.resolve() : endGroup(child, group, exited, read, grace).finally(() => living.delete(group)))
  // A child that dies by itself may leave its own children behind.
  const closed = exited.then(async (how) => {
    void end()
    await within(read, lastWordsMs)
    return how
  })
  return { child, closed, end }
}

async function endGroup(child: ChildProcessWithoutNullStreams, group: number, exited: Promise<string>, read: Promise<void>, grace: Grace): Promise<void> {
  child.stdin.end()
  await within(exited, grace.inputMs)
  if (signalGroup(group, 'SIGTERM')) await groupGone(group, grace.termMs)
  if (signalGroup(group, 'SIGKILL')) await groupGone(group, grace.termMs)
  await exited
  await within(read, lastWordsMs)
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
}

/** False when the group has no member any more. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}

async function groupGone(group: number, atMostMs: number): Promise<void> {
  const until = performance.now() + atMostMs
  while (signalGroup(group, 0) && performance.now() < until) await within(new Promise(() => undefined), 10)
}

function within(promise: Promise<unknown>, ms: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((done) => (timer = setTimeout(done, ms)))
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
