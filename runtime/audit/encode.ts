import type { AuditLine } from '../contract/store.ts'

/** Characters JSON may hold and PostgreSQL text may not: NUL and halves of surrogate pairs. */
const unfit = /\\u(?:0000|d[89a-f])/i

/** Lines as the JSON text the insert reads, arguments as text inside it so that PostgreSQL does not look into them. */
export function encodeLines(lines: readonly AuditLine[]): string {
  const text = JSON.stringify(lines.map(rowOf))
  return unfit.test(text) ? JSON.stringify(lines.map(rowOf).map(fitRow)) : text
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
