const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** What a duration in a stream's config looks like: `250ms`, `10s`, `5m`. */
export const durationPattern = '^[1-9]\\d{0,8}(ms|s|m|h)$'

/** A duration in milliseconds; its text was checked by the schema. */
export function durationMs(text: string): number {
  const [, amount, unit = 'ms'] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? []
  return Number(amount) * (units[unit] ?? 1)
}
