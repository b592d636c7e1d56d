import { HubError } from '../../contract/errors.ts'
import type { Bounds } from './config.ts'
import { processBytes, type Usage } from './process-usage.ts'
import type { Analysis, AnalysisQuery, NewAnalysis } from './store.ts'

/** The analyses of one space, in the order they were recorded. */
export interface ProcessHistory {
  analyses: Analysis[]
  bytes: number
  newest: number
}

const sizeOf = ({ json }: Analysis): number => Buffer.byteLength(json)

/** Adds an analysis; what is over, and the oldest where there is no room, gives way. */
export function appendTo(
  history: ProcessHistory,
  { at, ...analysis }: NewAnalysis,
  bounds: Bounds,
  usage: Usage,
  now: number,
): { readonly analysis: Analysis; readonly dropped: number } {
  const bytes = Buffer.byteLength(analysis.json)
  keep(history, (one) => one.expiresAt > now, usage)
  let [count, total, dropped] = [history.analyses.length, history.bytes, 0]
  while (count > 0 && (count + 1 > bounds.analyses || total + bytes > bounds.bytes)) {
    total -= sizeOf(history.analyses[dropped] as Analysis)
    count -= 1
    dropped += 1
  }
  if (usage.bytes - history.bytes + total + bytes > processBytes) {
    throw new HubError('HUB_LIMITED', `the memory of this process is full (${usage.bytes} bytes of ${processBytes}); delete_state what is no longer needed`)
  }
  const gone = new Set(history.analyses.slice(0, dropped))
  if (dropped > 0) keep(history, (one) => !gone.has(one), usage)
  history.newest += 1
  history.bytes += bytes
  usage.bytes += bytes
  const kept: Analysis = { ...analysis, id: history.newest, at: at ?? now, recordedAt: now, expiresAt: now + bounds.retentionMs }
  history.analyses.push(kept)
  return { analysis: kept, dropped }
}

function keep(history: ProcessHistory, isKept: (analysis: Analysis) => boolean, usage: Usage): void {
  if (history.analyses.every(isKept)) return
  history.analyses = history.analyses.filter(isKept)
  const bytes = history.analyses.reduce((sum, one) => sum + sizeOf(one), 0)
  usage.bytes -= history.bytes - bytes
  history.bytes = bytes
}

/** Analyses that fit, newest first. */
export function queryOf(history: ProcessHistory, query: AnalysisQuery, now: number): { readonly analyses: readonly Analysis[]; readonly more: boolean } {
  const { symbol, timeframe, kind, from = -Infinity, to = Infinity, after } = query
  const fits = history.analyses
    .filter(
      (one) =>
        one.expiresAt > now &&
        one.at >= from &&
        one.at < to &&
        (symbol === undefined || one.symbol === symbol) &&
        (timeframe === undefined || one.timeframe === timeframe) &&
        (kind === undefined || one.kind === kind) &&
        (after === undefined || one.at < after.at || (one.at === after.at && one.id < after.id)),
    )
    .toSorted((left, right) => right.at - left.at || right.id - left.id)
  const analyses: Analysis[] = []
  let bytes = 0
  for (const one of fits) {
    bytes += sizeOf(one)
    if (analyses.length === query.limit || (analyses.length > 0 && bytes > query.bytes)) return { analyses, more: true }
    analyses.push(one)
  }
  return { analyses, more: false }
}
