import type { AuditLine } from '../contract/store.ts'

/** Characters JSON may hold and PostgreSQL text may not: NUL and halves of surrogate pairs. */
const unfit = /\\u(?:0000|d[89a-f])/i

/** A line as a member of the JSON list the insert reads, its arguments as text inside it so that PostgreSQL does not look into them. */
export function encodeLine(line: AuditLine): string {
  const row = rowOf(line)
  const text = JSON.stringify(row)
  return unfit.test(text) ? JSON.stringify(fitRow(row)) : text
}

type Row = Readonly<Record<string, string | number | undefined>>

const rowOf = (line: AuditLine): Row => ({
  at: line.at,
  call_id: line.callId,
  phase: line.phase,
  principal: line.principal,
  organisation: line.organisation,
  credential: line.credential,
  role: line.role,
  tool: line.tool,
  connector: line.connector,
  effect: line.effect,
  args: line.args === undefined ? undefined : JSON.stringify(line.args),
  status: line.status,
  duration_ms: line.durationMs,
  cache: line.cache,
})

const fitRow = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value]))
