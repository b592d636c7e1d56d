import type { Readable } from 'node:stream'
import { HubError } from '../../contract/errors.ts'
import { brokenFailure, exceptionIn, exceptionOf, isReadonlyTwo, statementFailure, type FailureContext } from './failures.ts'
import { follow } from './progress.ts'
import { Rows, type Caps } from './rows.ts'
import { newQueryId, type Request, type Server } from './server.ts'
import type { Row } from './shape.ts'

/** A statement ready to run. */
export interface Runnable {
  readonly text: string
  readonly parameters: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, string>>
  readonly canWrite: boolean
}

/** What a statement gave. */
export interface Outcome {
  readonly rows: readonly Row[]
  readonly cut?: 'rows' | 'bytes'
}

/** Which wait a call may give up, and whom it tells how far it is. */
export interface Waiting {
  readonly signal: AbortSignal
  readonly deadline: number
  progress?(done: number, total?: number, message?: string): void
}

const drainBytes = 1024 * 1024
const format = '\nFORMAT JSONCompactEachRowWithNamesAndTypes'

/** Runs a statement: at most so many rows and bytes are read, and it is ended on the server when its caller leaves. Rejects with HubErrors. */
export function runStatement(server: Server, statement: Runnable, caps: Caps, waiting: Waiting): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    void new Execution(server, statement, caps, waiting, resolve, reject).start()
  })
}

/** One statement under way. */
class Execution {
  readonly #server: Server
  readonly #statement: Runnable
  readonly #waiting: Waiting
  readonly #rows: Rows
  readonly #caps: Caps
  readonly #resolve: (outcome: Outcome) => void
  readonly #reject: (error: HubError) => void
  readonly #context: FailureContext

  #request: Request
  #stream: Readable | undefined
  #isSettled = false
  #stopFollowing = (): void => {}
  readonly #onAbort = (): void => this.#leave()

  constructor(server: Server, statement: Runnable, caps: Caps, waiting: Waiting, resolve: (outcome: Outcome) => void, reject: (error: HubError) => void) {
    this.#server = server
    this.#statement = statement
    this.#caps = caps
    this.#waiting = waiting
    this.#rows = new Rows(caps)
    this.#resolve = resolve
    this.#reject = reject
    this.#context = { statementTimeoutMs: server.settings.statementTimeoutMs, canWrite: statement.canWrite }
    this.#request = this.#requestWith(statement.settings)
  }

  async start(): Promise<void> {
    const { signal } = this.#waiting
    if (signal.aborted) return this.#fail(this.#abandoned('its statement had not begun'))
    signal.addEventListener('abort', this.#onAbort)
    this.#stopFollowing = follow(this.#server, this.#request.queryId, this.#waiting)
    try {
      this.#read(await this.#send())
    } catch (error) {
      const failure = statementFailure(error, this.#context)
      this.#fail(failure)
      // A server that said nothing for too long may still be at work.
      if (failure.code === 'HUB_TIMEOUT' && exceptionOf(error) === undefined) void this.#server.kill(this.#request.queryId)
    }
  }

  /** A user whose profile is `readonly = 2` may not choose that setting itself, and needs not. */
  async #send(): Promise<Readable> {
    try {
      return await this.#server.send(this.#request)
    } catch (error) {
      if (this.#statement.settings['readonly'] !== '1' || !isReadonlyTwo(exceptionOf(error))) throw error
      this.#request = this.#requestWith({ ...this.#statement.settings, readonly: '2' }, this.#request)
      return this.#server.send(this.#request)
    }
  }

  #requestWith(settings: Readonly<Record<string, string>>, before?: Request): Request {
    const { text, parameters, canWrite } = this.#statement
    const written = canWrite ? text : text + format
    return { text: written, parameters, settings, queryId: before?.queryId ?? newQueryId(), controller: before?.controller ?? new AbortController() }
  }

  #read(stream: Readable): void {
    this.#stream = stream
    // The caller left while the server began to answer.
    if (this.#isSettled) return this.#drop()
    stream.on('data', (chunk: Buffer) => {
      this.#rows.take(chunk)
      if (this.#rows.cut !== undefined) this.#drain()
    })
    stream.once('end', () => this.#ended())
    stream.once('error', (error: Error) => this.#ended(error))
  }

  // Rows nobody will see: a little is read to the end, which keeps the connection; more is ended on the server. A write is never ended for the size of its answer.
  #drain(): void {
    if (this.#statement.canWrite || this.#rows.bytes < this.#caps.bytes + drainBytes) return
    this.#succeed()
    this.#cancel()
  }

  #ended(error?: Error): void {
    if (this.#isSettled) return
    this.#rows.end()
    const { unreadable, cut } = this.#rows
    // The rows that are kept are whole, whatever became of those behind them.
    if (cut !== undefined) return this.#succeed()
    // A write answers in no form that is read.
    const fault = this.#statement.canWrite && exceptionIn(this.#rows.fault) === undefined ? '' : this.#rows.fault
    if (fault !== '' || error) return this.#fail(brokenFailure(fault, error, this.#context))
    if (unreadable) return this.#fail(new HubError('HUB_UPSTREAM_FAILED', 'ClickHouse answered a row that cannot be read', {}, unreadable))
    this.#succeed()
  }

  /** The caller left or its deadline passed. */
  #leave(): void {
    const fate = this.#statement.canWrite
      ? 'ClickHouse was told to end its statement; whether the write was done is not known'
      : 'ClickHouse was told to end its statement'
    this.#fail(this.#abandoned(fate))
    this.#cancel()
  }

  #cancel(): void {
    this.#request.controller.abort()
    this.#drop()
    void this.#server.kill(this.#request.queryId)
  }

  #drop(): void {
    // What still comes, and how it ends, is nobody's concern any more.
    this.#stream?.on('error', () => {})
    this.#stream?.destroy()
  }

  #succeed(): void {
    if (this.#isSettled) return
    this.#settle()
    const { rows, cut } = this.#rows
    this.#resolve({ rows, ...(cut !== undefined && { cut }) })
  }

  #fail(error: HubError): void {
    if (this.#isSettled) return
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.#isSettled = true
    this.#stopFollowing()
    this.#waiting.signal.removeEventListener('abort', this.#onAbort)
  }

  #abandoned(fate: string): HubError {
    const { signal, deadline } = this.#waiting
    if (signal.reason instanceof HubError) return signal.reason
    const isLate = Date.now() >= deadline
    return new HubError(isLate ? 'HUB_TIMEOUT' : 'HUB_CANCELLED', `${isLate ? 'the call passed its deadline' : 'the call was cancelled'}; ${fate}`)
  }
}
