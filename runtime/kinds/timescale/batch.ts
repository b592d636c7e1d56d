import type pg from 'pg'
import { atTurnEnd } from '../../contract/turn.ts'
import { endOnServer, type Ending } from './ending.ts'
import type { Execution, Trip } from './execution.ts'
import { connectFailure, isFatal, isOfOldTypes, isStale, statementFailure } from './failures.ts'
import type { Pools } from './pools.ts'
import type { Runnable } from './runnable.ts'
import type { Session, Wire } from './session.ts'
import { shapeOf, type Column, type Shape } from './shape.ts'

const mostPrepared = 500

/** What a batch asks of those who made it. */
export interface Owner {
  /** Nobody joins it any more. */
  departed(batch: Batch): void
  /** The statement of this call did not run, through no fault of its own: it goes again, alone. */
  again(execution: Execution): void
}

/** One round trip of one statement for one call or several: what pg's client speaks to, from waiting for a connection to giving it back. */
export class Batch implements Trip {
  isUnderWay = false
  readonly #pools: Pools
  readonly #statement: Runnable
  readonly #room: number
  readonly #owner: Owner
  /** In the order in which the server runs them. */
  #members: Execution[] = []
  /** Which of them the server is at. */
  #at = 0
  #session: Session | undefined
  #release: ((destroy?: boolean) => void) | undefined
  #shape: Shape | undefined
  #startedAt = 0
  #isEnded = false
  #ending: Ending | undefined
  #isRepeated = false
  #wasPrepared = false

  constructor(pools: Pools, statement: Runnable, room: number, owner: Owner) {
    this.#pools = pools
    this.#statement = statement
    this.#room = room
    this.#owner = owner
  }

  get hasRoom(): boolean {
    return this.#members.length < this.#room
  }

  /** pg's client reads these two and keeps `parsedStatements` by them. */
  get name(): string {
    return this.#statement.name
  }

  get text(): string {
    return this.#statement.text
  }

  add(execution: Execution): void {
    execution.trip = this
    this.#members.push(execution)
  }

  /** Waits for a connection, and then, where others may join, for the end of the turn. */
  start(pool: pg.Pool): void {
    pool.connect((error, session, release) => {
      if (error || !session) return this.#refuse(error ?? new Error('connection failed'))
      this.#session = session as unknown as Session
      this.#release = release
      if (this.hasRoom && this.#room > 1) atTurnEnd(() => this.#depart())
      else this.#depart()
    })
  }

  #refuse(error: Error): void {
    this.#owner.departed(this)
    for (const member of this.#members) member.fail(connectFailure(error))
  }

  #depart(): void {
    this.#owner.departed(this)
    // Some left while they waited.
    this.#members = this.#members.filter(({ isSettled }) => !isSettled)
    if (this.#members.length === 0) return this.#giveBack(false)
    this.isUnderWay = true
    this.#startedAt = performance.now()
    this.#session?.query(this as unknown as pg.Submittable)
  }

  submit(connection: pg.Connection): void {
    const wire = connection as unknown as Wire
    const session = this.#session as Session
    const { name, text } = this.#statement
    const isPrepared = name !== '' && wire.parsedStatements[name] === text
    this.#wasPrepared = isPrepared
    this.#shape = isPrepared ? session.shapes.get(name) : undefined
    wire.stream.cork()
    try {
      // Also where the name is not known to the client: a pooler in between may have left it on the server.
      if (this.#isRepeated) wire.close({ type: 'S', name })
      if (!isPrepared) wire.parse({ name, text })
      let isKnown = this.#shape !== undefined
      let left = this.#members.length
      for (const { values, caps } of this.#members) {
        wire.bind({ statement: name, values })
        if (!isKnown) wire.describe({ type: 'P', name: '' })
        isKnown = true
        // One row more than is kept tells whether there are more. The next one's binding, or the sync, ends the portal: no second round trip.
        // A write runs to its end: a SELECT that calls functions would stop at the cap, with the rest unwritten.
        wire.execute({ rows: this.#statement.canWrite ? 0 : caps.rows + 1 })
        // Without it the server would keep one's answer until it is done with the next.
        if (--left > 0) wire.flush()
      }
      wire.sync()
    } finally {
      if (this.#room > 1) wire.stream.uncork()
      else atTurnEnd(() => wire.stream.uncork())
    }
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    this.#shape = shapeOf(fields)
    if (this.#statement.name !== '') this.#session?.shapes.set(this.#statement.name, this.#shape)
  }

  handleDataRow({ fields, length }: { readonly fields: readonly (string | null)[]; readonly length: number }): void {
    if (this.#members[this.#at]?.take(this.#shape, fields, length) === false) this.#cancel()
  }

  handlePortalSuspended(): void {
    this.#members[this.#at]?.suspended()
    this.#next()
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#members[this.#at]?.completed(text)
    this.#next()
  }

  handleEmptyQuery(): void {
    this.#next()
  }

  handleCopyInResponse(connection: { sendCopyFail(reason: string): void }): void {
    connection.sendCopyFail('COPY is not for a tool')
  }

  handleCopyData(): void {}

  #next(): void {
    this.#at += 1
    // Its answer is as a rule here already; where it is not, those behind it are not to wait for what nobody wants.
    if (this.#members[this.#at]?.isSettled === true) setImmediate(() => this.left())
  }

  handleError(error: Error): void {
    const session = this.#session as Session
    const rest = this.#members.slice(this.#at)
    const isWanted = rest.some(({ isSettled }) => !isSettled)
    if ((isStale(error) || (this.#wasPrepared && isOfOldTypes(error))) && !this.#isRepeated && isWanted) return this.#repeat(session, rest)
    const elapsedMs = performance.now() - this.#startedAt
    // What was given up for being slow counts as slow.
    this.#statement.pace?.took(elapsedMs, this.#at + 1)
    this.#end(isFatal(error))
    const failure = statementFailure(error, { ...this.#statement, elapsedMs })
    const [current, ...behind] = rest
    // All were run, and their transaction could not be ended.
    if (current === undefined) {
      for (const member of this.#members) member.fail(failure)
      return
    }
    this.#succeed(this.#at)
    // A cancel meant for one that nobody waits for can meet the next; and those behind one that failed were not begun.
    const isMet = this.#ending !== undefined && this.#members.length > 1
    if (isMet && !current.isSettled) this.#owner.again(current)
    else current.fail(failure)
    for (const member of behind) if (!member.isSettled) this.#owner.again(member)
  }

  /** The server no longer takes the prepared statement: it is prepared anew, for those who have no answer yet. */
  #repeat(session: Session, rest: readonly Execution[]): void {
    this.#succeed(this.#at)
    this.#isRepeated = true
    this.#members = rest.filter(({ isSettled }) => !isSettled)
    this.#at = 0
    for (const member of this.#members) member.restart()
    delete session.wire.parsedStatements[this.#statement.name]
    session.shapes.delete(this.#statement.name)
    session.query(this as unknown as pg.Submittable)
  }

  handleReadyForQuery(): void {
    this.#statement.pace?.took(performance.now() - this.#startedAt, this.#members.length)
    this.#end(false)
    this.#succeed(this.#members.length)
  }

  #succeed(count: number): void {
    for (let index = 0; index < count; index += 1) this.#members[index]?.succeed()
  }

  /** One caller left: what the server runs is ended if nobody waits for that. */
  left(): void {
    if (this.#members[this.#at]?.isSettled === true) this.#cancel()
  }

  /** The server is done: the connection goes back before anything else happens, or when the cancel that is still on its way to it was taken. */
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
    if (!session || !this.isUnderWay || this.#isEnded || this.#ending) return
    this.#ending = endOnServer(this.#pools, session.pid)
    void this.#ending.done.then((isEnded) => {
      this.#isEnded = true
      if (!isEnded) session.wire.stream.destroy()
      this.#giveBack(!isEnded)
    })
  }
}
