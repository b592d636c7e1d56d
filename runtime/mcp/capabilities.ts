import type { Capabilities, InputRequest } from '../contract/call.ts'
import { isObject, type JsonObject } from '../contract/json.ts'

/** The client capabilities a question needs, in the shape clients declare them; undefined for a question the protocol does not have. */
export function neededFor({ method, params }: { readonly method: string; readonly params?: JsonObject }): JsonObject | undefined {
  if (method === 'elicitation/create') return { elicitation: params?.['mode'] === 'url' ? { url: {} } : { form: {} } }
  if (method === 'sampling/createMessage') return { sampling: params !== undefined && ('tools' in params || 'toolChoice' in params) ? { tools: {} } : {} }
  if (method === 'roots/list') return { roots: {} }
  return undefined
}

/** What of the needed capabilities the caller did not declare; undefined when nothing is missing. A bare `elicitation: {}` means forms. */
export function missingFrom(needed: JsonObject, declared: Capabilities): JsonObject | undefined {
  const missing: Record<string, JsonObject> = {}
  for (const [name, members] of Object.entries(needed)) {
    const given = declared[name]
    if (!isObject(given)) {
      missing[name] = members as JsonObject
      continue
    }
    const lacking = Object.keys(members as JsonObject).filter((member) => given[member] === undefined && !isImplied(name, member, given))
    if (lacking.length > 0) missing[name] = Object.fromEntries(lacking.map((member) => [member, {}]))
  }
  return Object.keys(missing).length > 0 ? missing : undefined
}

const isImplied = (name: string, member: string, given: JsonObject): boolean =>
  name === 'elicitation' && member === 'form' && given['form'] === undefined && given['url'] === undefined

/** True when the caller declared at least one thing it can be asked. */
export const canBeAsked = (declared: Capabilities): boolean =>
  declared['elicitation'] !== undefined || declared['sampling'] !== undefined || declared['roots'] !== undefined

/** A question of a tool as the protocol embeds it; undefined when it is malformed. */
export function readQuestion(value: unknown): InputRequest | undefined {
  if (!isObject(value) || typeof value['method'] !== 'string') return undefined
  const { method, params } = value
  return { method, params: isObject(params) ? params : {} }
}
