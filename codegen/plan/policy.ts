import type { Json } from '../../runtime/contract/json.ts'
import { roles, effects, type Role } from '../../runtime/contract/principal.ts'
import type { ArgumentPolicy, CachePolicy, RatePolicy, ToolPolicy, ToolSpec } from '../../runtime/contract/tool.ts'
import type { Change, Verdict } from './report.ts'
import { areEqual } from './schema/canonical.ts'
import { shown } from './schema/words.ts'
import { bytesText, durationText, rateText } from './units.ts'

/** Changes of what a tool may do and who may use it, each looser, tighter or neither. */
export function policyChanges(before: ToolSpec, after: ToolSpec): readonly Change[] {
  const [old, fresh] = [before.policy, after.policy]
  return [
    ...ranked('effect', before.effect, after.effect, effects.indexOf(after.effect) - effects.indexOf(before.effect)),
    ...ranked('role', before.role, after.role, roles.indexOf(before.role) - roles.indexOf(after.role)),
    ...members('scope', old.scopes, fresh.scopes, { joined: 'tighter', left: 'looser' }, 'is asked for', 'is no longer asked for'),
    ...rateChanges('limit', old.limit, fresh.limit),
    ...numbers('concurrency', old.concurrency ?? Infinity, fresh.concurrency ?? Infinity, String),
    ...numbers('timeout', old.timeoutMs, fresh.timeoutMs, durationText),
    ...cacheChanges(old.cache, fresh.cache),
    ...numbers('retry', old.retry, fresh.retry, String),
    ...numbers('breaker.failures', old.breaker.failures, fresh.breaker.failures, String),
    ...numbers('breaker.reset', -old.breaker.resetMs, -fresh.breaker.resetMs, (ms) => durationText(-ms)),
    ...numbers('result.rows', old.result.rows, fresh.result.rows, String),
    ...numbers('result.bytes', old.result.bytes, fresh.result.bytes, bytesText),
    ...argumentChanges(old, fresh),
    ...(old.idempotencyKey === fresh.idempotencyKey
      ? []
      : [policy('neutral', 'idempotencyKey', `${old.idempotencyKey ?? 'none'} → ${fresh.idempotencyKey ?? 'none'}`)]),
  ]
}

const policy = (verdict: Verdict, path: string, message: string): Change => ({ verdict, part: 'policy', path, message })

/** `more`: above 0 when more is allowed than before. */
const ranked = (path: string, before: string, after: string, more: number): readonly Change[] =>
  more === 0 ? [] : [policy(more > 0 ? 'looser' : 'tighter', path, `${before} → ${after}`)]

/** A number of which more is looser; none is without end. */
export function numbers(path: string, before: number, after: number, text: (value: number) => string): readonly Change[] {
  const said = (value: number): string => (value === Infinity ? 'none' : text(value))
  return before === after ? [] : [policy(after > before ? 'looser' : 'tighter', path, `${said(before)} → ${said(after)}`)]
}

/** So many calls in so much time. The same pace over another time lets other bursts through, which is neither. */
export function rateChanges(path: string, before: RatePolicy | undefined, after: RatePolicy | undefined): readonly Change[] {
  if (before?.calls === after?.calls && before?.perMs === after?.perMs) return []
  const pace = (rate: RatePolicy | undefined): number => (rate ? rate.calls / rate.perMs : Infinity)
  const [old, fresh] = [pace(before), pace(after)]
  return [policy(fresh > old ? 'looser' : fresh < old ? 'tighter' : 'neutral', path, `${rateText(before)} → ${rateText(after)}`)]
}

/** What joined a list and what left it. */
export function members(
  path: string,
  before: readonly string[],
  after: readonly string[],
  verdict: { readonly joined: Verdict; readonly left: Verdict },
  joinedWords: string,
  leftWords: string,
): readonly Change[] {
  return [
    ...after.filter((one) => !before.includes(one)).map((one) => policy(verdict.joined, path, `${one} ${joinedWords}`)),
    ...before.filter((one) => !after.includes(one)).map((one) => policy(verdict.left, path, `${one} ${leftWords}`)),
  ]
}

/** Roles by name, of a map from somebody's words to the hub's. */
export function roleMapChanges(path: string, before: Readonly<Record<string, Role>>, after: Readonly<Record<string, Role>>): readonly Change[] {
  const rank = (role: Role | undefined): number => (role === undefined ? -1 : roles.indexOf(role))
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted().flatMap((name) => {
    const [old, fresh] = [Object.hasOwn(before, name) ? before[name] : undefined, Object.hasOwn(after, name) ? after[name] : undefined]
    return ranked(`${path}.${name}`, old ?? 'none', fresh ?? 'none', rank(fresh) - rank(old))
  })
}

/** Answers kept for longer may be older: looser. */
function cacheChanges(before: CachePolicy | undefined, after: CachePolicy | undefined): readonly Change[] {
  if (!before || !after) return numbers('cache', before?.ttlMs ?? 0, after?.ttlMs ?? 0, (ms) => (ms === 0 ? 'none' : durationText(ms)))
  return [
    ...numbers('cache.ttl', before.ttlMs, after.ttlMs, durationText),
    ...numbers('cache.stale', before.staleMs, after.staleMs, durationText),
    ...(areEqual(before.tags.toSorted(), after.tags.toSorted())
      ? []
      : [policy('neutral', 'cache.tags', `${before.tags.join(' ') || 'none'} → ${after.tags.join(' ') || 'none'}`)]),
  ]
}

function argumentChanges(before: ToolPolicy, after: ToolPolicy): readonly Change[] {
  const names = [...new Set([...before.arguments, ...after.arguments].map(({ path }) => path))].toSorted()
  const ruleOf = (rules: readonly ArgumentPolicy[], name: string): ArgumentPolicy => rules.find(({ path }) => path === name) ?? { path: name }
  return names.flatMap((name) => {
    const [old, fresh] = [ruleOf(before.arguments, name), ruleOf(after.arguments, name)]
    return [...allowChanges(name, old.allow, fresh.allow), ...numbers(`arguments.${name}.max`, old.max ?? Infinity, fresh.max ?? Infinity, String)]
  })
}

function allowChanges(name: string, before: readonly Json[] | undefined, after: readonly Json[] | undefined): readonly Change[] {
  const path = `arguments.${name}.allow`
  if (before === undefined && after === undefined) return []
  if (before === undefined || after === undefined)
    return [policy(after === undefined ? 'looser' : 'tighter', path, after === undefined ? 'any value is allowed' : `only ${after.map(shown).join(', ')}`)]
  return members(path, before.map(shown), after.map(shown), { joined: 'looser', left: 'tighter' }, 'is allowed', 'is no longer allowed')
}
