import { HubError } from '../contract/errors.ts'
import type { AuditStore } from '../contract/store.ts'
import type { Logger } from '../contract/telemetry.ts'
import { encodeLine } from './encode.ts'

/** The one thing the audit asks of a PostgreSQL pool; a `pg.Pool` has it. */
export interface AuditPool {
  query(statement: { readonly name: string; readonly text: string; readonly values: readonly unknown[] }): Promise<unknown>
}

const maxBatch = 500
// Long enough that less than one call in a hundred of a lone caller meets an insert, short enough that none of them is a burst others have to wait behind.
const lingerMs = 50
/** After a failure writes are refused at once for so long, then one insert tries again. */
const restMs = 1_000
const closeWaitMs = 5_000

const insert = {
  name: 'hub_audit_insert',
  // Lines travel as one JSON text: cheaper to make here than arrays, and a named statement is planned once.
  text: `INSERT INTO hub.audit (at, call_id, phase, principal, organisation, credential, role, tool, connector, effect, args, status, duration_ms, cache)
    SELECT at, call_id, phase, principal, organisation, credential, role, tool, connector, effect, args::json, status, duration_ms, cache
    FROM json_to_recordset($1::json) AS line (at timestamptz, call_id text, phase text, principal text, organisation text, credential text, role text,
      tool text, connector text, effect text, args text, status text, duration_ms double precision, cache text)`,
}

interface Waiting {
  /** Encoded as it came: what waits is one text, not an object and all it holds. */
  readonly text: string
  /** Set for `write`: somebody waits. */
  readonly done?: (error?: HubError) => void
}

/**
 * The audit in `hub.audit`. One insert is under way at a time and takes all that waits (500 lines at most); `write` starts one at once, `append` within 50 ms.
 * While PostgreSQL is gone `write` rejects HUB_AUDIT_UNAVAILABLE (within `timeoutMs`, at once after a failure), appended lines are kept up to `maxQueued` and then counted as lost.
 * A line whose insert was cut off may be there twice, never not at all.
 */
export function createAudit(options: {
  readonly pool: AuditPool
  readonly log: Logger
  readonly maxQueued: number
  readonly onLost?: (lines: number) => void
  readonly timeoutMs?: number
}): AuditStore & { isUp(): boolean; close(): Promise<void> } {
  const { pool, log, maxQueued } = options
  const timeoutMs = options.timeoutMs ?? 3_000
  let queue: Waiting[] = []
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let downUntil = 0
  let lost = 0
  let closed = false

  const lose = (lines: number): void => {
    if (lines === 0) return
    if (lost === 0) log.error('audit lines lost', { lines })
    lost += lines
    options.onLost?.(lines)
  }

  const soon = (afterMs: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      void drain()
    }, afterMs).unref()
  }

  // Resolves when the queue is empty or an insert failed; never rejects.
  const drain = (): Promise<void> => (running ??= work())

  const work = async (): Promise<void> => {
    // What is added in this turn of the event loop goes along.
    await new Promise((resolve) => setImmediate(resolve))
    let stuck = false
    while (queue.length > 0 && !stuck) {
      const batch = queue.slice(0, maxBatch)
      queue = queue.slice(batch.length)
      stuck = !(await deliver(batch))
    }
    // In the same breath as the last look at the queue, so that no line falls between.
    running = undefined
  }

  const deliver = async (batch: readonly Waiting[]): Promise<boolean> => {
    const error = await send(batch)
    if (error === undefined) return recovered(batch)
    return isRefusedData(error) ? sendOneByOne(batch) : failed(batch, error)
  }

  const send = async (batch: readonly Waiting[]): Promise<unknown> => {
    let limit: NodeJS.Timeout | undefined
    const late = new Promise<Error>((resolve) => {
      limit = setTimeout(() => resolve(new Error('no answer in time')), timeoutMs)
    })
    const sent = pool.query({ ...insert, values: [`[${batch.map(({ text }) => text).join()}]`] }).then(
      () => undefined,
      (error: unknown) => error,
    )
    const outcome = await Promise.race([sent, late])
    clearTimeout(limit)
    return outcome
  }

  // One line PostgreSQL cannot take must not cost its neighbours theirs.
  const sendOneByOne = async (batch: readonly Waiting[]): Promise<boolean> => {
    for (const [index, waiting] of batch.entries()) {
      const error = await send([waiting])
      if (error === undefined) recovered([waiting])
      else if (!isRefusedData(error)) return failed(batch.slice(index), error)
      else if (waiting.done === undefined) lose(1)
      else waiting.done(unavailable('the audit refused this line', error))
    }
    return true
  }

  const recovered = (batch: readonly Waiting[]): true => {
    if (downUntil !== 0 || lost !== 0) log.info('audit writes again', { lost })
    downUntil = 0
    lost = 0
    for (const waiting of batch) waiting.done?.()
    return true
  }

  const failed = (batch: readonly Waiting[], error: unknown): false => {
    if (downUntil === 0) log.error('audit cannot write', { error, queued: queue.length + batch.length })
    downUntil = performance.now() + restMs
    const all = [...batch, ...queue]
    const refusal = unavailable('the audit store does not answer', error)
    for (const waiting of all) waiting.done?.(refusal)
    // A refused write never happened: only lines of what did happen are kept.
    queue = all.filter((waiting) => waiting.done === undefined)
    lose(Math.max(0, queue.length - maxQueued))
    queue = queue.slice(0, maxQueued)
    if (queue.length > 0 && !closed) soon(restMs)
    return false
  }

  // While one insert finds out whether PostgreSQL is back, nobody else waits for it.
  const isDown = (): boolean => closed || downUntil > performance.now() || (downUntil !== 0 && running !== undefined)

  return {
    isUp: () => downUntil === 0,
    write(line) {
      if (isDown()) return Promise.reject(unavailable('the audit store does not answer'))
      if (queue.length >= maxQueued + maxBatch) return Promise.reject(unavailable('the audit store does not keep up'))
      return new Promise((resolve, reject) => {
        queue.push({ text: encodeLine(line), done: (error) => (error === undefined ? resolve() : reject(error)) })
        void drain()
      })
    },
    append(line) {
      if (closed || queue.length >= maxQueued) return lose(1)
      queue.push({ text: encodeLine(line) })
      if (running !== undefined) return
      if (queue.length >= maxBatch && !isDown()) void drain()
      else soon(lingerMs)
    },
    async flush() {
      if (queue.length > 0 || running !== undefined) await drain()
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(timer)
      let limit: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        limit = setTimeout(resolve, closeWaitMs)
      })
      await Promise.race([queue.length > 0 || running !== undefined ? drain() : undefined, late])
      clearTimeout(limit)
      lose(queue.length)
      queue = []
    },
  }
}

const unavailable = (what: string, cause?: unknown): HubError =>
  new HubError('HUB_AUDIT_UNAVAILABLE', `${what}, and nothing is written without its audit line; try again shortly`, { retryAfterMs: restMs }, cause)

/** SQLSTATE classes 22 and 23: the data is at fault, not the store. */
const isRefusedData = (error: unknown): boolean => error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code)
