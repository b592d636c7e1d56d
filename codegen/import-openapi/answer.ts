import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import type { Operation } from './operations.ts'
import type { References } from './pointer.ts'
import { schemasOf } from './schema.ts'

/** What an operation answers. */
export interface AnswerDraft {
  /** The schema of the body; undefined where the document says nothing of it, or it is no JSON. */
  readonly schema?: JsonObject
  /** True when an answer says in its Link header how it goes on. */
  readonly linked: boolean
  /** What the answer is instead of JSON. */
  readonly media?: string
}

/** The first success response of an operation. */
export function answerOf({ value }: Operation, references: References): AnswerDraft {
  const responses = isObject(value['responses']) ? value['responses'] : {}
  const code = ['200', '201', '202', '203', '2XX', '2xx', '206', 'default'].find((one) => responses[one] !== undefined)
  const response = code === undefined ? undefined : references.follow(responses[code])
  const content = response?.['content']
  if (response === undefined || !isObject(content)) return { linked: false }
  const linked = isObject(response['headers']) && Object.keys(response['headers']).some((name) => name.toLowerCase() === 'link')
  // A default response without a success beside it is as often the error.
  const entry = Object.entries(content).find(([type]) => /^application\/(.+\+)?json\b|^\*\/\*$/.test(type.toLowerCase()))
  if (entry === undefined) return { linked, media: Object.keys(content).join(', ') }
  const schema = isObject(entry[1]) ? entry[1]['schema'] : undefined
  return isObject(schema) && code !== 'default' ? { linked, schema } : { linked }
}

/** The output schema of a tool, as the kind answers: the object, or `{ rows }` of a list; undefined where the answer is neither for sure. */
export function outputOf(
  schema: JsonObject,
  data: string | undefined,
  references: References,
): { readonly output?: JsonObject; readonly left: ReadonlySet<string> } {
  const schemas = schemasOf(references, 'output')
  const target = shapeOf(data === undefined ? schema : memberAt(schema, data, references), references)
  if (target === undefined) return { left: schemas.left }
  const { type } = target
  if (type === 'array') {
    const items = isObject(target['items']) ? schemas.take(target['items']) : {}
    const { description } = target
    const rows = { type: 'array', ...(typeof description === 'string' && { description }), items }
    return { output: schemas.finish({ type: 'object', required: ['rows'], properties: { rows } }), left: schemas.left }
  }
  if (!isObjectType(target)) return { left: schemas.left }
  const root = schemas.take(target)
  return { output: schemas.finish({ type: 'object', ...(isObject(root) ? root : {}) }), left: schemas.left }
}

/** The list a paged answer holds: '' when the answer is it, a JSON pointer when one member of it is; undefined when none is for sure. */
export function listIn(schema: JsonObject, references: References): string | undefined {
  const target = shapeOf(schema, references)
  if (target?.['type'] === 'array') return ''
  const lists = membersOf(target, references).filter(([, member]) => shapeOf(member, references)?.['type'] === 'array')
  const usual = lists.find(([name]) => /^(data|items|results?|records|rows|values|entries|list|content|hits|elements|objects)$/i.test(name))
  const [list] = usual === undefined && lists.length === 1 ? lists : usual === undefined ? [] : [usual]
  return list === undefined ? undefined : pointerTo(list[0])
}

/** Where an answer names the cursor or address of its next page. */
export function nextIn(schema: JsonObject, references: References, names: RegExp): string | undefined {
  const target = shapeOf(schema, references)
  const members = membersOf(target, references)
  const own = members.find(([name, member]) => names.test(name) && isText(member, references))
  if (own !== undefined) return pointerTo(own[0])
  for (const [name, member] of members) {
    if (!/^(meta|paging|pagination|page|page_?info|links|_links|response_metadata|cursors?)$/i.test(name)) continue
    const inner = membersOf(shapeOf(member, references), references).find(([key, value]) => names.test(key) && isText(value, references))
    if (inner !== undefined) return `${pointerTo(name)}${pointerTo(inner[0])}`
  }
  return undefined
}

const pointerTo = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`

function isText(schema: Json, references: References): boolean {
  const type = references.follow(schema)?.['type']
  return type === undefined || [type].flat().some((one) => one === 'string' || one === 'integer')
}

/** A schema followed through references and an allOf of one. */
function shapeOf(schema: Json | undefined, references: References): JsonObject | undefined {
  const target = references.follow(schema)
  const { allOf, type } = target ?? {}
  if (type === undefined && Array.isArray(allOf) && allOf.length === 1) return shapeOf(allOf[0] as Json, references)
  return target
}

function membersOf(target: JsonObject | undefined, references: References, depth = 0): readonly (readonly [string, Json])[] {
  if (target === undefined || depth > 6) return []
  const { properties, allOf } = target
  const parts = Array.isArray(allOf) ? (allOf as readonly Json[]).flatMap((part) => membersOf(references.follow(part), references, depth + 1)) : []
  return [...parts, ...(isObject(properties) ? Object.entries(properties) : [])]
}

function memberAt(schema: JsonObject, pointer: string, references: References): Json | undefined {
  const name = pointer.slice(1).replaceAll('~1', '/').replaceAll('~0', '~')
  return membersOf(shapeOf(schema, references), references).find(([key]) => key === name)?.[1]
}

function isObjectType({ type, properties, allOf, additionalProperties }: JsonObject): boolean {
  if (type !== undefined) return type === 'object'
  return isObject(properties) || isObject(additionalProperties) || (Array.isArray(allOf) && allOf.length > 0)
}
