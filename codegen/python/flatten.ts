import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import type { SchemaDocument } from './document.ts'

/** Words of a schema that say nothing of what a value may be. */
const notes = new Set([
  '$ref',
  '$dynamicRef',
  '$recursiveRef',
  'allOf',
  '$id',
  '$schema',
  '$defs',
  'definitions',
  '$anchor',
  '$dynamicAnchor',
  '$recursiveAnchor',
  '$comment',
])
for (const word of [
  'title',
  'description',
  'default',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
  'format',
  'contentMediaType',
  'contentEncoding',
])
  notes.add(word)

/** What some schemas come to when all of them hold. */
export interface Flat {
  /** Those that say something, references followed and `allOf` opened, each once. */
  readonly schemas: readonly JsonObject[]
  /** The name of what a reference led to, when one did. */
  readonly reference?: string
  /** True when no value can fit. */
  readonly never: boolean
}

const mostSchemas = 200

/** Follows references and opens `allOf`. A reference that leads out of the document says nothing. */
export function flatten(schemas: readonly Json[], document: SchemaDocument): Flat {
  const found = new Set<JsonObject>()
  const seen = new Set<Json>()
  let reference: string | undefined
  let never = false
  const waiting = schemas.toReversed()
  while (waiting.length > 0 && seen.size < mostSchemas) {
    const schema = waiting.pop() as Json
    if (schema === false) never = true
    if (!isObject(schema) || seen.has(schema)) continue
    seen.add(schema)
    const target = document.target(schema)
    if (target !== undefined) {
      reference ??= nameOf(schema)
      waiting.push(target)
    }
    if (Array.isArray(schema['allOf'])) waiting.push(...(schema['allOf'] as readonly Json[]).toReversed())
    if (says(schema)) found.add(schema)
  }
  return { schemas: withoutRepeatedTypes([...found]), reference, never }
}

const says = (schema: JsonObject): boolean => Object.keys(schema).some((word) => !notes.has(word) && !word.startsWith('x-'))

/** `type: object` beside a reference to an object is no new type. */
function withoutRepeatedTypes(schemas: readonly JsonObject[]): readonly JsonObject[] {
  if (schemas.length < 2) return schemas
  const kept = schemas.filter(
    (schema) => !isOnlyType(schema) || !schemas.some((other) => other !== schema && !isOnlyType(other) && other['type'] === schema['type']),
  )
  return kept.length === 0 ? schemas : kept
}

const isOnlyType = (schema: JsonObject): boolean =>
  typeof schema['type'] === 'string' && Object.keys(schema).every((word) => word === 'type' || notes.has(word))

function nameOf(schema: JsonObject): string | undefined {
  const reference = schema['$ref'] ?? schema['$dynamicRef']
  return typeof reference === 'string' ? /([^/#]+)$/.exec(reference)?.[1] : undefined
}

/** The lists of alternatives a schema has; those that only say which keys must be there are no types of their own. */
export function unionsOf(schema: JsonObject): readonly (readonly Json[])[] {
  const lists = [schema['anyOf'], schema['oneOf']].filter((list): list is readonly Json[] => Array.isArray(list) && list.length > 0)
  return lists.filter(
    (list) => !list.every((one) => isObject(one) && Object.keys(one).every((word) => word === 'required' || word === 'not' || word === 'description')),
  )
}

/** What a schema no longer says once its alternatives are laid over it: references and `allOf` were followed before; other alternatives may let in keys that it would refuse. */
const unionWords = ['anyOf', 'oneOf', '$ref', '$dynamicRef', '$recursiveRef', 'allOf', 'unevaluatedProperties']

/** The same schema as it holds beside one of its alternatives. */
export const withoutUnions = (schema: JsonObject): JsonObject =>
  unionWords.some((word) => word in schema) ? Object.fromEntries(Object.entries(schema).filter(([word]) => !unionWords.includes(word))) : schema
