import type { Truncation } from '../../../contract/answer.ts'
import type { JsonObject } from '../../../contract/json.ts'
import type { Reading } from '../candles/read.ts'

/** How much an answer may hold. */
export interface Caps {
  readonly rows: number
  readonly bytes: number
}

// Rows made before the clock is looked at.
const between = 64
// What stands beside the rows.
const beside = 8_192

/** Rows from `from` to the last one, as many of the newest as an answer may hold; the oldest are left out. */
export async function newestThatFit(
  length: number,
  from: number,
  row: (index: number) => JsonObject,
  caps: Caps,
  pause: () => Promise<void>,
): Promise<{ readonly rows: readonly JsonObject[]; readonly truncated?: Truncation }> {
  const rows: JsonObject[] = []
  let room = Math.max(caps.bytes - beside, caps.bytes / 2)
  let by: Truncation['by'] | undefined
  let isRoomy = false
  for (let i = length - 1; i >= from; i -= 1) {
    const made = row(i)
    // Rows are alike: where twice the first of them fit as many times as wanted, none needs to be weighed.
    if (rows.length === 0) isRoomy = 2 * (length - from) * Buffer.byteLength(JSON.stringify(made)) < room
    if (!isRoomy) room -= Buffer.byteLength(JSON.stringify(made)) + 1
    if (rows.length >= caps.rows) by = 'rows'
    else if (room < 0) by = 'bytes'
    if (by !== undefined) break
    rows.push(made)
    if (rows.length % between === 0) await pause()
  }
  rows.reverse()
  return { rows, ...(by && { truncated: { by, kept: rows.length, limit: caps[by] } }) }
}

/** Which candles an answer speaks of. */
export const seriesOf = ({ candles, given }: Reading): JsonObject => ({
  candles: candles.length,
  ...(given !== candles.length && { given }),
  from: candles.timestamps[0] ?? null,
  to: candles.timestamps.at(-1) ?? null,
})
