import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Logger } from '../../contract/telemetry.ts'
import type { Settings } from './config.ts'
import { askMetadata, createCluster, type Broker, type Cluster, type ClusterMetadata, type SocketOptions } from './driver.ts'
import { abandoned, down, failureOf, isLogin, isLost, isMoving } from './failures.ts'
import { closing, kafkaLog } from './logging.ts'
import { pause, untilAborted, type Waiting } from '../../contract/waiting.ts'

/** Thrown by a piece of work that wants it back as it is. */
export class Unsent extends Error {}

/** What connections to the brokers are made with. */
export interface Access {
  readonly settings: Settings
  readonly ssl?: object
  readonly sasl?: object
  readonly log: Logger
  readonly scrub: (text: string) => string
}

/** How patient a request is with a cluster that is away or moving. */
export interface Patience {
  /** For so long a lost connection is made anew and the request sent again; 0: once. */
  readonly lostMs?: number
}

const firstPauseMs = 50
const longestPauseMs = 500
const mostMoves = 6
const keepAliveMs = 60_000

/** Connections to the brokers of one cluster, made when they are needed and anew when they are lost. */
export class Link {
  readonly #access: Access
  readonly #sockets = new Set<Socket>()
  readonly #logger: unknown
  #cluster: Promise<Cluster> | undefined
  #isClosed = false

  constructor(access: Access) {
    this.#access = access
    this.#logger = kafkaLog(access.log, access.scrub)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Runs a piece of work on the cluster, again where the connection was lost or the cluster is moving. Rejects a HubError; with the signal, at once. */
  async use<Result>(waiting: Waiting, work: (cluster: Cluster) => Promise<Result>, { lostMs = 0 }: Patience = {}): Promise<Result> {
    const { signal, deadline } = waiting
    const until = Math.min(deadline, Date.now() + lostMs)
    let pauseMs = firstPauseMs
    for (let attempt = 0, moves = 0; ; attempt += 1) {
      if (signal.aborted) throw abandoned(signal, deadline)
      let connected: Promise<Cluster> | undefined
      try {
        connected = this.#connected()
        const cluster = await untilAborted(connected, signal)
        return await untilAborted(work(cluster), signal)
      } catch (error) {
        if (signal.aborted) throw abandoned(signal, deadline)
        const wasLost = isLost(error)
        if (wasLost) this.#drop(connected)
        if (this.#isClosed) throw down(closing)
        const isWorthIt = wasLost ? attempt === 0 || Date.now() < until : isMoving(error) && (moves += 1) <= mostMoves
        if (!isWorthIt || isLogin(error)) throw error instanceof Unsent ? error : failureOf(error)
        if (!wasLost) await this.#look(connected)
      }
      await pause(pauseMs, signal).catch(() => {})
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  /** Ends every connection; requests in flight fail. */
  async close(): Promise<void> {
    this.#isClosed = true
    const cluster = this.#cluster
    this.#cluster = undefined
    for (const socket of this.#sockets) socket.destroy(new Error(closing))
    await cluster?.then((one) => one.disconnect()).catch(() => {})
    for (const socket of this.#sockets) socket.destroy()
  }

  #connected(): Promise<Cluster> {
    if (this.#isClosed) return Promise.reject(down(closing))
    this.#cluster ??= this.#connect()
    return this.#cluster
  }

  async #connect(): Promise<Cluster> {
    const { settings, ssl, sasl } = this.#access
    const cluster = createCluster({
      brokers: settings.brokers,
      clientId: settings.clientId,
      ...(ssl && { ssl }),
      ...(sasl && { sasl }),
      connectionTimeout: settings.connectTimeoutMs,
      authenticationTimeout: settings.connectTimeoutMs * 2,
      requestTimeout: settings.requestTimeoutMs,
      enforceRequestTimeout: true,
      metadataMaxAge: 300_000,
      retry: { retries: settings.brokers.length, initialRetryTime: firstPauseMs, factor: 0.2, multiplier: 2, maxRetryTime: longestPauseMs },
      allowAutoTopicCreation: false,
      logger: this.#logger,
      socketFactory: (options) => this.#open(options),
    })
    try {
      await cluster.connect()
      await cluster.refreshMetadata()
      return cluster
    } catch (error) {
      this.#cluster = undefined
      void cluster.disconnect().catch(() => {})
      throw error
    }
  }

  #open({ host, port, ssl, onConnect }: SocketOptions): Socket {
    const socket = !ssl ? connectTcp({ host, port }, onConnect) : connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
    socket.setKeepAlive(true, keepAliveMs)
    socket.setNoDelay(true)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }

  /** Leaves a cluster whose connection was lost; those that still wait on it get their answers or their own failure. */
  #drop(connected: Promise<Cluster> | undefined): void {
    if (connected === undefined || this.#cluster !== connected) return
    this.#cluster = undefined
    void connected.then((cluster) => cluster.disconnect()).catch(() => {})
  }

  /** Learns where brokers and leaders are now; what goes wrong with that shows at the next attempt. */
  async #look(connected: Promise<Cluster> | undefined): Promise<void> {
    await connected?.then((cluster) => cluster.refreshMetadata()).catch(() => {})
  }
}

/** Some broker that is connected. */
export const anyBroker = (cluster: Cluster): Promise<Broker> => cluster.brokerPool.findConnectedBroker()

/** What the cluster says of all topics, or of these. Creates none. */
export const metadataOf = async (cluster: Cluster, topics: readonly string[] | 'all'): Promise<ClusterMetadata> => askMetadata(await anyBroker(cluster), topics)
