import type pg from 'pg'
import { HubError } from '../../contract/errors.ts'
import { atTurnEnd } from '../../contract/turn.ts'
import { Collector, type Caps, type Row } from './collector.ts'
import { endOnServer, type Ending } from './ending.ts'
import { connectFailure, isFatal, isStale, statementFailure } from './failures.ts'
import type { Parameter } from './parameters.ts'
import type { Pools } from './pools.ts'
import type { Session, Wire } from './session.ts'
import { shapeOf, type Column, type Shape } from './shape.ts'

/** A statement ready to run. */
export interface Runnable {
  /** Under which the server keeps it prepared; empty: it is not kept. */
  readonly name: string
  readonly text: string
  readonly canWrite: boolean
  readonly statementTimeoutMs: number
  readonly needs?: 'timescaledb'
  /** Runs for as long as its caller waits; only where `canWrite`. */
  readonly isLong?: true
}

/** What a statement gave. */
export interface Outcome {
  readonly rows: readonly Row[]
  /** INSERT, UPDATE, SELECT, …; undefined when the result was cut. */
  readonly command?: string
  /** Rows the command wrote or gave. */
  readonly count?: number
  readonly cut?: 'rows' | 'bytes'
}

/** Which wait a call may give up. */
export interface Waiting {
  readonly signal: AbortSignal
  readonly deadline: number
}

const mostWaiting = 1_024
const drainBytes = 1024 * 1024
const mostPrepared = 500

/** Runs a statement on a connection of the pool: one round trip, at most so many rows and bytes, ended on the server when the caller leaves. Rejects with HubErrors. */
export function runStatement(pools: Pools, statement: Runnable, values: readonly Parameter[], caps: Caps, waiting: Waiting): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    new Execution(pools, statement, values, caps, waiting, resolve, reject).start()
  })
}

const writingPool = (pools: Pools, { isLong }: Runnable): pg.Pool => (isLong === true ? pools.managing() : pools.writing())

/** One statement under way: what pg's client speaks to while it runs, from waiting for a connection to giving it back. */
class Execution {
  readonly #pools: Pools
  readonly #statement: Runnable
  readonly #values: readonly Parameter[]
  readonly #caps: Caps
  readonly #waiting: Waiting
  readonly #resolve: (outcome: Outcome) => void
  readonly #reject: (error: HubError) => void

  #session: Session | undefined
  #release: ((destroy?: boolean) => void) | undefined
  #shape: Shape | undefined
  #collector: Collector
  #tag = ''
  #startedAt = 0
  #isSettled = false
  #isEnded = false
  #ending: Ending | undefined
  #isRepeated = false
  #onAbort: (() => void) | undefined

  constructor(
    pools: Pools,
    statement: Runnable,
    values: readonly Parameter[],
    caps: Caps,
    waiting: Waiting,
    resolve: (outcome: Outcome) => void,
    reject: (error: HubError) => void,
  ) {
    this.#pools = pools
    this.#statement = statement
    this.#values = values
    this.#caps = caps
    this.#collector = new Collector(caps)
    this.#waiting = waiting
    this.#resolve = resolve
    this.#reject = reject
  }

  /** pg's client reads these two and keeps `parsedStatements` by them. */
  get name(): string {
    return this.#statement.name
  }

  get text(): string {
    return this.#statement.text
  }

  start(): void {
    const { signal } = this.#waiting
    if (signal.aborted) return this.#fail(this.#abandoned())
    const pool = this.#statement.canWrite ? writingPool(this.#pools, this.#statement) : this.#pools.reading
    if (pool.waitingCount >= mostWaiting) return this.#fail(new HubError('HUB_LIMITED', 'too many calls wait for this database', { retryAfterMs: 1_000 }))
    // Named first, and no object as the listener: V8 would put either, and all it holds, among the old objects.
    const onAbort = (): void => this.#leave()
    this.#onAbort = onAbort
    signal.addEventListener('abort', onAbort)
    pool.connect((error, session, release) => this.#connected(error, session, release))
  }

  #connected(error: Error | undefined, session: pg.PoolClient | undefined, release: (destroy?: boolean) => void): void {
    if (error || !session) return this.#fail(connectFailure(error ?? new Error('connection failed')))
    // The caller left while this call was in the queue.
    if (this.#isSettled) return release()
    this.#session = session as unknown as Session
    this.#release = release
    this.#startedAt = performance.now()
    this.#session.query(this as unknown as pg.Submittable)
  }

  /** The caller left or its deadline passed. */
  #leave(): void {
    this.#fail(this.#abandoned())
    this.#cancel()
  }

  submit(connection: pg.Connection): void {
    const wire = connection as unknown as Wire
    const session = this.#session as Session
    const { name, text } = this.#statement
    const isPrepared = name !== '' && wire.parsedStatements[name] === text
    this.#shape = isPrepared ? session.shapes.get(name) : undefined
    wire.stream.cork()
    try {
      // Also where the name is not known to the client: a pooler in between may have left it on the server.
      if (this.#isRepeated) wire.close({ type: 'S', name })
      if (!isPrepared) wire.parse({ name, text })
      wire.bind({ statement: name, values: this.#values })
      if (!this.#shape) wire.describe({ type: 'P', name: '' })
      // One row more than is kept tells whether there are more. Sync at once ends the portal: no second round trip.
      wire.execute({ rows: this.#caps.rows + 1 })
      wire.sync()
    } finally {
      atTurnEnd(() => wire.stream.uncork())
    }
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    this.#shape = shapeOf(fields)
    if (this.#statement.name !== '') this.#session?.shapes.set(this.#statement.name, this.#shape)
  }

  handleDataRow({ fields, length }: { readonly fields: readonly (string | null)[]; readonly length: number }): void {
    if (this.#isSettled) return
    this.#collector.take(this.#shape, fields, length)
    if (this.#collector.cut === 'bytes') this.#drain()
  }

  // Rows nobody will see: a little is read to the end, more is ended on the server. A write is never ended for the size of its answer.
  #drain(): void {
    if (this.#statement.canWrite || this.#collector.bytes < this.#caps.bytes + drainBytes) return
    this.#succeed()
    this.#cancel()
  }

  handlePortalSuspended(): void {
    this.#collector.cut ??= 'rows'
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#tag = text
  }

  handleEmptyQuery(): void {}

  handleCopyInResponse(connection: { sendCopyFail(reason: string): void }): void {
    connection.sendCopyFail('COPY is not for a tool')
  }

  handleCopyData(): void {}

  handleError(error: Error): void {
    const session = this.#session as Session
    if (isStale(error) && !this.#isRepeated && !this.#isSettled) {
      this.#isRepeated = true
      this.#collector = new Collector(this.#caps)
      delete session.wire.parsedStatements[this.#statement.name]
      session.shapes.delete(this.#statement.name)
      session.query(this as unknown as pg.Submittable)
      return
    }
    this.#end(isFatal(error))
    this.#fail(statementFailure(error, { ...this.#statement, elapsedMs: performance.now() - this.#startedAt }))
  }

  handleReadyForQuery(): void {
    this.#end(false)
    const { fault } = this.#collector
    if (fault) this.#fail(new HubError('HUB_UPSTREAM_FAILED', 'the database answered a value that cannot be read', {}, fault))
    else this.#succeed()
  }

  /** The server is done with the statement: the connection goes back before anything else happens, or when the cancel that is still on its way to it was taken. */
  #end(isBroken: boolean): void {
    this.#isEnded = true
    if (isBroken || !this.#ending) this.#giveBack(isBroken)
    this.#ending?.ended()
  }

  #giveBack(isBroken: boolean): void {
    const session = this.#session as Session
    const release = this.#release
    this.#release = undefined
    release?.(isBroken || session.isTainted || session.shapes.size > mostPrepared)
  }

  #cancel(): void {
    const session = this.#session
    if (!session || this.#isEnded || this.#ending) return
    this.#ending = endOnServer(this.#pools, session.pid)
    void this.#ending.done.then((isEnded) => {
      this.#isEnded = true
      if (!isEnded) session.wire.stream.destroy()
      this.#giveBack(!isEnded)
    })
  }

  #succeed(): void {
    if (this.#isSettled) return
    this.#settle()
    const { rows, cut } = this.#collector
    const [command, ...counts] = this.#tag.split(' ')
    const count = counts.at(-1)
    this.#resolve({ rows, command, cut, ...(count !== undefined && { count: Number(count) }) })
  }

  #fail(error: HubError): void {
    if (this.#isSettled) return
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.#isSettled = true
    if (this.#onAbort) this.#waiting.signal.removeEventListener('abort', this.#onAbort)
  }

  #abandoned(): HubError {
    const { signal, deadline } = this.#waiting
    if (signal.reason instanceof HubError) return signal.reason
    const what = Date.now() >= deadline ? 'the call passed its deadline' : 'the call was cancelled'
    return new HubError(Date.now() >= deadline ? 'HUB_TIMEOUT' : 'HUB_CANCELLED', `${what}; ${this.#fate()}`)
  }

  #fate(): string {
    if (!this.#session) return 'its statement had not begun'
    return this.#statement.canWrite
      ? 'the server was told to end its statement; whether the write was done is not known'
      : 'the server was told to end its statement'
  }
}
