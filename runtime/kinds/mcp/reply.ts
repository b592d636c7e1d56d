import { StringDecoder } from 'node:string_decoder'
import { createParser } from 'eventsource-parser'
import type { EventSourceParser } from 'eventsource-parser'
import type { Dispatcher } from 'undici'
import { parseJson } from '../../contract/json.ts'
import type { Json } from '../../contract/json.ts'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** Longest body, and longest single event, taken from an upstream. */
export const replyBytesAtMost = 16 * 1024 * 1024
const lingerMs = 1000

/** One HTTP answer as it arrives: a JSON body, or a stream of events that are messages. Used as an undici handler, so that nothing is copied or wrapped. */
export class Reply implements Dispatcher.DispatchHandler {
  readonly bytesAtMost = replyBytesAtMost
  status = 0
  headers: Headers = {}
  text = ''
  wasJson = false
  tooLong = false
  lastEventId: string | undefined
  retryMs = 1000
  resumes = 0
  hops = 0
  #onMessage: ((message: Json) => void) | undefined
  #onEnd: ((error: Error | undefined) => void) | undefined
  #controller: Dispatcher.DispatchController | undefined
  #aborted = false
  #parts: Buffer[] = []
  #bytes = 0
  #events: EventSourceParser | undefined
  #decoder: StringDecoder | undefined
  #closing: NodeJS.Timeout | undefined

  constructor(onMessage: (message: Json) => void, onEnd: (error: Error | undefined) => void) {
    this.#onMessage = onMessage
    this.#onEnd = onEnd
  }

  /** Closes the stream; nothing is told afterwards. */
  abort(): void {
    this.#aborted = true
    this.#controller?.abort(new Error('nobody waits for this answer'))
  }

  /** The answer is here: a stream that stays open all the same is closed, so that it holds no socket. */
  finish(): void {
    if (this.#events !== undefined) this.#closing ??= setTimeout(() => this.abort(), lingerMs).unref()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(new Error('nobody waits for this answer'))
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.status = status
    this.headers = headers
    const type = String(headers['content-type'] ?? '').toLowerCase()
    if (status < 300 && type.startsWith('text/event-stream')) this.#openEvents()
    else this.wasJson = type.startsWith('application/json')
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#events !== undefined) return this.#events.feed((this.#decoder as StringDecoder).write(chunk))
    this.#bytes += chunk.length
    if (this.#bytes > replyBytesAtMost) return this.#refuse(controller)
    this.#parts.push(chunk)
  }

  onResponseEnd(): void {
    clearTimeout(this.#closing)
    if (this.#aborted) return
    if (this.#events === undefined) this.#readBody()
    this.#end(undefined)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#closing)
    if (!this.#aborted) this.#end(error)
  }

  /** Lets go of the call: undici keeps a request, and this with it, for a while after it is over. */
  #end(error: Error | undefined): void {
    this.#onEnd?.(error)
    this.#onEnd = this.#onMessage = undefined
    this.#parts = []
    this.text = ''
  }

  #readBody(): void {
    const [only] = this.#parts
    this.text = this.#parts.length === 1 ? (only as Buffer).toString() : Buffer.concat(this.#parts).toString()
    if (this.status >= 300 || !this.wasJson || this.text === '') return
    this.#message(this.text)
  }

  #openEvents(): void {
    this.#decoder = new StringDecoder('utf8')
    this.#events = createParser({
      maxBufferSize: replyBytesAtMost,
      onEvent: ({ event, data }) => (event === undefined || event === 'message') && data !== '' && this.#message(data),
      onId: (id) => (this.lastEventId = id),
      onRetry: (ms) => (this.retryMs = ms),
      onError: ({ type }) => type === 'max-buffer-size-exceeded' && this.#refuse(this.#controller as Dispatcher.DispatchController),
    })
  }

  #message(text: string): void {
    let message: Json
    try {
      message = parseJson(text)
    } catch {
      return
    }
    if (!this.#aborted) this.#onMessage?.(message)
  }

  #refuse(controller: Dispatcher.DispatchController): void {
    this.tooLong = true
    controller.abort(new Error('the answer is too long'))
  }
}
