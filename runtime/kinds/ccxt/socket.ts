import { promisify } from 'node:util'
import { gunzip, inflateRaw } from 'node:zlib'
import { WebSocket, type Dispatcher } from 'undici'
import { HubError } from '../../contract/errors.ts'
import type { Egress } from '../../contract/kind.ts'
import type { Logger } from '../../contract/telemetry.ts'
import { importPart, type Driver, type StreamClient } from './driver.ts'
import { parseExact } from './exact.ts'

/** What ccxt’s own client has that the hub’s keeps: futures by the hash of a message, timers and how they end. */
interface ClientBase extends StreamClient {
  connection: WebSocket | undefined
  connected: Promise<unknown> & { reject(error: unknown): void }
  disconnected: (Promise<unknown> & { resolve(value: unknown): void }) | undefined
  startedConnecting: boolean
  connectionStarted: number
  lastPong: number
  keepAlive: number
  maxPingPongMisses: number
  ping: ((client: unknown) => unknown) | undefined
  gunzip: boolean
  inflate: boolean
  decompressBinary: boolean
  options: { readonly headers?: Readonly<Record<string, string>> } | undefined
  protocols: string[] | undefined
  onMessageCallback(client: unknown, message: unknown): void
  setConnectionTimeout(): void
  onOpen(): void
  onClose(event: { readonly code: number }): void
  onErrorCallback(client: unknown, error: unknown): void
  reset(error: unknown): void
  reject(error: unknown): void
}
type ClientClass = new (...args: unknown[]) => ClientBase

const bytesAtMost = 16_777_216
const unpackGzip = promisify(gunzip)
const unpackRaw = promisify(inflateRaw)

/** Gives an exchange WebSockets that pass the hub’s guard, keep every digit, and write to its log. */
export async function giveSockets(driver: Driver, egress: Egress, log: Logger): Promise<void> {
  const Client = (await importPart('base/ws/Client.js'))['default'] as ClientClass
  const Guarded = guardedClient(Client, egress, log)
  driver.clients ??= {}
  driver['client'] = (url: string): StreamClient => {
    const known = driver.clients[url]
    if (known) return known
    const bound = (name: string): unknown => (driver[name] as (...args: unknown[]) => unknown).bind(driver)
    const options = { ...driver.streaming, ...(driver.options['ws'] as object | undefined) }
    const made = new Guarded(url, bound('handleMessage'), bound('onError'), bound('onClose'), bound('onConnected'), {
      ...options,
      ping: bound('ping'),
      decompressBinary: driver.options['decompressBinary'] !== false,
    })
    driver.clients[url] = made
    return made
  }
}

const lost = (why: string): HubError => new HubError('HUB_CONNECTOR_DOWN', `the stream was lost: ${why}`, { retryAfterMs: 1_000 })

function guardedClient(Client: ClientClass, egress: Egress, log: Logger): ClientClass {
  /** One WebSocket to an exchange. */
  class GuardedClient extends Client {
    // Frames are unpacked one after the other: a later one must not overtake.
    #reading: Promise<void> = Promise.resolve()
    #timer: NodeJS.Timeout | undefined
    #isEnded = false

    connect(backoffMs = 0): Promise<unknown> {
      if (this.startedConnecting) return this.connected
      this.startedConnecting = true
      this.#timer = setTimeout(() => void this.createConnection(), backoffMs)
      return this.connected
    }

    async createConnection(): Promise<void> {
      this.connectionStarted = Date.now()
      try {
        await egress.check(this.url)
      } catch (error) {
        return this.#end(error instanceof HubError ? error : lost('its address was not found'))
      }
      if (this.#isEnded) return
      this.setConnectionTimeout()
      const socket = new WebSocket(this.url, {
        protocols: this.protocols ?? [],
        dispatcher: egress.dispatcher as Dispatcher,
        headers: { ...this.options?.headers },
      })
      socket.binaryType = 'arraybuffer'
      this.connection = socket
      socket.addEventListener('open', () => this.onOpen())
      socket.addEventListener('message', ({ data }: { data: string | ArrayBuffer }) => this.#receive(data))
      socket.addEventListener('error', () => this.#end(lost('the connection failed')))
      socket.addEventListener('close', ({ code }) => this.#closed(code))
    }

    onConnectionTimeout(): void {
      if (!this.isOpen()) this.#end(lost('it did not open in time'))
    }

    isOpen(): boolean {
      return this.connection?.readyState === WebSocket.OPEN
    }

    send(message: unknown): Promise<void> {
      if (!this.isOpen()) return Promise.reject(lost('it is not open'))
      this.connection?.send(typeof message === 'string' ? message : JSON.stringify(message))
      return Promise.resolve()
    }

    override close(): Promise<void> {
      this.#end(lost('it was closed'))
      return Promise.resolve()
    }

    // A server that says nothing for two of its own beats is gone, whatever its socket says.
    onPingInterval(): void {
      if (!this.isOpen()) return
      if (Date.now() - this.lastPong > this.keepAlive * this.maxPingPongMisses) return this.#end(lost('nothing came for too long'))
      const message = this.ping?.(this)
      if (message !== undefined && message !== null) this.send(message).catch(() => this.#end(lost('it takes no message')))
    }

    log(...words: unknown[]): void {
      log.debug('ccxt remarks on a stream', { words: words.map(String).join(' ').slice(0, 200) })
    }

    #receive(data: string | ArrayBuffer): void {
      this.lastPong = Date.now()
      if (typeof data === 'string') return this.#tell(data)
      const packed = Buffer.from(data)
      if (!this.gunzip && !this.inflate) return this.#tell(this.decompressBinary ? packed.toString() : packed)
      this.#reading = this.#reading.then(async () => {
        try {
          this.#tell((await (this.gunzip ? unpackGzip : unpackRaw)(packed, { maxOutputLength: bytesAtMost })).toString())
        } catch {
          // No later frame can be trusted after one that cannot be read.
          this.#end(lost('it sent a frame that cannot be unpacked'))
        }
      })
    }

    #tell(data: string | Buffer): void {
      let message: unknown = data
      if (typeof data === 'string' && /^\s*[[{]/.test(data)) {
        try {
          message = parseExact(data)
        } catch {
          log.warn('an exchange sent a frame that is not JSON', { bytes: data.length })
          return
        }
      }
      try {
        this.onMessageCallback(this, message)
      } catch (error) {
        this.reject(error)
      }
    }

    #closed(code: number): void {
      if (!this.#isEnded) {
        this.#isEnded = true
        this.onClose({ code })
      }
      this.disconnected?.resolve(true)
    }

    // ccxt forgets a client that has an error, and makes another for the next watch.
    #end(error: HubError): void {
      if (this.#isEnded) return
      this.#isEnded = true
      clearTimeout(this.#timer)
      this.error = error
      this.reset(error)
      this.connected.catch(() => {})
      this.connected.reject(error)
      this.onErrorCallback(this, error)
      this.connection?.close()
    }
  }
  return GuardedClient
}
