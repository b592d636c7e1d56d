import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'

const wordsAtMost = 16_384
const noBody = Buffer.alloc(0)

/**
 * What went over the wire before a WebSocket was open: undici's own tells nothing of a handshake that failed.
 * Its dispatcher is the guarded one, with a bound on messages, and speaks HTTP/1.1, where every service has WebSockets.
 */
export class Handshake {
  readonly dispatcher: Dispatcher
  status = 0
  headers: Readonly<Record<string, string | string[] | undefined>> = {}
  /** What a service says that refuses. */
  body: Buffer = noBody
  /** Why there was no answer. */
  error: unknown
  socket: Duplex | undefined

  constructor(guarded: Dispatcher, messageBytes: number) {
    const dispatch: Dispatcher['dispatch'] = (options, handler) => guarded.dispatch({ ...options, allowH2: false } as typeof options, this.#listening(handler))
    // undici asks its dispatcher for these two things only.
    this.dispatcher = { dispatch, webSocketOptions: { maxPayloadSize: messageBytes } } as unknown as Dispatcher
  }

  #listening(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
    const refused = (controller: Dispatcher.DispatchController): void => handler.onResponseError?.(controller, new Error('the handshake was refused'))
    return {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
      onRequestUpgrade: (controller, status, headers, socket) => {
        this.status = status
        this.headers = headers
        this.socket = socket
        handler.onRequestUpgrade?.(controller, status, headers, socket)
      },
      onResponseStart: (_controller, status, headers) => {
        this.status = status
        this.headers = headers
      },
      onResponseData: (controller, chunk) => {
        this.body = Buffer.concat([this.body, chunk])
        if (this.body.length > wordsAtMost) controller.abort(new Error('the refusal is too long'))
      },
      onResponseEnd: (controller) => refused(controller),
      onResponseError: (controller, error) => {
        this.error = error
        handler.onResponseError?.(controller, error)
      },
    }
  }
}
