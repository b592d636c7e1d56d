import type pg from 'pg'
import type { HubError } from '../../contract/errors.ts'
import { connectFailure, isFatal, statementFailure } from './failures.ts'
import type { Runnable } from './runnable.ts'
import type { Pools } from './pools.ts'
import type { Session, Wire } from './session.ts'

/** Asks the server which types it gave the parameters of a statement. */
export function parameterTypes(pools: Pools, statement: Runnable): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const pool = statement.canWrite ? pools.writing() : pools.reading
    pool.connect((error, session, release) => {
      if (error || !session) return reject(connectFailure(error ?? new Error('connection failed')))
      ;(session as unknown as Session).query(submittable(statement, release, resolve, reject))
    })
  })
}

function submittable(
  statement: Runnable,
  release: (destroy?: boolean) => void,
  resolve: (types: readonly number[]) => void,
  reject: (error: HubError) => void,
): pg.Submittable {
  let types: readonly number[] = []
  let hasFailed = false
  const take = ({ dataTypeIDs }: { readonly dataTypeIDs: readonly number[] }): void => void (types = dataTypeIDs)
  let wire: Wire | undefined
  const described = {
    submit(connection: pg.Connection): void {
      wire = connection as unknown as Wire
      wire.once('parameterDescription', take)
      wire.stream.cork()
      // Unnamed: it leaves nothing behind on the connection.
      wire.parse({ name: '', text: statement.text })
      wire.describe({ type: 'S', name: '' })
      wire.sync()
      wire.stream.uncork()
    },
    handleRowDescription(): void {},
    handleError(error: Error): void {
      hasFailed = true
      wire?.off('parameterDescription', take)
      release(isFatal(error))
      reject(statementFailure(error, { ...statement, elapsedMs: 0 }))
    },
    handleReadyForQuery(): void {
      if (hasFailed) return
      release()
      resolve(types)
    },
  }
  return described
}
