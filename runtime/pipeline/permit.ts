import type { Args } from '../contract/call.ts'
import { HubError } from '../contract/errors.ts'
import { globMatches } from '../contract/glob.ts'
import { approximate, isObject, type Json } from '../contract/json.ts'
import { roleCovers } from '../contract/principal.ts'
import type { AuditStore } from '../contract/store.ts'
import type { Secrets } from '../contract/secret.ts'
import type { ArgumentPolicy } from '../contract/tool.ts'
import { holdsScopes } from '../registry/visibility.ts'
import { intentLine } from './audit-line.ts'
import type { Stage, Walk } from './walk.ts'

/** What stage 4 leans on. */
export interface PermitParts {
  readonly audit: AuditStore
  readonly secrets: Secrets
  readonly now: () => number
}

/** Stage 4: role, scopes and argument policy; a write is in the audit before it happens, or does not happen. */
export function permit(parts: PermitParts): Stage {
  return (walk) => {
    const { tool, principal } = walk.request
    const { spec } = tool
    if (!roleCovers(principal.role, spec.role))
      throw new HubError('HUB_DENIED', `"${spec.name}" needs the role ${spec.role}; this caller has ${principal.role}`, { role: spec.role })
    if (!holdsScopes(spec, principal)) {
      const missing = spec.policy.scopes.filter((scope) => !principal.scopes.has(scope))
      throw new HubError('HUB_SCOPE_INSUFFICIENT', `"${spec.name}" needs a token with the scope ${missing.join(' ')}`, { scopes: spec.policy.scopes })
    }
    for (const policy of spec.policy.arguments) refuseForbidden(policy, walk.args)
    return spec.effect === 'read' ? undefined : auditFirst(parts, walk)
  }
}

async function auditFirst(parts: PermitParts, walk: Walk): Promise<void> {
  const line = intentLine(walk, parts.secrets, parts.now())
  try {
    await parts.audit.write(line)
  } catch (error) {
    throw new HubError(
      'HUB_AUDIT_UNAVAILABLE',
      'the write was refused because the audit store does not answer; nothing was changed, try again later',
      { retryAfterMs: 5_000 },
      error,
    )
  }
}

/** Throws HUB_DENIED for arguments a policy does not allow. */
export function refuseForbidden(policy: ArgumentPolicy, args: Args): void {
  for (const { path, value } of valuesAt(args, policy.path.split('.'), '')) {
    if (policy.allow && !policy.allow.some((allowed) => fits(allowed, value))) {
      throw new HubError('HUB_DENIED', `"${path}" may not be ${print(value)} here; allowed: ${policy.allow.slice(0, 20).map(print).join(', ')}`, {
        argument: path,
      })
    }
    if (policy.max !== undefined && sizeOf(value) > policy.max) {
      throw new HubError('HUB_DENIED', `"${path}" is ${sizeOf(value)}, over the ${policy.max} this hub allows`, { argument: path, max: policy.max })
    }
  }
}

// A policy on a path holds for each element of a list on the way: `orders.symbol` speaks of every order, `symbols` of every symbol.
function* valuesAt(value: Json | undefined, path: readonly string[], walked: string): Generator<{ path: string; value: Json }> {
  if (value === undefined) return
  const [head, ...rest] = path
  if (Array.isArray(value)) {
    if (head === undefined) yield { path: walked, value }
    for (const [index, inner] of value.entries()) yield* valuesAt(inner as Json, path, `${walked}[${index}]`)
    return
  }
  if (head === undefined) yield { path: walked, value }
  else if (isObject(value)) yield* valuesAt(value[head], rest, walked === '' ? head : `${walked}.${head}`)
}

function fits(allowed: Json, value: Json): boolean {
  if (Array.isArray(value)) return true
  if (typeof allowed === 'string' && typeof value === 'string') return globMatches(allowed, value)
  return JSON.stringify(allowed) === JSON.stringify(value)
}

function sizeOf(value: Json): number {
  const near = approximate(value)
  if (typeof near === 'number') return near
  if (typeof near === 'string' || Array.isArray(near)) return near.length
  return 0
}

const print = (value: Json): string => JSON.stringify(value).slice(0, 80)
