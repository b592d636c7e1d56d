import { isObject, scrubJson, type Json } from '../contract/json.ts'
import type { AuditLine } from '../contract/store.ts'
import type { Secrets } from '../contract/secret.ts'
import { holdsSecret } from '../guards/content.ts'
import type { Walk } from './walk.ts'

const mostBytes = 8_192

/** The line written before a write happens. */
export const intentLine = (walk: Walk, secrets: Secrets, now: number): AuditLine => ({
  ...who(walk, now),
  phase: 'intent',
  args: boundedArguments(walk, secrets),
})

/** The line appended when a call has ended. */
export function outcomeLine(walk: Walk, now: number, durationMs: number): AuditLine {
  return { ...who(walk, now), phase: 'outcome', status: walk.error?.code ?? 'ok', durationMs, cache: walk.freshness?.cache ?? 'miss' }
}

function who(walk: Walk, now: number): Omit<AuditLine, 'phase'> {
  const { principal, tool } = walk.request
  return {
    callId: walk.callId,
    at: new Date(now).toISOString(),
    principal: principal.id,
    organisation: principal.organisation,
    credential: principal.credential,
    role: principal.role,
    tool: tool.spec.name,
    connector: tool.spec.connector,
    effect: tool.spec.effect,
  }
}

// Whole where it fits; else the names and sizes of the arguments, since half a JSON text helps nobody.
function boundedArguments(walk: Walk, secrets: Secrets): Json {
  const text = JSON.stringify(walk.args)
  if (text.length <= mostBytes) {
    if (secrets.scrub(text) === text) return walk.args
    const scrubbed = scrubJson(walk.args, secrets)
    // Where a secret lies over several values, none of them shows it.
    if (!holdsSecret(JSON.stringify(scrubbed), secrets)) return scrubbed
  }
  return Object.fromEntries(
    Object.entries(walk.args)
      .slice(0, 50)
      .map(([name, value]) => [name.slice(0, 100), `(${isObject(value) ? 'object' : typeof value} of ${JSON.stringify(value).length} characters)`]),
  )
}
