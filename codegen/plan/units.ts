import type { RatePolicy } from '../../runtime/contract/tool.ts'

const spans = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** Milliseconds as manifests write them: `90s`, `5m`. */
export function durationText(ms: number): string {
  const [unit, size] = spans.find(([, size]) => ms >= size && ms % size === 0) ?? ['ms', 1]
  return `${ms / size}${unit}`
}

/** Bytes as manifests write them: `256kb`. */
export function bytesText(bytes: number): string {
  if (bytes >= 1_048_576 && bytes % 1_048_576 === 0) return `${bytes / 1_048_576}mb`
  return bytes >= 1_024 && bytes % 1_024 === 0 ? `${bytes / 1_024}kb` : `${bytes}b`
}

const rates: Readonly<Record<number, string>> = { 1_000: 's', 60_000: 'min', 3_600_000: 'h', 86_400_000: 'd' }

/** A rate as manifests write it: `60/min`; `none` when there is none. */
export const rateText = (rate: RatePolicy | undefined): string =>
  rate === undefined ? 'none' : `${rate.calls}/${rates[rate.perMs] ?? durationText(rate.perMs)}`
