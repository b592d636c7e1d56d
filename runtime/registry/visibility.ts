import { roleCovers, type Principal } from '../contract/principal.ts'
import type { ToolSpec } from '../contract/tool.ts'

/** True when every scope a tool asks for is held. Local callers hold all. */
export const holdsScopes = (tool: ToolSpec, principal: Principal): boolean =>
  principal.via === 'local' || tool.policy.scopes.every((scope) => principal.scopes.has(scope))

/** Whether a tool exists for a principal at all. A bearer token that lacks a scope still sees the tool, since its client can ask for a stronger one. */
export function isVisible(tool: ToolSpec, principal: Principal): boolean {
  if (!roleCovers(principal.role, tool.role)) return false
  return principal.via === 'oauth' || holdsScopes(tool, principal)
}

/** What of a principal decides visibility, as a key: role, and those of its scopes that any tool asks for. */
export function visibilityClass(principal: Principal, scopesInUse: readonly string[]): string {
  if (scopesInUse.length === 0 || principal.via === 'local') return `${principal.role}|*`
  return `${principal.role}|${principal.via === 'oauth' ? 'token' : 'key'}|${scopesInUse.filter((scope) => principal.scopes.has(scope)).join(' ')}`
}
