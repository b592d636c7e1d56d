import { HubError } from '../../contract/errors.ts'
import type { Row, Sink, Written } from '../../contract/flow.ts'
import { findFaults } from './bisect.ts'
import type { Waiting } from './runnable.ts'
import type { SinkSpec } from './flow-schemas.ts'
import { rowsOf, type Layout } from './layout.ts'
import { onConflictOf } from './operation.ts'
import type { Pools } from './pools.ts'
import { createWriter, isOfRows, isOfSchema, type Writer } from './writer.ts'

const chunkRows = 1_000
// Of one statement: the ways in which its rows leave out columns, and characters.
const mostShapes = 32
const mostLength = 8 * 1024 * 1024
const mostReason = 300

/** A table that a flow writes to: chunk by chunk, each whole; a row the database refuses is found and told, and the others are written. */
export function createSink(spec: SinkSpec, pools: Pools, statementTimeoutMs: number): Sink {
  const target = { table: spec.table, key: spec.key ?? [], onConflict: onConflictOf(spec) }
  if (spec.key === undefined && target.onConflict !== 'error')
    throw new HubError('HUB_CONFIG_VALUE', `onConflict: ${target.onConflict} needs a key: the columns of a unique index of "${spec.table}"`)
  const sources = spec.columns && Object.entries(spec.columns).map(([column, name]) => ({ column, from: 'row' as const, name }))
  const writer = createWriter({ pools, target, ...(sources && { sources }), isClosed: sources === undefined, statementTimeoutMs })
  let isClosed = false

  async function writeChunk(rows: readonly Row[], first: number, signal: AbortSignal): Promise<readonly Refused[]> {
    const waiting: Waiting = { signal, deadline: Infinity }
    try {
      return await attemptChunk(writer, rows, first, waiting)
    } catch (error) {
      if (!(error instanceof HubError) || !isOfSchema(error)) throw error
      writer.forget()
      return attemptChunk(writer, rows, first, waiting)
    }
  }

  return {
    async write(rows, signal): Promise<Written> {
      if (isClosed) throw new HubError('HUB_CONNECTOR_DOWN', 'this sink is closed')
      const refused: Refused[] = []
      for (let first = 0; first < rows.length; first += chunkRows) refused.push(...(await writeChunk(rows.slice(first, first + chunkRows), first, signal)))
      return { rows: rows.length - refused.length, ...(refused.length > 0 && { refused }) }
    },
    close: () => {
      isClosed = true
      return Promise.resolve()
    },
  }
}

type Refused = NonNullable<Written['refused']>[number]

async function attemptChunk(writer: Writer, rows: readonly Row[], first: number, waiting: Waiting): Promise<readonly Refused[]> {
  const { layout, faults } = await writer.layOut(rows, {}, waiting)
  if (rows.length > 1 && (layout.shapes.length > mostShapes || lengthOf(layout) > mostLength)) {
    const middle = rows.length >> 1
    const before = await attemptChunk(writer, rows.slice(0, middle), first, waiting)
    return [...before, ...(await attemptChunk(writer, rows.slice(middle), first + middle, waiting))]
  }
  const unfit = faults.map(({ index, column, reason }) => ({ index: first + index, reason: column === undefined ? reason : `"${column}" ${reason}` }))
  const { faults: refused } = await findFaults(layout.indexes.length, (from, to) => attempt(writer, rowsOf(layout, from, to), waiting), {
    faults: Infinity,
    attempts: Infinity,
  })
  const told = refused.map(({ index, why }) => ({ index: first + (layout.indexes[index] as number), reason: why.message.slice(0, mostReason) }))
  return [...unfit, ...told].toSorted((a, b) => a.index - b.index)
}

const lengthOf = ({ texts }: Layout): number => texts.reduce((sum, list) => list.reduce((inner, text) => inner + (text?.length ?? 0), sum), 0)

async function attempt(writer: Writer, layout: Layout, waiting: Waiting): Promise<HubError | undefined> {
  if (layout.indexes.length === 0) return undefined
  try {
    await writer.write(layout, waiting)
    return undefined
  } catch (error) {
    if (error instanceof HubError && isOfRows(error)) return error
    throw error
  }
}
