import type { Redis } from 'ioredis'
import { HubError } from '../../contract/errors.ts'
import type { Logger } from '../../contract/telemetry.ts'
import { atTurnEnd } from '../../contract/turn.ts'
import { commandFailure, connectFailure, isFatal, replyCode } from './redis-failures.ts'
import type { Script } from './scripts.ts'
import type { Waiting } from './store.ts'
import { abandoned, waitedFor } from './waiting.ts'

/** Makes a client that connects when told to: once, or again and again with these pauses. */
export type MakeClient = (retry?: (times: number) => number) => Redis

const mostPending = 4_096
// The driver bounds each connection; this bounds looking for all nodes of a cluster.
const connectMs = 15_000
const endMs = 2_000

/** One connection to Redis, made when it is needed and made anew when it was lost. */
export class RedisLink {
  readonly #make: MakeClient
  readonly #log: Logger
  #client: Redis | undefined
  #connecting: Promise<Redis> | undefined
  #isClosed = false
  #pending = 0
  #isCorked = false
  /** How much later Redis' clock is than ours, in milliseconds. */
  #ahead = 0

  constructor(make: MakeClient, log: Logger) {
    this.#make = make
    this.#log = log
  }

  /** The text under a key; null: none. The one command of the hot path. */
  get(key: string, waiting: Waiting): Promise<string | null> {
    const client = this.#client
    if (client === undefined || waiting.signal.aborted || this.#pending >= mostPending) return this.#run((one) => one.get(key), false, waiting)
    this.#together(client)
    return this.#answer(client, client.get(key), false, waiting)
  }

  // Commands of one turn of the event loop are written together: each write of its own costs more than the command. One that is alone is not kept waiting.
  #together(client: Redis): void {
    const { stream } = client as { readonly stream?: { cork(): void; uncork(): void } }
    if (this.#pending === 0 || this.#isCorked || stream === undefined) return
    this.#isCorked = true
    stream.cork()
    atTurnEnd(() => {
      this.#isCorked = false
      stream.uncork()
    })
  }

  /** The reply of one command that changes nothing. */
  command<Reply>(send: (client: Redis) => Promise<Reply>, waiting: Waiting): Promise<Reply> {
    return this.#run(send, false, waiting)
  }

  /** Runs a script; `clock` is empty where Redis' own time counts. Resolves with its reply, behind the word it begins with. */
  async script(
    script: Script,
    keys: readonly string[],
    clock: string,
    args: readonly (string | number)[],
    waiting: Waiting,
  ): Promise<readonly [string, ...unknown[]]> {
    for (let attempt = 0; ; attempt += 1) {
      const late = Number.isFinite(waiting.deadline) && clock === '' ? String(Math.ceil(waiting.deadline + this.#ahead)) : ''
      const all = [...keys, clock, late, ...args]
      const reply = await this.#run((client) => sendScript(client, script, keys.length, all), !script.isRead, waiting)
      if (reply[0] !== 'late') return reply
      // Either the deadline passed on the way, and then the caller is told at once; or one of the clocks was moved.
      if (Date.now() >= waiting.deadline || attempt === 2) throw abandoned({ ...waiting, deadline: 0 }, 'nothing')
      const client = this.#client
      if (client) await this.#compareClocks(client)
    }
  }

  async #run<Reply>(send: (client: Redis) => Promise<Reply>, isWrite: boolean, waiting: Waiting): Promise<Reply> {
    if (waiting.signal.aborted) throw abandoned(waiting, 'nothing')
    if (this.#pending >= mostPending) throw new HubError('HUB_LIMITED', 'too many calls wait for this Redis', { retryAfterMs: 1_000 })
    const client = this.#client ?? (await waitedFor(this.#connect(), waiting, 'nothing'))
    this.#together(client)
    return this.#answer(client, send(client), isWrite, waiting)
  }

  // One promise and one listener a command: this is on the path of every call.
  #answer<Reply>(client: Redis, reply: Promise<Reply>, isWrite: boolean, waiting: Waiting): Promise<Reply> {
    const { signal } = waiting
    this.#pending += 1
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(abandoned(waiting, isWrite ? 'unknown' : 'nothing'))
      signal.addEventListener('abort', leave)
      reply.then(
        (value) => {
          this.#pending -= 1
          signal.removeEventListener('abort', leave)
          resolve(value)
        },
        (error: Error) => {
          this.#pending -= 1
          signal.removeEventListener('abort', leave)
          if (isFatal(error)) this.#drop(client)
          reject(commandFailure(error, isWrite))
        },
      )
    })
  }

  #connect(): Promise<Redis> {
    if (this.#isClosed) return Promise.reject(new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 }))
    this.#connecting ??= this.#connected().finally(() => (this.#connecting = undefined))
    return this.#connecting
  }

  async #connected(): Promise<Redis> {
    const client = this.#make()
    let fault: Error | undefined
    client.on('error', (error: Error) => (fault = error))
    client.on('end', () => this.#drop(client))
    const timer = setTimeout(() => client.disconnect(), connectMs)
    try {
      await client.connect()
      await this.#compareClocks(client)
    } catch (error) {
      client.disconnect()
      throw connectFailure(fault ?? (error as Error))
    } finally {
      clearTimeout(timer)
    }
    if (this.#isClosed) {
      client.disconnect()
      throw new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 })
    }
    this.#client = client
    return client
  }

  async #compareClocks(client: Redis): Promise<void> {
    const before = Date.now()
    const [seconds = 0, micros = 0] = (await client.time()) as unknown as readonly (string | number)[]
    this.#ahead = Number(seconds) * 1_000 + Number(micros) / 1_000 - (before + Date.now()) / 2
  }

  #drop(client: Redis): void {
    if (this.#client !== client) return
    this.#client = undefined
    client.disconnect()
    if (!this.#isClosed) this.#log.debug('redis connection lost')
  }

  /** Ends the connection; commands under way are given up. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#connecting?.catch(() => undefined)
    const client = this.#client
    this.#client = undefined
    if (client) await ended(client)
  }
}

/** Resolves when a client's socket is closed, or soon. */
export function ended(client: Redis): Promise<void> {
  if (client.status === 'end') return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, endMs)
    client.once('end', () => {
      clearTimeout(timer)
      resolve()
    })
    client.disconnect()
  })
}

async function sendScript(client: Redis, { sha, lua }: Script, keyCount: number, args: readonly (string | number)[]): Promise<readonly [string, ...unknown[]]> {
  try {
    return (await client.evalsha(sha, keyCount, ...args)) as readonly [string, ...unknown[]]
  } catch (error) {
    // Nothing ran: the script was never sent to this Redis, or flushed from it.
    if (replyCode(error as Error) !== 'NOSCRIPT') throw error
    return (await client.eval(lua, keyCount, ...args)) as readonly [string, ...unknown[]]
  }
}
