import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import type { Operation } from './operations.ts'
import type { Unnamed } from './parameters.ts'
import type { References } from './pointer.ts'

/** What an operation sends: nothing, members that become inputs of their own, one input that is the whole, or something the kind cannot write. */
export type Body =
  | { readonly form: 'none' }
  | { readonly form: 'members'; readonly encoding: 'json' | 'urlencoded'; readonly fields: readonly Unnamed[] }
  | { readonly form: 'whole'; readonly field: Unnamed }
  | { readonly form: 'unknown'; readonly why: string }

/** Reads the request body of an operation. */
export function bodyOf({ method, value }: Operation, references: References): Body {
  const body = references.follow(value['requestBody'])
  const content = body?.['content']
  if (body === undefined || !isObject(content) || Object.keys(content).length === 0) return { form: 'none' }
  const isRequired = body['required'] === true
  if (method === 'GET') return isRequired ? { form: 'unknown', why: 'it sends a body with a GET, which kind http does not' } : { form: 'none' }
  const json = mediaOf(content, /^application\/(.+\+)?json\b|^\*\/\*$/)
  const urlencoded = json === undefined ? mediaOf(content, /^application\/x-www-form-urlencoded\b/) : undefined
  const media = json ?? urlencoded
  if (media === undefined) return { form: 'unknown', why: `it sends ${Object.keys(content).join(', ')}, which kind http cannot write` }

  const schema = isObject(media['schema']) ? media['schema'] : {}
  const members = membersOf(schema, references, 0)
  const encoding = json === undefined ? 'urlencoded' : 'json'
  if (members === undefined && encoding === 'urlencoded') return { form: 'unknown', why: 'its form has no fixed fields' }
  // A body that may be left out as a whole is one input: taken apart, its required members would have to be given always. Forms of Swagger 2.0 never say that they are required.
  if (members === undefined || (encoding === 'json' && !isRequired && members.required.size > 0)) {
    return { form: 'whole', field: { place: 'body', name: 'body', schema: described(schema, body), required: isRequired, joined: false } }
  }
  const fields = [...members.properties].map(([name, inner]): Unnamed => ({
    place: 'body',
    name,
    schema: inner,
    required: members.required.has(name),
    joined: false,
  }))
  return { form: 'members', encoding, fields }
}

function mediaOf(content: JsonObject, pattern: RegExp): JsonObject | undefined {
  const found = Object.entries(content).find(([type]) => pattern.test(type.toLowerCase()))?.[1]
  return isObject(found) ? found : undefined
}

function described(schema: JsonObject, { description }: JsonObject): JsonObject {
  return typeof description === 'string' && description.trim() !== '' ? { ...schema, description } : schema
}

interface Members {
  readonly properties: ReadonlyMap<string, Json>
  readonly required: ReadonlySet<string>
}

// A schema that says more of an object than its members cannot be taken apart without losing it.
const saysMore = [
  'oneOf',
  'anyOf',
  'not',
  'if',
  'patternProperties',
  'dependentRequired',
  'dependentSchemas',
  'enum',
  'const',
  'minProperties',
  'maxProperties',
]

/** The members of an object that is nothing but its members, those of its allOf included; undefined for anything else. */
function membersOf(schema: Json, references: References, depth: number): Members | undefined {
  const target = references.follow(schema)
  if (target === undefined || depth > 8 || saysMore.some((key) => target[key] !== undefined)) return undefined
  const { type, properties, required, allOf, additionalProperties } = target
  if (type !== undefined && type !== 'object') return undefined
  if (additionalProperties === true || isObject(additionalProperties)) return undefined
  const parts = (Array.isArray(allOf) ? (allOf as readonly Json[]) : []).map((part) => membersOf(part, references, depth + 1))
  if (!parts.every((part) => part !== undefined)) return undefined
  const own = isObject(properties) ? Object.entries(properties) : []
  const all = new Map([...parts.flatMap((part) => [...part.properties]), ...own])
  const sent = [...all].filter(([, inner]) => !isObject(inner) || inner['readOnly'] !== true)
  if (sent.length === 0) return undefined
  const needed = [...parts.flatMap((part) => [...part.required]), ...(Array.isArray(required) ? required : [])]
  return {
    properties: new Map(sent),
    required: new Set(needed.filter((name): name is string => typeof name === 'string' && sent.some(([key]) => key === name))),
  }
}
