import { initializeBody, initializedBody } from './handshake.ts'
import { Connection, requestBytes } from './http.ts'

/** One stretch of posting: each request is answered by an event of the stream. */
export interface Posting {
  send(request: Buffer): void
  close(): void
}

/** A 2024-11-05 connection after its handshake: requests are posted on one socket and answered on the event stream of another. */
export interface EventStream {
  /** Where requests are posted. */
  readonly endpoint: URL
  readonly isOpen: boolean
  /** `answered` is told once both the receipt of a post and the event with its answer are there. */
  post(answered: (event: Buffer) => void, failed: (error: Error) => void): Posting
  close(): void
}

/** Streams that outlive a stretch of load: a server that has trouble with callers who leave would have it while the next one is measured. */
export class KeptStreams {
  readonly #streams = new Map<string, EventStream>()

  /** The stream of the `index`th lane to a server, opened the first time. */
  async take(url: URL, headers: Readonly<Record<string, string>>, index: number): Promise<EventStream> {
    const key = `${url.href} ${index}`
    const known = this.#streams.get(key)
    if (known?.isOpen) return known
    const opened = await openStream(url, headers)
    this.#streams.set(key, opened)
    return opened
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.close()
    this.#streams.clear()
  }
}

/** Opens a stream and shakes hands. */
async function openStream(url: URL, headers: Readonly<Record<string, string>>): Promise<EventStream> {
  const events = new Mailbox<Buffer>()
  const stream = new Connection(
    url,
    {
      answered: (status) => events.fail(new Error(`the event stream was answered ${status}`)),
      event: (text) => events.put(text),
      failed: (error) => events.fail(error),
    },
    true,
  )
  stream.send(requestBytes('GET', url, { accept: 'text/event-stream', ...headers }))
  const endpoint = new URL(/^data: ?(.*)$/m.exec((await events.take()).toString())?.[1] ?? '', url)
  const post = (body: string): Promise<void> => postOnce(endpoint, headers, body)
  await Promise.all([post(initializeBody('sse')), events.take()])
  await post(initializedBody)
  return {
    endpoint,
    get isOpen() {
      return events.error === undefined
    },
    post(answered, failed) {
      let hasReceipt = false
      let event: Buffer | undefined
      const settle = (): void => {
        if (!hasReceipt || event === undefined) return
        const text = event
        hasReceipt = false
        event = undefined
        answered(text)
      }
      events.forward((text) => {
        event = text
        settle()
      }, failed)
      return openPoster(endpoint, failed, () => {
        hasReceipt = true
        settle()
      })
    },
    close: () => stream.close(),
  }
}

function openPoster(endpoint: URL, failed: (error: Error) => void, receipt: () => void): Posting {
  const connection = new Connection(endpoint, {
    answered: (status) => (status < 300 ? receipt() : failed(new Error(`a post was answered ${status}`))),
    failed,
  })
  return { send: (request) => connection.send(request), close: () => connection.close() }
}

function postOnce(endpoint: URL, headers: Readonly<Record<string, string>>, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const poster = openPoster(endpoint, reject, () => {
      poster.close()
      resolve()
    })
    poster.send(requestBytes('POST', endpoint, { 'content-type': 'application/json', ...headers }, body))
  })
}

/** Items awaited one by one during the handshake and handed on afterwards. */
class Mailbox<Item> {
  readonly #kept: Item[] = []
  #waiting?: { resolve(item: Item): void; reject(error: Error): void }
  #handler?: (item: Item) => void
  #onFail?: (error: Error) => void
  /** Why nothing more will come. */
  error?: Error

  put(item: Item): void {
    if (this.#handler) return this.#handler(item)
    if (!this.#waiting) {
      this.#kept.push(item)
      return
    }
    this.#waiting.resolve(item)
    this.#waiting = undefined
  }

  fail(error: Error): void {
    this.error = error
    this.#waiting?.reject(error)
    this.#onFail?.(error)
  }

  take(): Promise<Item> {
    const kept = this.#kept.shift()
    if (kept !== undefined) return Promise.resolve(kept)
    if (this.error) return Promise.reject(this.error)
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }))
  }

  forward(handler: (item: Item) => void, onFail: (error: Error) => void): void {
    this.#handler = handler
    this.#onFail = onFail
    for (const item of this.#kept.splice(0)) handler(item)
  }
}
