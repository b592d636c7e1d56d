import type { Dispatcher } from 'undici'
import { HubError } from '../../contract/errors.ts'
import { hopsAtMost, isRedirect, nextHop, tooManyHops } from '../../guards/redirects.ts'

/** One request, ready to be sent. */
export interface Outgoing {
  readonly method: string
  readonly url: URL
  /** Names in small letters, each followed by its value. */
  readonly headers: readonly string[]
  readonly body: string | null
}

/** An answer, taken whole. */
export interface Incoming {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  /** Where it came from, redirects followed. */
  readonly url: URL
}

const brokenEarly = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** Why there is no whole answer. */
export class Loss extends Error {
  /** Whether an answer had begun. */
  readonly hadBegun: boolean
  readonly reason: string

  /** The connection broke before an answer began: often a kept-alive one that the other side closed just then. */
  get isEarly(): boolean {
    return !this.hadBegun && brokenEarly.has(this.reason)
  }

  constructor(reason: string, hadBegun: boolean, cause?: unknown) {
    super(reason, { cause })
    this.reason = reason
    this.hadBegun = hadBegun
  }
}

/** The body is longer than is taken. */
export class TooLong extends Error {}

/** The requests of one connector that are under way. */
export class Line {
  readonly #dispatcher: () => Dispatcher
  readonly #bytesAtMost: number
  readonly #under = new Set<Reception>()

  constructor(dispatcher: () => Dispatcher, bytesAtMost: number) {
    this.#dispatcher = dispatcher
    this.#bytesAtMost = bytesAtMost
  }

  /** Sends a request and follows its redirects hop by hop. Rejects with a Loss, a TooLong, a HubError of the egress guard, or the signal's reason. */
  async send(outgoing: Outgoing, signal: AbortSignal): Promise<Incoming> {
    let request = outgoing
    for (let hop = 0; ; hop++) {
      const incoming = await this.exchange(request, signal)
      const { location } = incoming.headers
      if (!isRedirect(incoming.status) || typeof location !== 'string') return incoming
      if (hop === hopsAtMost) throw tooManyHops(request.url)
      request = redirected(request, incoming.status, location)
    }
  }

  /** Ends all that is under way. */
  close(): void {
    for (const reception of this.#under) reception.end(new Loss('the connector is closed', false))
  }

  /** The same, redirects not followed. */
  exchange(request: Outgoing, signal: AbortSignal): Promise<Incoming> {
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        this.#under.delete(reception)
        signal.removeEventListener('abort', onAbort)
      }
      const reception = new Reception(
        request,
        this.#bytesAtMost,
        (incoming) => (settled(), resolve(incoming)),
        (error) => (settled(), reject(error)),
      )
      const onAbort = (): void => reception.end(signal.reason as Error)
      this.#under.add(reception)
      signal.addEventListener('abort', onAbort)
      if (signal.aborted) return onAbort()
      reception.send(this.#dispatcher(), request)
    })
  }
}

function redirected(request: Outgoing, status: number, location: string): Outgoing {
  const hop = nextHop(request.url, request.method, status, location)
  if (hop.keepsBody && request.body !== null && !hop.isSameOrigin)
    throw new HubError('HUB_UPSTREAM_FAILED', 'the service redirects a request with a body to another origin, which is not followed')
  const headers = request.headers.flatMap((text, index) => (index % 2 === 0 && hop.keeps(text) ? [text, request.headers[index + 1] as string] : []))
  return { method: hop.method, url: hop.url, headers, body: hop.keepsBody ? request.body : null }
}

/** One answer as it arrives. Used as undici's handler, so that nothing is copied or wrapped. */
class Reception implements Dispatcher.DispatchHandler {
  readonly #url: URL
  readonly #method: string
  readonly #bytesAtMost: number
  readonly #done: (incoming: Incoming) => void
  readonly #fail: (error: Error) => void
  readonly #parts: Buffer[] = []
  #bytes = 0
  #status = 0
  #headers: Incoming['headers'] = {}
  #controller: Dispatcher.DispatchController | undefined
  #isOver = false

  constructor({ url, method }: Outgoing, bytesAtMost: number, done: (incoming: Incoming) => void, fail: (error: Error) => void) {
    this.#url = url
    this.#method = method
    this.#bytesAtMost = bytesAtMost
    this.#done = done
    this.#fail = fail
  }

  send(dispatcher: Dispatcher, { method, url, headers, body }: Outgoing): void {
    try {
      const path = url.pathname + url.search
      // The call's own deadline ends it, whichever part is slow.
      dispatcher.dispatch(
        { origin: url.origin, path, method: method as Dispatcher.HttpMethod, headers: [...headers], body, headersTimeout: 0, bodyTimeout: 0 },
        this,
      )
    } catch (error) {
      this.#over(lossOf(error, false))
    }
  }

  /** Gives it up and tells the service by closing its socket. */
  end(reason: Error): void {
    this.#over(reason)
    this.#controller?.abort(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isOver) controller.abort(new Error('nobody waits for this answer'))
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Incoming['headers']): void {
    this.#status = status
    this.#headers = headers
    // The length that HEAD tells is that of a body which does not come.
    if (this.#method !== 'HEAD' && Number(headers['content-length']) > this.#bytesAtMost) this.#refuse(controller)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#bytesAtMost) return this.#refuse(controller)
    this.#parts.push(chunk)
  }

  onResponseEnd(): void {
    if (this.#isOver) return
    this.#isOver = true
    const [only] = this.#parts
    const body = this.#parts.length === 1 ? (only as Buffer) : Buffer.concat(this.#parts)
    this.#done({ status: this.#status, headers: this.#headers, body, url: this.#url })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#over(lossOf(error, this.#status > 0))
  }

  #refuse(controller: Dispatcher.DispatchController): void {
    this.#over(new TooLong())
    controller.abort(new Error('the answer is too long'))
  }

  #over(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#fail(error)
  }
}

/** The guard's own refusal, or a loss told by its code alone: messages of sockets name addresses. */
function lossOf(error: unknown, hadBegun: boolean): Error {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth++) if (inner instanceof HubError) return inner
  const { code } = error as { readonly code?: unknown }
  return new Loss(typeof code === 'string' ? code : 'connection failed', hadBegun, error)
}
