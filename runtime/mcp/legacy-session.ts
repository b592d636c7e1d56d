import type { InputRequest } from '../contract/call.ts'
import { HubError } from '../contract/errors.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import type { CallerSession } from './caller.ts'
import { EventStream } from './legacy-stream.ts'
import type { ResponseMessage } from './message.ts'
import { idText, isWanted, notificationMessage, type RequestId } from './protocol.ts'
import type { SessionRecord, SessionStore } from './sessions.ts'
import type { Release } from './subscriptions.ts'

const streamBounds = { events: 256, bytes: 256 * 1024 }
const mostStreams = 16
const mostQuestions = 64
const questionMs = 10 * 60_000

/** Watches what stands behind an address a client knows. */
export type Watch = (uri: string) => Release

/** The living part of one legacy session: its streams, the calls that run in it and the questions it was asked. The rest is its record, in the store. */
export class LegacySession implements CallerSession {
  record: SessionRecord
  /** The stream of GET. */
  readonly stream: EventStream
  /** Calls that run now, by request id. */
  readonly running = new Map<RequestId, AbortController>()
  readonly #store: SessionStore
  readonly #watch: Watch
  readonly #primes: boolean
  readonly #streams = new Map<string, EventStream>()
  #stale: readonly string[] = []
  readonly #watched = new Map<string, Release>()
  readonly #questions = new Map<
    string,
    { readonly resolve: (answer: Json) => void; readonly reject: (error: HubError) => void; readonly timer: NodeJS.Timeout }
  >()
  #opened = 0
  #asked = 0

  constructor(record: SessionRecord, store: SessionStore, watch: Watch) {
    this.record = record
    this.#store = store
    this.#watch = watch
    this.#primes = record.version >= '2025-11-25'
    this.stream = new EventStream('g', streamBounds, this.#primes)
    for (const uri of record.subscriptions) this.#watched.set(uri, watch(uri))
  }

  /** True while something keeps the session alive besides its requests. */
  get busy(): boolean {
    return this.running.size > 0 || this.stream.connected
  }

  /** A stream for the answers of one POST. Ended ones are kept for those who come back, the oldest give way. */
  openStream(): EventStream {
    this.#opened += 1
    const stream = new EventStream(`c${this.#opened}`, streamBounds, this.#primes)
    this.#streams.set(stream.id, stream)
    if (this.#streams.size > mostStreams) {
      const oldest = [...this.#streams.values()].find(({ ended }) => ended) ?? (this.#streams.values().next().value as EventStream)
      this.#streams.delete(oldest.id)
    }
    return stream
  }

  /** Forgets the streams that had ended when this was called before: those who wanted to come back have had their time. */
  forgetEnded(): void {
    for (const id of this.#stale) this.#streams.delete(id)
    this.#stale = [...this.#streams.values()].filter(({ ended }) => ended).map(({ id }) => id)
  }

  findStream(id: string): EventStream | undefined {
    return id === this.stream.id ? this.stream : this.#streams.get(id)
  }

  /** Tells the client something that belongs to none of its requests. */
  tell(method: string, params?: JsonObject): void {
    this.stream.write(notificationMessage(method, params))
  }

  /** Passes on an upstream's log message, if the client asked for logs. */
  tellLog(params: JsonObject): void {
    const { logLevel } = this.record
    if (logLevel !== undefined && isWanted(String(params['level']), logLevel)) this.tell('notifications/message', params)
  }

  isWatching(uri: string): boolean {
    return this.#watched.has(uri)
  }

  /** Sends the client a request, over `write`, and waits for its answer. */
  ask(question: InputRequest, write: (text: string) => void, signal: AbortSignal): Promise<Json> {
    if (this.#questions.size >= mostQuestions)
      return Promise.reject(new HubError('HUB_LIMITED', 'too many questions wait for this client', { retryAfterMs: 1_000 }))
    this.#asked += 1
    const id = `hub-${this.#asked}`
    return new Promise((resolve, reject) => {
      const give = (error: HubError): void => this.#settle(id)?.reject(error)
      const onAbort = (): void => {
        write(notificationMessage('notifications/cancelled', { requestId: id, reason: 'the call that asked has ended' }))
        give(new HubError('HUB_CANCELLED', 'the call ended before its question was answered'))
      }
      const timer = setTimeout(() => give(new HubError('HUB_INPUT_EXPIRED', 'the question to the user was not answered in time')), questionMs)
      timer.unref()
      const done =
        <T>(act: (value: T) => void) =>
        (value: T): void => {
          signal.removeEventListener('abort', onAbort)
          act(value)
        }
      this.#questions.set(id, { resolve: done(resolve), reject: done(reject), timer })
      signal.addEventListener('abort', onAbort, { once: true })
      write(`{"jsonrpc":"2.0","id":${idText(id)},"method":${JSON.stringify(question.method)},"params":${JSON.stringify(question.params)}}`)
    })
  }

  /** Takes the client's answer to a question. */
  answer({ id, result, error }: ResponseMessage): void {
    const question = this.#settle(String(id))
    if (!question) return
    if (error) question.reject(new HubError('HUB_UPSTREAM_FAILED', `the client refused the question: ${String(error['message'])}`, { rpcCode: error['code'] }))
    else question.resolve(result ?? {})
  }

  async setLogLevel(logLevel: string): Promise<void> {
    await this.#write({ ...this.record, logLevel })
  }

  async subscribe(uri: string): Promise<void> {
    const known = this.#watched.get(uri)
    if (known) return known.begun
    if (this.#watched.size >= 1_000) throw new HubError('HUB_LIMITED', 'this session watches 1000 resources, the most one may')
    const release = this.#watch(uri)
    this.#watched.set(uri, release)
    try {
      await release.begun
    } catch (error) {
      release()
      if (this.#watched.get(uri) === release) this.#watched.delete(uri)
      throw error
    }
    await this.#write({ ...this.record, subscriptions: [...this.#watched.keys()] })
  }

  async unsubscribe(uri: string): Promise<void> {
    this.#watched.get(uri)?.()
    this.#watched.delete(uri)
    await this.#write({ ...this.record, subscriptions: [...this.#watched.keys()] })
  }

  /** Ends everything that lives in the session. */
  end(reason: HubError): void {
    for (const controller of this.running.values()) controller.abort(reason)
    for (const { reject, timer } of this.#questions.values()) {
      clearTimeout(timer)
      reject(reason)
    }
    this.#questions.clear()
    for (const release of this.#watched.values()) release()
    this.#watched.clear()
    for (const stream of this.#streams.values()) stream.end()
    this.#streams.clear()
    this.stream.end()
  }

  #settle(id: string) {
    const question = this.#questions.get(id)
    if (question) clearTimeout(question.timer)
    this.#questions.delete(id)
    return question
  }

  async #write(record: SessionRecord): Promise<void> {
    this.record = record
    await this.#store.write(record)
  }
}
