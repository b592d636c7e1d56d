import type { Caps } from './rows.ts'

/** Under which every result comes in one way: no digit lost, times ISO 8601 in UTC, what JSON has no number for as text. */
const form: Readonly<Record<string, string>> = {
  output_format_json_quote_64bit_integers: '1',
  output_format_json_quote_decimals: '1',
  output_format_json_quote_denormals: '1',
  output_format_json_named_tuples_as_objects: '1',
  output_format_json_escape_forward_slashes: '0',
  date_time_output_format: 'iso',
  session_timezone: 'UTC',
}

// What is a byte in a column is at least an eighth of one in JSON, so the server never stops before the hub has seen enough to know that there was more.
const bytesInColumns = 16

/** The settings of a statement that only reads. `readonly` 1: nothing in the statement can change any of them; 2: a SETTINGS clause of the manifest's may. */
export function readingSettings(readonly: '1' | '2', timeoutMs: number, caps: Caps): Readonly<Record<string, string>> {
  return {
    ...form,
    readonly,
    max_execution_time: seconds(timeoutMs),
    max_result_rows: String(caps.rows + 1),
    max_result_bytes: String(caps.bytes * bytesInColumns + 1_048_576),
    result_overflow_mode: 'break',
    cancel_http_readonly_queries_on_client_close: '1',
  }
}

/** The settings of a statement that may write: its result is never cut on the server. */
export function writingSettings(timeoutMs: number): Readonly<Record<string, string>> {
  return { ...form, max_execution_time: seconds(timeoutMs), wait_end_of_query: '1' }
}

/** The settings of rows that are inserted. */
export function insertSettings(timeoutMs: number, isAsync: boolean): Readonly<Record<string, string>> {
  return {
    max_execution_time: seconds(timeoutMs),
    session_timezone: 'UTC',
    date_time_input_format: 'best_effort',
    input_format_json_read_objects_as_strings: '1',
    input_format_skip_unknown_fields: '0',
    input_format_null_as_default: '1',
    input_format_defaults_for_omitted_fields: '1',
    ...(isAsync ? { async_insert: '1', wait_for_async_insert: '1' } : { async_insert: '0' }),
  }
}

const seconds = (ms: number): string => String(ms / 1_000)
