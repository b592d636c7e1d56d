import { initializeBody, initializedBody } from './handshake.ts'
import { Connection, requestBytes } from './http.ts'

/** A 2024-11-05 connection: requests are posted on one socket and answered on the event stream of another. */
export interface EventStream {
  /** Where requests are posted. */
  readonly endpoint: URL
  send(request: Buffer): void
  /** `answered` is told once both the receipt of the post and the event with the answer are there. */
  listen(answered: (event: Buffer) => void, failed: (error: Error) => void): void
  close(): void
}

/** Opens the stream and shakes hands. */
export async function openStream(url: URL, headers: Readonly<Record<string, string>>): Promise<EventStream> {
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

  const receipts = new Mailbox<number>()
  const poster = new Connection(endpoint, { answered: (status) => receipts.put(status), failed: (error) => receipts.fail(error) })
  const post = (body: string): void => poster.send(requestBytes('POST', endpoint, { 'content-type': 'application/json', ...headers }, body))
  post(initializeBody('sse'))
  await Promise.all([receipts.take(), events.take()])
  post(initializedBody)
  await receipts.take()

  return {
    endpoint,
    send: (request) => poster.send(request),
    listen(answered, failed) {
      let receipt = 0
      let event: Buffer | undefined
      const settle = (): void => {
        if (receipt === 0 || event === undefined) return
        const text = event
        receipt = 0
        event = undefined
        answered(text)
      }
      receipts.forward((status) => {
        if (status >= 300) return failed(new Error(`a post was answered ${status}`))
        receipt = status
        settle()
      }, failed)
      events.forward((text) => {
        event = text
        settle()
      }, failed)
    },
    close() {
      poster.close()
      stream.close()
    },
  }
}

/** Items awaited one by one during the handshake and handed on afterwards. */
class Mailbox<Item> {
  readonly #kept: Item[] = []
  #waiting?: { resolve(item: Item): void; reject(error: Error): void }
  #error?: Error
  #handler?: (item: Item) => void
  #onFail?: (error: Error) => void

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
    this.#error = error
    this.#waiting?.reject(error)
    this.#onFail?.(error)
  }

  take(): Promise<Item> {
    const kept = this.#kept.shift()
    if (kept !== undefined) return Promise.resolve(kept)
    if (this.#error) return Promise.reject(this.#error)
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }))
  }

  forward(handler: (item: Item) => void, onFail: (error: Error) => void): void {
    this.#handler = handler
    this.#onFail = onFail
    for (const item of this.#kept.splice(0)) handler(item)
  }
}
