import { isObject, type JsonObject } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import { outsideFunctions } from './table-functions.ts'

/** Settings of ClickHouse that are the hub's to choose: what an answer looks like and how far a statement may go. */
const ours: Readonly<Record<string, string | undefined>> = {
  readonly: 'every tool’s effect decides it',
  max_execution_time: 'write statementTimeout',
  max_memory_usage: 'write maxMemory',
  max_rows_to_read: 'write maxRowsRead',
  max_result_rows: 'write policy.result.rows',
  max_result_bytes: 'write policy.result.bytes',
  result_overflow_mode: 'results are cut, not refused',
  session_timezone: 'times are UTC everywhere',
  async_insert: 'write asyncInserts',
  wait_for_async_insert: 'an insert that was answered is written',
  enable_http_compression: 'write compression',
}
const oursToo = /^(output_format_|input_format_|format_|date_time_|http_|param_|send_progress|wait_end_of_query)/

/** What of the config is known to be wrong without a connection. */
export function lintConfig({ settings, tableFunctions }: JsonObject): readonly Finding[] {
  return [...(isObject(settings) ? lintSettings(settings) : []), ...(Array.isArray(tableFunctions) ? lintFunctions(tableFunctions) : [])]
}

function lintSettings(settings: JsonObject): readonly Finding[] {
  return Object.keys(settings)
    .filter((name) => ours[name] !== undefined || oursToo.test(name))
    .map((name) => ({
      code: 'HUB_CONFIG_VALUE',
      message: `the hub sets ${name} itself`,
      hint: `remove it: ${ours[name] ?? 'the hub reads and writes one format'}`,
      path: ['settings', name],
    }))
}

function lintFunctions(names: readonly unknown[]): readonly Finding[] {
  return names.flatMap((name, index): readonly Finding[] =>
    typeof name !== 'string' || outsideFunctions.has(name.toLowerCase())
      ? []
      : [{ code: 'HUB_CONFIG_VALUE', message: `"${name}" is not a table function that is refused`, hint: 'remove it', path: ['tableFunctions', index] }],
  )
}
