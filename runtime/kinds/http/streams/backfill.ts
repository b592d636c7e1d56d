import type { Args, Run } from '../../../contract/call.ts'
import { HubError } from '../../../contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../../contract/json.ts'
import type { ToolSpec } from '../../../contract/tool.ts'
import type { RequestOperation } from '../operation.ts'
import { keysOf, valueAt } from '../pointer.ts'
import { bindRequest, type Workplace } from '../tool.ts'
import { pause } from '../../../contract/waiting.ts'
import { streamDefaults, type BackfillConfig, type StreamConfig } from './config.ts'
import { entryOf, timeReader, type Entry } from './rows.ts'
import { writtenAs, type Unit } from './times.ts'

/** What was found of a gap. */
export interface Found {
  readonly entries: readonly Entry[]
  /** Rows of the gap may still be missing. */
  readonly isPart: boolean
}

/** Fetches the rows of a key from one moment to another. Rejects with the signal's reason, or a HubError once trying again is of no use. */
export type Backfill = (key: string, sinceMs: number, untilMs: number, signal: AbortSignal) => Promise<Found>

const callMs = 60_000
const attempts = 4
const firstPauseMs = 500
const longestPauseMs = 60_000
const mostPages = 20
const bytesAtMost = 16 * 1_048_576
const minuteMs = 60_000

/** Makes the backfill of a stream; undefined where it declares none. */
export function createBackfill(name: string, stream: StreamConfig, place: Workplace): Backfill | undefined {
  const { backfill } = stream
  if (backfill === undefined) return undefined
  const ask = bindRequest(toolOf(name, backfill), place)
  const read = readerOf(stream, backfill)
  const pageRows = backfill.pageRows ?? streamDefaults.pageRows

  async function fetchOnce(
    key: string,
    sinceMs: number,
    untilMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly entries: readonly Entry[]; readonly isFull: boolean }> {
    const answer = await ask(argsOf(key, sinceMs, untilMs, backfill?.unit ?? stream.time?.unit ?? 'ms', pageRows), runOf(signal))
    const data = answer.type === 'data' && isObject(answer.data) ? answer.data : {}
    const rows = Array.isArray(data['rows']) ? (data['rows'] as readonly Json[]) : [data]
    const isCut = (answer.type === 'data' && answer.truncated !== undefined) || data['truncated'] === true
    return { entries: rows.flatMap((row) => (isObject(row) ? (read(key, row) ?? []) : [])), isFull: isCut || rows.length >= pageRows }
  }

  async function fetchPatiently(key: string, sinceMs: number, untilMs: number, signal: AbortSignal): ReturnType<typeof fetchOnce> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await fetchOnce(key, sinceMs, untilMs, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof HubError) || attempt === attempts || !isPassing(error)) throw error
        const asked = error.details.retryAfterMs ?? 0
        await pause(Math.min(longestPauseMs, Math.max(asked, firstPauseMs * 2 ** (attempt - 1))), signal)
      }
    }
  }

  return async (key, sinceMs, untilMs, signal) => {
    const entries: Entry[] = []
    let from = sinceMs
    for (let page = 1; page <= mostPages; page++) {
      const found = await fetchPatiently(key, from, untilMs, signal)
      entries.push(...found.entries)
      const newest = Math.max(...found.entries.map(({ ms }) => ms ?? 0), 0)
      if (!found.isFull) return { entries: sorted(entries), isPart: false }
      if (newest <= from) return { entries: sorted(entries), isPart: true }
      from = newest
    }
    return { entries: sorted(entries), isPart: true }
  }
}

const isPassing = ({ code }: HubError): boolean => code === 'HUB_CONNECTOR_DOWN' || code === 'HUB_LIMITED' || code === 'HUB_TIMEOUT'

/** In the order of their times. */
export const sorted = (entries: readonly Entry[]): readonly Entry[] => entries.toSorted((one, other) => (one.ms ?? 0) - (other.ms ?? 0))

function argsOf(key: string, sinceMs: number, untilMs: number, unit: Unit, pageRows: number): Args {
  // Up to a whole second, and a minute that has begun.
  const minutes = Math.min(pageRows, Math.ceil((untilMs - sinceMs) / minuteMs) + 1)
  return { key, since: writtenAs(sinceMs, unit), until: writtenAs(Math.ceil(untilMs / 1_000) * 1_000, unit), minutes }
}

function readerOf(stream: StreamConfig, { as, time }: BackfillConfig): (key: string, row: JsonObject) => Entry | undefined {
  const readTime = timeReader(time ?? stream.time)
  const idPlace = stream.id === undefined ? undefined : keysOf(stream.id)
  const places = as === undefined ? undefined : Object.entries(as).map(([name, value]) => [name, placeOf(value)] as const)
  return (key, row) => {
    const dated = readTime(row)
    const ms = dated?.moment?.ms
    if (dated === undefined || ms === undefined) return undefined
    if (places === undefined) return entryOf(key, dated.row, ms, idPlace)
    const mapped = Object.fromEntries(
      places.flatMap(([name, place]) => {
        const value = 'keys' in place ? valueAt(dated.row, place.keys) : place.value === '{key}' ? key : place.value
        return value === undefined ? [] : [[name, value]]
      }),
    )
    return entryOf(key, mapped, ms, idPlace)
  }
}

const placeOf = (value: Json): { readonly keys: readonly string[] } | { readonly value: Json } =>
  typeof value === 'string' && value.startsWith('/') ? { keys: keysOf(value) } : { value }

function toolOf(stream: string, { unit: _unit, as: _as, time: _time, pageRows: _pageRows, ...operation }: BackfillConfig): ToolSpec<RequestOperation> {
  const properties = { key: {}, since: {}, until: {}, minutes: {} }
  return {
    name: `${stream}_backfill`,
    local: `${stream}_backfill`,
    connector: '',
    summary: '',
    input: { type: 'object', properties },
    effect: 'read',
    role: 'reader',
    operation,
    policy: { timeoutMs: callMs, retry: 0, breaker: { failures: 1, resetMs: 1 }, result: { rows: 100_000, bytes: bytesAtMost }, arguments: [], scopes: [] },
    aliases: [],
    annotations: {},
    tests: [],
    digest: '',
    place: { file: '', line: 1, column: 1 },
  }
}

function runOf(caller: AbortSignal): Run {
  const refuse = (): Promise<never> => Promise.reject(new HubError('HUB_INTERNAL', 'a backfill calls nobody'))
  return {
    callId: 'backfill',
    principal: { id: 'hub', organisation: 'default', credential: 'local', role: 'reader', scopes: new Set(), via: 'local' },
    signal: AbortSignal.any([caller, AbortSignal.timeout(callMs)]),
    deadline: Date.now() + callMs - 100,
    trace: {},
    callerCapabilities: {},
    progress: () => undefined,
    log: () => undefined,
    call: refuse,
    ask: refuse,
  }
}
