import { Worker } from 'node:worker_threads'
import { HubError } from '../../contract/errors.ts'
import { down } from './failures.ts'
import { Numbers, type FromWorker, type ToWorker } from './messages.ts'
import type { ReplyTo, Request } from './requests.ts'
import type { Space } from './spaces.ts'
import type { VaultConfig } from './vault.ts'

/** Where files are asked for. */
export interface Desk {
  /** Rejects with the signal's reason when it aborts first; the work is then given up, if it was not done yet. */
  ask<Asked extends Request>(asked: Asked, signal?: AbortSignal): Promise<ReplyTo<Asked>>
  close(): Promise<void>
}

const mostWaiting = 1_024
const closeMs = 2_000
const mostMemoryMb = 256
// Beside the sources, or beside what was built of them.
const besideThis = new URL(import.meta.url.endsWith('.ts') ? 'worker.ts' : 'worker.js', import.meta.url)
/** What a message gives away instead of copying it. */
const nothingMoved: never[] = []

interface Waiting {
  readonly resolve: (reply: never) => void
  readonly reject: (error: Error) => void
}

/**
 * A desk whose work is done by a thread of its own, started with the first question. A disk that hangs then hangs nobody but its own connector, neither the hub's thread nor the few threads
 * Node has for files, names and compression; and calls that wait for the disk cost less there than promises would.
 */
export function openDesk(config: VaultConfig, changed: (watch: number) => void, program: URL = besideThis): Desk {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let numbers = new Numbers(tellSpace)
  let outgoing: ToWorker[] = []
  let isClosed = false
  let last = 0

  function start(): Worker {
    const started = new Worker(program, {
      workerData: config,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: mostMemoryMb },
    })
    started.on('message', (messages: readonly FromWorker[]) => {
      for (const message of messages) hear(message)
      if (waiting.size === 0) worker?.unref()
    })
    started.on('error', (error) => lose(started, error))
    started.on('exit', () => lose(started))
    started.unref()
    return started
  }

  function hear(message: FromWorker): void {
    if ('changed' in message) return changed(message.changed)
    const one = waiting.get(message.id)
    if (one === undefined) return
    waiting.delete(message.id)
    if ('reply' in message) one.resolve(message.reply as never)
    else if ('error' in message) one.reject(new HubError(message.error.code, message.error.message, message.error.details))
    else one.reject(message.fault)
  }

  function lose(lost: Worker, error?: unknown): void {
    if (worker !== lost) return
    worker = undefined
    // The next thread knows no number.
    numbers = new Numbers(tellSpace)
    outgoing = []
    const reason = new HubError('HUB_CONNECTOR_DOWN', 'the thread that reads and writes these files ended; try again in 1 s', { retryAfterMs: 1_000 }, error)
    for (const one of waiting.values()) one.reject(reason)
    waiting.clear()
  }

  function tellSpace(number: number, space: Space): void {
    send({ number, space })
  }

  // What is asked in one turn goes out together: a message costs more than what is in it.
  function send(message: ToWorker): void {
    outgoing.push(message)
    if (outgoing.length === 1) process.nextTick(sendAll)
  }

  function sendAll(): void {
    const messages = outgoing
    outgoing = []
    if (isClosed) return
    worker ??= start()
    if (waiting.size > 0) worker.ref()
    worker.postMessage(messages, nothingMoved)
  }

  function ask<Asked extends Request>(asked: Asked, signal?: AbortSignal): Promise<ReplyTo<Asked>> {
    if (isClosed) return Promise.reject(down('the connector is closed'))
    if (signal?.aborted === true) return Promise.reject(reasonOf(signal))
    if (waiting.size >= mostWaiting) return Promise.reject(new HubError('HUB_LIMITED', 'too many calls wait for these files', { retryAfterMs: 1_000 }))
    const id = (last += 1)
    return new Promise((resolve, reject) => {
      if (signal === undefined) waiting.set(id, { resolve, reject })
      else {
        const leave = (): void => {
          waiting.delete(id)
          if (waiting.size === 0) worker?.unref()
          send({ cancel: id })
          reject(reasonOf(signal))
        }
        waiting.set(id, {
          resolve: (reply) => {
            signal.removeEventListener('abort', leave)
            resolve(reply)
          },
          reject: (error) => {
            signal.removeEventListener('abort', leave)
            reject(error)
          },
        })
        signal.addEventListener('abort', leave, { once: true })
      }
      send({ id, asked: numbers.numbered(asked) })
    })
  }

  async function close(): Promise<void> {
    isClosed = true
    const closing = worker
    worker = undefined
    for (const one of waiting.values()) one.reject(down('the connector is closed'))
    waiting.clear()
    if (closing === undefined) return
    const ended = new Promise<void>((resolve) => closing.once('exit', () => resolve()))
    closing.postMessage([{ close: true }] satisfies readonly ToWorker[], nothingMoved)
    // A thread that hangs in its disk is not waited for.
    const timer = setTimeout(() => void closing.terminate(), closeMs)
    await Promise.race([ended, new Promise<void>((resolve) => setTimeout(resolve, closeMs + 500).unref())])
    clearTimeout(timer)
  }

  return { ask, close }
}

/** Why a call that its caller gave up has no answer. */
export function reasonOf({ reason }: AbortSignal): HubError {
  return reason instanceof HubError ? reason : new HubError('HUB_CANCELLED', 'the call was cancelled')
}
