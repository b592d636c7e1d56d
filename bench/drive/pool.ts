import pg from 'pg'
import { holdsInOrder } from './check.ts'
import type { Lane, Tally } from './lane.ts'
import type { PoolTarget } from './target.ts'

/** Lanes that ask the database through one bare pool: what the query costs with no server around it. */
export async function openPoolLanes(target: PoolTarget, concurrency: number, tally: Tally): Promise<Lane[]> {
  const pool = new pg.Pool({ connectionString: target.url, max: target.poolSize })
  pool.on('error', (error) => tally.failed(error))
  const asks = target.asks.map((ask) => ({ values: [...ask.values], holds: ask.holds.map((piece) => Buffer.from(piece)) }))
  let running = concurrency
  return Array.from({ length: concurrency }, (_, index) => {
    let stopping = false
    let finished: Promise<void> | undefined
    const turn = async (): Promise<void> => {
      for (let at = (index * 7) % asks.length; !stopping; at = (at + 1) % asks.length) {
        const ask = asks[at]!
        const started = performance.now()
        const { rows } = await pool.query({ name: 'candles', text: target.statement, values: ask.values })
        // Without this a pool would be credited for rows nobody can use: every server below hands out JSON.
        const body = Buffer.from(JSON.stringify({ rows }))
        tally.answer(started, body.length, holdsInOrder(body, ask.holds) ? undefined : body.toString('utf8', 0, 600))
      }
    }
    return {
      start: () => {
        finished = turn().catch((error: Error) => tally.failed(error))
      },
      stop: async () => {
        stopping = true
        await finished
        running -= 1
        if (running === 0) await pool.end()
      },
    }
  })
}
