import { finished } from 'node:stream/promises'
import { HubError } from '../../contract/errors.ts'
import type { Row as FlowRow, Written } from '../../contract/flow.ts'
import type { Json } from '../../contract/json.ts'
import { cellOf, Misfit } from './cells.ts'
import type { Columns, KnownColumns } from './columns.ts'
import type { Waiting } from './execution.ts'
import { brokenFailure, exceptionIn, exceptionOf, statementFailure } from './failures.ts'
import { jsonOf } from './notations.ts'
import { newQueryId, type Server } from './server.ts'
import { insertSettings } from './settings.ts'
import { isNullable } from './types.ts'

/** Where rows go. */
export interface Target {
  readonly table: string
  /** The only columns that may be given. */
  readonly only?: readonly string[]
  /** Rows of one insert at most. */
  readonly batch: number
}

/** A row as it is sent, and which of the caller's it is. */
interface Line {
  readonly index: number
  readonly text: string
}

type Refusal = NonNullable<Written['refused']>[number]

const batchBytes = 8 * 1024 * 1024
// Rows the server itself refuses are taken out one by one: a few are told, many are a table that does not fit.
const mostRefusedByServer = 20
// No such column, type mismatch, unknown table, wrong number of columns, column not in the table's list: the table is another than it was.
const anotherTable = new Set([8, 10, 16, 20, 53, 60, 117])

/** Checks rows against their table and inserts those that fit, batch by batch. Rejects with HubErrors. */
export async function insertRows(server: Server, known: KnownColumns, target: Target, rows: readonly FlowRow[], waiting: Waiting): Promise<Written> {
  const columns = await known.of(target.table, waiting)
  try {
    return await insertInto(server, columns, target, rows, waiting)
  } catch (error) {
    const code = error instanceof HubError ? error.details['exception'] : undefined
    if (typeof code !== 'number' || !anotherTable.has(code)) throw error
    known.forget(target.table)
    // Nothing of the first batch was written; a later batch is not sent again without its forerunners.
    if (rows.length > target.batch) throw error
    return insertInto(server, await known.of(target.table, waiting), target, rows, waiting)
  }
}

async function insertInto(server: Server, columns: Columns, target: Target, rows: readonly FlowRow[], waiting: Waiting): Promise<Written> {
  const refused: Refusal[] = []
  let written = 0
  let lines: Line[] = []
  let bytes = 0
  const send = async (): Promise<void> => {
    const batch = lines
    lines = []
    bytes = 0
    written += await insertBatch(server, target.table, batch, refused, waiting)
  }
  for (const [index, row] of rows.entries()) {
    const line = lineOf(row, index, columns, target, refused)
    if (!line) continue
    lines.push(line)
    bytes += line.text.length
    if (lines.length === target.batch || bytes >= batchBytes) await send()
  }
  if (lines.length > 0) await send()
  refused.sort((left, right) => left.index - right.index)
  return { rows: written, ...(refused.length > 0 && { refused }) }
}

function lineOf(row: FlowRow, index: number, columns: Columns, target: Target, refused: Refusal[]): Line | undefined {
  try {
    return { index, text: JSON.stringify(fitted(row, columns, target)) }
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    refused.push({ index, reason: error.message })
    return undefined
  }
}

function fitted(row: FlowRow, columns: Columns, { table, only }: Target): Json {
  const out: { [name: string]: Json } = {}
  for (const [name, value] of Object.entries(row)) {
    const column = columns.get(name)
    if (!column || (only && !only.includes(name))) throw new Misfit(`"${name}" is not a column of ${table} that can be written`)
    if (value === null && column.hasDefault && !isNullable(column.type)) continue
    out[name] = valueFor(name, () => jsonOf(cellOf(value, column.type)))
  }
  for (const [name, { type, hasDefault }] of columns) {
    if (!(name in row) && !hasDefault && !isNullable(type) && (!only || only.includes(name)))
      throw new Misfit(`"${name}" is missing, and the column has no default`)
  }
  return out
}

function valueFor(name: string, work: () => Json): Json {
  try {
    return work()
  } catch (error) {
    if (error instanceof Misfit) throw new Misfit(`"${name}" ${error.message}`)
    throw error
  }
}

/** Sends one batch, again without the row where the server says that one cannot be read. */
async function insertBatch(server: Server, table: string, batch: readonly Line[], refused: Refusal[], waiting: Waiting): Promise<number> {
  let lines = batch
  for (let attempt = 0; lines.length > 0; attempt += 1) {
    try {
      await post(server, table, lines, waiting)
      return lines.length
    } catch (error) {
      const place = attempt < mostRefusedByServer ? refusedPlace(error) : undefined
      const line = place === undefined ? undefined : lines[Number(place) - 1]
      if (!line) throw error
      refused.push({ index: line.index, reason: (error as HubError).message })
      lines = lines.filter((one) => one !== line)
    }
  }
  return 0
}

/** The row, counted from 1, that the server could not read, where it says which and the table is not to blame. */
function refusedPlace(error: unknown): string | undefined {
  if (!(error instanceof HubError) || anotherTable.has(Number(error.details['exception']))) return undefined
  return /\(at row (\d+)\)/.exec(String(error.details['said'] ?? ''))?.[1]
}

/** One insert; resolves when its rows are written. */
async function post(server: Server, table: string, lines: readonly Line[], { signal, deadline }: Waiting): Promise<void> {
  const { statementTimeoutMs, asyncInserts } = server.settings
  const context = { statementTimeoutMs, canWrite: true }
  if (signal.aborted) throw abandoned(signal, deadline, 'nothing was sent')
  const controller = new AbortController()
  const leave = (): void => controller.abort()
  signal.addEventListener('abort', leave)
  const queryId = newQueryId()
  let said = ''
  try {
    const stream = await server.send({
      text: `INSERT INTO ${quoted(table)} FORMAT JSONEachRow`,
      parameters: {},
      settings: insertSettings(statementTimeoutMs, asyncInserts),
      queryId,
      controller,
      body: `${lines.map(({ text }) => text).join('\n')}\n`,
    })
    stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(0, 16_384)))
    await finished(stream)
    if (said.trim() !== '') throw brokenFailure(said, undefined, context)
  } catch (error) {
    if (signal.aborted) {
      void server.kill(queryId)
      throw abandoned(signal, deadline, 'ClickHouse was told to end the insert; whether its rows were written is not known')
    }
    if (error instanceof HubError) throw error
    const failure = said === '' ? statementFailure(error, context) : brokenFailure(said, error as Error, context)
    throw new HubError(failure.code, failure.message, { ...failure.details, said: exceptionOf(error)?.message ?? exceptionIn(said)?.message }, error)
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

function abandoned(signal: AbortSignal, deadline: number, fate: string): HubError {
  if (signal.reason instanceof HubError) return signal.reason
  const isLate = Date.now() >= deadline
  return new HubError(isLate ? 'HUB_TIMEOUT' : 'HUB_CANCELLED', `${isLate ? 'the call passed its deadline' : 'the call was cancelled'}; ${fate}`)
}

/** A table's name in quotes; its letters were checked by the schema. */
const quoted = (table: string): string =>
  table
    .split('.')
    .map((part) => `\`${part}\``)
    .join('.')
