import type { ToolPolicy } from '../../runtime/contract/tool.ts'

/** The rules a tool lives under, in a few words each, as people look for them. */
export function policyWords(policy: ToolPolicy): readonly string[] {
  const { timeoutMs, cache, limit, concurrency, result, arguments: rules, scopes, idempotencyKey } = policy
  return [
    `within ${duration(timeoutMs)}`,
    ...(cache === undefined ? [] : [`cached ${duration(cache.ttlMs)}${cache.staleMs > 0 ? `, old answers for ${duration(cache.staleMs)} more` : ''}`]),
    ...(limit === undefined ? [] : [`${limit.calls} calls in ${duration(limit.perMs)}`]),
    ...(concurrency === undefined ? [] : [`${concurrency} at a time`]),
    `at most ${result.rows} rows, ${size(result.bytes)}`,
    ...(scopes.length === 0 ? [] : [`scopes ${scopes.join(' ')}`]),
    ...(idempotencyKey === undefined ? [] : [`repeatable with ${idempotencyKey}`]),
    ...rules.map(({ path, allow, max }) =>
      [
        path,
        ...(allow === undefined ? [] : [`one of ${allow.map((value) => JSON.stringify(value)).join(', ')}`]),
        ...(max === undefined ? [] : [`at most ${max}`]),
      ].join(' '),
    ),
  ]
}

const spans: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
]

/** Milliseconds in the largest unit that keeps them whole. */
export function duration(ms: number): string {
  const [span, unit] = spans.find(([length]) => ms >= length && ms % length === 0) ?? [1, 'ms']
  return `${ms / span} ${unit}`
}

function size(bytes: number): string {
  if (bytes % 1_048_576 === 0) return `${bytes / 1_048_576} MB`
  return bytes % 1_024 === 0 ? `${bytes / 1_024} KB` : `${bytes} bytes`
}
