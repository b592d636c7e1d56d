import type pg from 'pg'
import { asHubError, type HubError } from '../../contract/errors.ts'
import { endOnServer, type Ending } from './ending.ts'
import { connectFailure, isFatal, statementFailure } from './failures.ts'
import type { Runnable, Waiting } from './runnable.ts'
import type { Pools } from './pools.ts'
import type { Session, Wire } from './session.ts'

/** Asks the server which types it gave the parameters of a statement. */
export function parameterTypes(pools: Pools, statement: Runnable, { signal }: Waiting): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const pool = statement.canWrite ? pools.writing() : pools.reading
    pool.connect((error, session, release) => {
      if (error || !session) return reject(connectFailure(error ?? new Error('connection failed')))
      if (signal.aborted) {
        release()
        return reject(asHubError(signal.reason))
      }
      const { pid, wire } = session as unknown as Session
      let ending: Ending | undefined
      const onAbort = (): void => {
        ending = endOnServer(pools, pid)
        void ending.done.then((isEnded) => void (isEnded || wire.stream.destroy()))
      }
      signal.addEventListener('abort', onAbort, { once: true })
      const done = (isBroken?: boolean): void => {
        signal.removeEventListener('abort', onAbort)
        ending?.ended()
        // A cancel may still be on its way to it.
        release(isBroken === true || ending !== undefined)
      }
      ;(session as unknown as Session).query(submittable(statement, done, resolve, reject))
    })
  })
}

function submittable(
  statement: Runnable,
  release: (destroy?: boolean) => void,
  resolve: (types: readonly number[]) => void,
  reject: (error: HubError) => void,
): pg.Submittable {
  const startedAt = performance.now()
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
      reject(statementFailure(error, { ...statement, elapsedMs: performance.now() - startedAt }))
    },
    handleReadyForQuery(): void {
      if (hasFailed) return
      release()
      resolve(types)
    },
  }
  return described
}
