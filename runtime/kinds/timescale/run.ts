import type pg from 'pg'
import { HubError } from '../../contract/errors.ts'
import { Batch, type Owner } from './batch.ts'
import type { Caps } from './collector.ts'
import { Execution } from './execution.ts'
import type { Parameter } from './parameters.ts'
import type { Pools } from './pools.ts'
import type { Outcome, Runnable, Waiting } from './runnable.ts'

const mostWaiting = 1_024

/** The round trips that calls may still join, by statement. */
const boarding = new WeakMap<Runnable, Batch>()

/**
 * Runs a statement on a connection of the pool: one round trip, at most so many rows and bytes, ended on the server when the caller leaves. Rejects with HubErrors.
 * Calls of one statement that set out in the same turn of the event loop, or wait for the same connection, share the round trip where its pace allows.
 */
export function runStatement(pools: Pools, statement: Runnable, values: readonly Parameter[], caps: Caps, waiting: Waiting): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const execution = new Execution(statement, values, caps, waiting, resolve, reject)
    if (execution.isSettled) return
    const joined = boarding.get(statement)
    if (joined?.hasRoom) joined.add(execution)
    else setOut(pools, statement, execution, statement.pace?.room ?? 1)
  })
}

function setOut(pools: Pools, statement: Runnable, execution: Execution, room: number): void {
  const pool = poolOf(pools, statement)
  if (pool.waitingCount >= mostWaiting) return execution.fail(new HubError('HUB_LIMITED', 'too many calls wait for this database', { retryAfterMs: 1_000 }))
  const owner: Owner = {
    departed: (batch) => void (boarding.get(statement) === batch && boarding.delete(statement)),
    again: (one) => setOut(pools, statement, one, 1),
  }
  const batch = new Batch(pools, statement, room, owner)
  batch.add(execution)
  if (room > 1) boarding.set(statement, batch)
  batch.start(pool)
}

function poolOf(pools: Pools, { canWrite, isLong }: Runnable): pg.Pool {
  if (!canWrite) return pools.reading
  return isLong === true ? pools.managing() : pools.writing()
}
