import { hash } from 'node:crypto'
import type { Args } from '../contract/call.ts'
import { isRawNumber, type Json } from '../contract/json.ts'
import type { Principal } from '../contract/principal.ts'
import type { ToolSpec } from '../contract/tool.ts'

// A hash costs more than the look-up it serves; only what is longer is worth one.
const longestKey = 512

/**
 * The key of an answer: the tool as it is declared today, what the caller may see (organisation, role, scopes, view), and the arguments in one canonical form.
 * Long ones are hashed.
 * `perCaller` adds the caller, for connectors that answer each caller differently.
 */
export function cacheKey(parts: {
  readonly tool: ToolSpec
  readonly viewKey: string
  readonly principal: Principal
  readonly args: Args
  readonly perCaller?: boolean
}): string {
  const { tool, viewKey, principal } = parts
  const audience = audienceOf(principal)
  const caller = parts.perCaller === true ? JSON.stringify([principal.id, principal.credential]) : ''
  const key = `${tool.name} ${tool.digest}\n${JSON.stringify(viewKey)}\n${audience}\n${caller}\n${canonical(parts.args)}`
  return key.length <= longestKey ? key : `${tool.name} ${hash('sha256', key, 'base64url')}`
}

// Principals are kept for many calls, and their audience never changes.
const audiences = new WeakMap<Principal, string>()

function audienceOf(principal: Principal): string {
  const known = audiences.get(principal)
  if (known !== undefined) return known
  const audience = JSON.stringify([principal.organisation, principal.role, [...principal.scopes].toSorted()])
  audiences.set(principal, audience)
  return audience
}

/** JSON with members in one order, so that `{a, b}` and `{b, a}` are one; numbers kept as digits stay as written. */
function canonical(value: Json): string {
  if (value === null || typeof value !== 'object' || isRawNumber(value)) return JSON.stringify(value)
  if (Array.isArray(value)) {
    let text = '['
    for (const item of value as readonly Json[]) text += `${canonical(item)},`
    return `${text}]`
  }
  let text = '{'
  for (const key of Object.keys(value).toSorted()) {
    const member = (value as Readonly<Record<string, Json | undefined>>)[key]
    if (member !== undefined) text += `${JSON.stringify(key)}:${canonical(member)},`
  }
  return `${text}}`
}
