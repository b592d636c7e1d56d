import { timerMs } from '../contract/duration.ts'
import { isObject, type Json, type JsonObject, type JsonSchema } from '../contract/json.ts'
import type { Effect } from '../contract/principal.ts'
import type { ArgumentPolicy, CachePolicy, ToolPolicy } from '../contract/tool.ts'
import type { Remark } from './problems.ts'
import { parseDuration, parseRate, parseSize } from './scalars.ts'
import { listed, suggest } from './suggest.ts'

/** A named lifetime of hub.config.yaml. */
export interface Lifetime {
  readonly ttlMs: number
  readonly staleMs: number
}

/** The lifetimes a manifest may name. */
export type Lifetimes = ReadonlyMap<string, Lifetime>

/** What every policy rests on when nobody says otherwise. */
const ground = { timeout: '10s', retry: 0, breaker: { failures: 5, reset: '30s' }, result: { rows: 1_000, bytes: '256kb' } } satisfies JsonObject

/** Lifetimes every hub has, under those its config names. */
export const groundLifetimes: JsonObject = { schema: '1h', profile: '30m', analytics: '5m', health: '1m' }

/** One policy of many, the later over the earlier. `breaker` and `result` are laid field by field. */
export function layPolicies(effect: Effect, layers: readonly JsonObject[], lifetimes: Lifetimes): ToolPolicy {
  const all = [ground, ...layers] as readonly JsonObject[]
  const last = (key: string): Json | undefined => all.findLast((layer) => layer[key] !== undefined)?.[key]
  const merged = (key: string): JsonObject => Object.assign({}, ...all.map((layer) => layer[key]).filter(isObject)) as JsonObject
  const duration = (value: Json | undefined): number => parseDuration(String(value)) ?? 0
  const breaker = merged('breaker')
  const result = merged('result')
  const cache = effect === 'read' ? cacheOf(last('cache'), lifetimes) : undefined
  const limit = parseRate(String(last('limit')))
  const concurrency = last('concurrency')
  const idempotencyKey = last('idempotencyKey')
  const mayRetry = effect === 'read' || idempotencyKey !== undefined
  return {
    // Every wait inside a call is a part of it.
    timeoutMs: timerMs(duration(last('timeout'))),
    ...(cache && { cache }),
    ...(limit && { limit }),
    ...(typeof concurrency === 'number' && { concurrency }),
    retry: mayRetry ? Number(last('retry')) : 0,
    breaker: { failures: Number(breaker['failures']), resetMs: duration(breaker['reset']) },
    result: { rows: Number(result['rows']), bytes: parseSize(String(result['bytes'])) ?? 0 },
    arguments: Object.entries(merged('arguments')).map(([path, rule]) => argumentPolicy(path, rule)),
    scopes: ((last('scopes') ?? []) as readonly string[]).slice(),
    ...(typeof idempotencyKey === 'string' && { idempotencyKey }),
  }
}

function cacheOf(value: Json | undefined, lifetimes: Lifetimes): CachePolicy | undefined {
  if (typeof value === 'string') {
    const lifetime = lifetimeOf(value, lifetimes)
    return lifetime && { ...lifetime, tags: [] }
  }
  if (!isObject(value)) return undefined
  const lifetime = lifetimeOf(String(value['ttl']), lifetimes)
  const stale = value['stale'] === undefined ? undefined : parseDuration(String(value['stale']))
  return lifetime && { ttlMs: lifetime.ttlMs, staleMs: stale ?? lifetime.staleMs, tags: ((value['tags'] ?? []) as readonly string[]).slice() }
}

function lifetimeOf(word: string, lifetimes: Lifetimes): Lifetime | undefined {
  const ttlMs = parseDuration(word)
  return lifetimes.get(word) ?? (ttlMs === undefined ? undefined : { ttlMs, staleMs: 0 })
}

function argumentPolicy(path: string, rule: Json): ArgumentPolicy {
  const { allow, max } = rule as { allow?: readonly Json[]; max?: number }
  return { path, ...(allow && { allow }), ...(max !== undefined && { max }) }
}

/** What of a policy's words means nothing: lifetimes that nobody named, times and rates of nothing. Paths are the policy's. */
export function policyFaults(policy: JsonObject, lifetimes: Lifetimes): readonly Remark[] {
  const { timeout, limit, breaker, result, cache } = policy
  const stale = isObject(cache) ? cache['stale'] : undefined
  const reset = isObject(breaker) ? breaker['reset'] : undefined
  const bytes = isObject(result) ? result['bytes'] : undefined
  return [
    ...(typeof timeout === 'string' && !parseDuration(timeout) ? [value('timeout', timeout, ['timeout'])] : []),
    ...(typeof reset === 'string' && !parseDuration(reset) ? [value('reset', reset, ['breaker', 'reset'])] : []),
    ...(typeof bytes === 'string' && !parseSize(bytes) ? [value('bytes', bytes, ['result', 'bytes'])] : []),
    ...(typeof limit === 'string' && !parseRate(limit) ? [value('limit', limit, ['limit'])] : []),
    ...(typeof cache === 'string' ? lifetimeFaults(cache, lifetimes, ['cache']) : []),
    ...(isObject(cache) ? lifetimeFaults(String(cache['ttl']), lifetimes, ['cache', 'ttl']) : []),
    ...(typeof stale === 'string' && parseDuration(stale) === undefined ? [value('stale', stale, ['cache', 'stale'])] : []),
  ]
}

const value = (name: string, given: string, path: readonly string[]): Remark => ({
  code: 'HUB_CONFIG_VALUE',
  message: `"${name}" cannot be ${given}`,
  hint: 'give one above nothing, and not beyond counting',
  path,
})

function lifetimeFaults(word: string, lifetimes: Lifetimes, path: readonly string[]): readonly Remark[] {
  if (lifetimeOf(word, lifetimes)) return []
  const names = [...lifetimes.keys()]
  const hint = suggest(word, names) ?? `a duration such as 5s, or one of ${listed(names)}`
  return [{ code: 'HUB_CONFIG_REFERENCE', message: `"${word}" is neither a named lifetime nor a duration`, hint, path }]
}

/** What a tool's own policy says that its effect or its input does not allow. Paths are the policy's. */
export function ownPolicyFaults(policy: JsonObject, effect: Effect, input: JsonSchema): readonly Remark[] {
  const { cache, retry, idempotencyKey } = policy
  const inputs = new Set(inputPaths(input))
  return [
    ...(effect !== 'read' && cache !== undefined && cache !== false
      ? [
          {
            code: 'HUB_CONFIG_VALUE' as const,
            message: `a tool of effect ${effect} cannot be cached`,
            hint: 'remove cache, or say effect: read if it changes nothing',
            path: ['cache'],
            part: 'key' as const,
          },
        ]
      : []),
    ...(effect !== 'read' && Number(retry ?? 0) > 0 && idempotencyKey === undefined
      ? [
          {
            code: 'HUB_CONFIG_VALUE' as const,
            message: `a tool of effect ${effect} is not tried again: its first attempt may have been carried out`,
            hint: 'remove retry, or name the input that makes a repeat harmless: idempotencyKey',
            path: ['retry'],
            part: 'key' as const,
          },
        ]
      : []),
    ...(isObject(policy['arguments']) && isClosed(input)
      ? Object.keys(policy['arguments']).flatMap((name) => (inputs.has(name) ? [] : [noInput(name, inputs, ['arguments', name], 'key')]))
      : []),
    ...(typeof idempotencyKey === 'string' && isClosed(input) && !inputs.has(idempotencyKey)
      ? [noInput(idempotencyKey, inputs, ['idempotencyKey'], 'value')]
      : []),
  ]
}

function noInput(name: string, inputs: ReadonlySet<string>, path: readonly string[], part: 'key' | 'value'): Remark {
  const hint = suggest(name, inputs) ?? (inputs.size === 0 ? 'the tool has no inputs' : `its inputs: ${listed([...inputs])}`)
  return { code: 'HUB_CONFIG_REFERENCE', message: `"${name}" is not an input of this tool`, hint, path, part }
}

/** Only where all inputs stand in `properties` can a name be called unknown. */
const isClosed = (input: JsonSchema): boolean =>
  isObject(input) &&
  !['$ref', 'allOf', 'anyOf', 'oneOf', 'patternProperties', 'if'].some((key) => key in input) &&
  !isObject(input['additionalProperties']) &&
  input['additionalProperties'] !== true

function inputPaths(schema: Json, prefix = '', depth = 0): readonly string[] {
  const properties = isObject(schema) ? schema['properties'] : undefined
  if (!isObject(properties) || depth > 8) return []
  return Object.entries(properties).flatMap(([key, inner]) => [`${prefix}${key}`, ...inputPaths(inner, `${prefix}${key}.`, depth + 1)])
}
