import type pg from 'pg'
import { HubError } from '../../contract/errors.ts'
import { findFaults } from './bisect.ts'
import type { Runnable, Waiting } from './runnable.ts'
import { statementFailure } from './failures.ts'
import { insertValues } from './insertion.ts'
import { rowsOf, type Layout, type RowFault } from './layout.ts'
import type { Pools } from './pools.ts'
import { isOfRows } from './writer.ts'

const bounds = { faults: 20, attempts: 400 }

/** Finds the rows of a refused write that are to blame, in a transaction that is taken back. */
export async function rehearse(
  pools: Pools,
  statement: Runnable,
  layout: Layout,
  { signal }: Waiting,
): Promise<{ readonly faults: readonly RowFault[]; readonly isWhole: boolean }> {
  const session = await pools.writing().connect()
  const cancel = (): void => void pools.cancel((session as unknown as { readonly processID: number }).processID)
  let isBroken = true
  signal.addEventListener('abort', cancel)
  try {
    await session.query('BEGIN')
    const found = await findFaults(layout.indexes.length, (from, to) => attempt(session, statement, rowsOf(layout, from, to), signal), bounds)
    await session.query('ROLLBACK')
    isBroken = false
    return {
      ...found,
      faults: found.faults.map(({ index, why }) => ({ index: layout.indexes[index] as number, ...why })).toSorted((a, b) => a.index - b.index),
    }
  } catch {
    if (signal.aborted) throw signal.reason instanceof HubError ? signal.reason : new HubError('HUB_CANCELLED', 'the call was cancelled; nothing was written')
    // Why the write failed is known already; only which rows are to blame is not.
    return { faults: [], isWhole: false }
  } finally {
    signal.removeEventListener('abort', cancel)
    // What the server was told to cancel may come late: such a connection is not for others.
    session.release(isBroken || signal.aborted)
  }
}

type Why = Omit<RowFault, 'index'>

async function attempt(session: pg.PoolClient, { text, statementTimeoutMs }: Runnable, layout: Layout, signal: AbortSignal): Promise<Why | undefined> {
  signal.throwIfAborted()
  await session.query('SAVEPOINT attempt')
  try {
    await session.query(text, [...insertValues(layout)])
    await session.query('RELEASE attempt')
    return undefined
  } catch (error) {
    const failure = statementFailure(error as Error, { elapsedMs: 0, statementTimeoutMs, canWrite: true })
    if (!isOfRows(failure)) throw error
    await session.query('ROLLBACK TO attempt')
    return whyOf(error as { readonly message: string; readonly detail?: string; readonly column?: string })
  }
}

const whyOf = ({ message, detail, column }: { readonly message: string; readonly detail?: string; readonly column?: string }): Why => ({
  ...(column !== undefined && { column }),
  reason: `is refused by the database: ${message}${detail === undefined ? '' : ` (${detail.slice(0, 300)})`}`,
})
