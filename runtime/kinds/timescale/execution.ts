import { HubError } from '../../contract/errors.ts'
import { Collector, type Caps } from './collector.ts'
import type { Parameter } from './parameters.ts'
import type { Outcome, Runnable, Waiting } from './runnable.ts'
import type { Shape } from './shape.ts'

/** The round trip a call's statement goes with. */
export interface Trip {
  /** True once the server was sent its statements. */
  readonly isUnderWay: boolean
  /** Nobody waits for one of its statements any more. */
  left(): void
}

const drainBytes = 1024 * 1024

/** One call's statement: its parameters, the rows as they come, and the answer that is told once. */
export class Execution {
  readonly values: readonly Parameter[]
  readonly caps: Caps
  /** Nobody waits any more: answered, refused or abandoned. */
  isSettled = false
  /** The round trip it goes with. */
  trip: Trip | undefined
  readonly #statement: Runnable
  readonly #waiting: Waiting
  readonly #resolve: (outcome: Outcome) => void
  readonly #reject: (error: HubError) => void
  readonly #onAbort: () => void
  #collector: Collector
  #tag = ''

  constructor(
    statement: Runnable,
    values: readonly Parameter[],
    caps: Caps,
    waiting: Waiting,
    resolve: (outcome: Outcome) => void,
    reject: (error: HubError) => void,
  ) {
    this.#statement = statement
    this.values = values
    this.caps = caps
    this.#collector = new Collector(caps)
    this.#waiting = waiting
    this.#resolve = resolve
    this.#reject = reject
    // Named first, and no object as the listener: V8 would put either, and all it holds, among the old objects.
    const onAbort = (): void => this.#leave()
    this.#onAbort = onAbort
    if (waiting.signal.aborted) this.fail(this.#abandoned())
    else waiting.signal.addEventListener('abort', onAbort)
  }

  /** Takes a row; false when so much came beyond its caps that the rest had better be ended on the server. */
  take(shape: Shape | undefined, fields: readonly (string | null)[], length: number): boolean {
    if (this.isSettled) return true
    const collector = this.#collector
    collector.take(shape, fields, length)
    // Rows nobody will see: a little is read to the end. A write is never ended for the size of its answer.
    if (collector.cut !== 'bytes' || this.#statement.canWrite || collector.bytes < this.caps.bytes + drainBytes) return true
    this.succeed()
    return false
  }

  /** There are more rows than its cap. */
  suspended(): void {
    this.#collector.cut ??= 'rows'
  }

  /** The server is done with it; `tag` says what it did. */
  completed(tag: string): void {
    this.#tag = tag
  }

  /** It begins anew. */
  restart(): void {
    this.#collector = new Collector(this.caps)
    this.#tag = ''
  }

  succeed(): void {
    if (this.isSettled) return
    const { rows, cut, fault } = this.#collector
    if (fault) return this.fail(new HubError('HUB_UPSTREAM_FAILED', 'the database answered a value that cannot be read', {}, fault))
    this.#settle()
    const [command, ...counts] = this.#tag.split(' ')
    const count = counts.at(-1)
    this.#resolve({ rows, command, cut, ...(count !== undefined && { count: Number(count) }) })
  }

  fail(error: HubError): void {
    if (this.isSettled) return
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.isSettled = true
    this.#waiting.signal.removeEventListener('abort', this.#onAbort)
  }

  /** The caller left or its deadline passed. */
  #leave(): void {
    this.fail(this.#abandoned())
    this.trip?.left()
  }

  #abandoned(): HubError {
    const { signal, deadline } = this.#waiting
    if (signal.reason instanceof HubError) return signal.reason
    const what = Date.now() >= deadline ? 'the call passed its deadline' : 'the call was cancelled'
    return new HubError(Date.now() >= deadline ? 'HUB_TIMEOUT' : 'HUB_CANCELLED', `${what}; ${this.#fate()}`)
  }

  #fate(): string {
    if (this.trip?.isUnderWay !== true) return 'its statement had not begun'
    return this.#statement.canWrite
      ? 'the server was told to end its statement; whether the write was done is not known'
      : 'the server was told to end its statement'
  }
}
