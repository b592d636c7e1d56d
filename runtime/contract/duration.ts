const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** What `durationMs` reads, as a JSON Schema pattern. */
export const durationPattern = '^\\d+(\\.\\d+)?(ms|s|m|h|d)$'

/** What a timer takes at most, 24.8 days: told of a longer time it rings at once. */
const longestTimer = 2_147_483_647

/** A time for a timer: of more than it can count, the most it can. */
export const timerMs = (ms: number): number => Math.min(ms, longestTimer)

/** Milliseconds of a duration as manifests write it (`5s`, `250ms`, `1.5m`); NaN for anything else. */
export function durationMs(text: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  return Math.round(Number(amount === '' ? Number.NaN : amount) * (units[unit] ?? Number.NaN))
}
