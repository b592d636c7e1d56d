import type { Redis } from 'ioredis'
import { HubError } from '../../contract/errors.ts'
import type { Logger } from '../../contract/telemetry.ts'
import { connectFailure } from './redis-failures.ts'
import { ended, type MakeClient } from './redis-link.ts'
import { Topics } from './topics.ts'

const longestPauseMs = 5_000

/** What Redis publishes of changes, over one connection that is there while something is watched. After a loss it comes back by itself, and everyone is told to look again. */
export class RedisNews {
  readonly #topics = new Topics()
  readonly #make: MakeClient
  readonly #log: Logger
  #client: Redis | undefined
  /** Settled when the first connection listens, or could not be made. */
  #begun = Promise.resolve()
  /** Something may have been published that nobody here heard. */
  #hasMissed = false
  #isClosed = false

  constructor(make: MakeClient, log: Logger) {
    this.#make = make
    this.#log = log
  }

  /** Resolves when the topic is listened to; rejects HUB_CONNECTOR_DOWN only when the connector is closed: a Redis that is away is listened to when it is back. */
  async watch(topic: string, changed: () => void): Promise<() => void> {
    if (this.#isClosed) throw new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 })
    const isFirst = this.#topics.add(topic, changed)
    const client = this.#listen()
    if (client.status !== 'ready') await this.#begun
    else if (isFirst) await this.#ask(client, topic)
    let isWatching = true
    return () => {
      if (!isWatching) return
      isWatching = false
      if (this.#topics.remove(topic, changed)) this.#stop(topic)
    }
  }

  /** What fails here is asked for again when the connection is back. */
  async #ask(client: Redis, topic: string): Promise<void> {
    await client.subscribe(topic).catch((error: Error) => this.#log.debug('redis channel was not subscribed to', { reason: connectFailure(error).message }))
  }

  #listen(): Redis {
    if (this.#client) return this.#client
    const client = this.#make((times) => Math.min(50 * 2 ** times, longestPauseMs))
    this.#client = client
    client.on('error', (error: Error) => this.#log.debug('redis news connection failed', { reason: connectFailure(error).message }))
    client.on('message', (topic: string) => this.#topics.tell(topic))
    this.#hasMissed = false
    this.#begun = new Promise((resolve) => {
      client.on('ready', () => void this.#renew(client).then(resolve))
      client.on('close', () => {
        if (this.#client === client) this.#hasMissed = true
        resolve()
      })
    })
    client.connect().catch(() => undefined)
    return client
  }

  async #renew(client: Redis): Promise<void> {
    const topics = this.#topics.names()
    if (topics.length === 0 || this.#client !== client) return
    try {
      await client.subscribe(...topics)
    } catch {
      return
    }
    if (!this.#hasMissed) return
    this.#hasMissed = false
    this.#topics.tellAll()
  }

  #stop(topic: string): void {
    const client = this.#client
    if (!client) return
    if (this.#topics.names().length === 0) {
      this.#client = undefined
      client.disconnect()
    } else if (client.status === 'ready') client.unsubscribe(topic).catch(() => undefined)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const client = this.#client
    this.#client = undefined
    if (client) await ended(client)
  }
}
