import { createRequire } from 'node:module'
import type * as Ajv from 'ajv/dist/2020.js'
import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js'
import type * as AjvFormats from 'ajv-formats'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { valueAt } from './environment.ts'
import { explain, pathOf } from './faults.ts'
import { isPlainSchema } from './plain-schema.ts'
import type { Remark } from './problems.ts'
import type { Path } from './source.ts'

/** Says what is wrong with a schema as JSON Schema 2020-12; paths are those of the schema. */
export type CheckSchema = (schema: Json) => readonly Remark[]

const mostRemembered = 5_000

/** A check whose meta-schema is compiled once. What was found sound is remembered, so that a schema many tools share, or that an edit did not change, costs nothing again. */
export function schemaCheck(): CheckSchema {
  let ajv: Ajv2020 | undefined
  const validator = (): Ajv2020 => (ajv ??= createValidator())
  const sound = new Set<string>()

  return (schema) => {
    const text = JSON.stringify(schema)
    if (sound.has(text)) return []
    const remarks = faultsOf(validator, schema)
    if (remarks.length > 0) return remarks
    if (sound.size >= mostRemembered) sound.clear()
    sound.add(text)
    return []
  }
}

/** A validator of any author's schemas, formats too. Loading it takes 100 ms. */
export function createValidator(): Ajv2020 {
  const load = createRequire(import.meta.url)
  const { Ajv2020 } = load('ajv/dist/2020.js') as typeof Ajv
  const { default: addFormats } = load('ajv-formats') as typeof AjvFormats
  const ajv = new Ajv2020({ allErrors: true, strict: false, verbose: true, logger: false, inlineRefs: false, validateSchema: false, addUsedSchema: false })
  addFormats.default(ajv)
  return ajv
}

function faultsOf(validator: () => Ajv2020, schema: Json): readonly Remark[] {
  if (!isObject(schema)) return typeof schema === 'boolean' ? [] : [fault('a schema is a map, true or false', [])]
  const { $schema: dialect } = schema
  if (dialect !== undefined && dialect !== 'https://json-schema.org/draft/2020-12/schema') {
    return [
      { ...fault(`${JSON.stringify(dialect)} is not the dialect the hub speaks`, ['$schema']), hint: 'schemas are JSON Schema 2020-12; leave $schema away' },
    ]
  }
  if (!isPlainSchema(schema) && validator().validateSchema(schema) !== true) return metaFaults(validator().errors ?? [], schema)
  const found = wordFaults(schema, schema, [], false)
  return found.length === 0 && needsTrial(schema, false) ? compileFaults(validator(), schema) : found
}

const types = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'])

/** What does not fit the meta-schema. Each of its vocabularies says of a value that is no schema that it is none; that is told once. */
function metaFaults(errors: readonly ErrorObject[], schema: JsonObject): readonly Remark[] {
  const isNoSchema = ({ keyword, params }: ErrorObject): boolean => keyword === 'type' && String(params['type']) === 'object,boolean'
  const places = new Set(errors.filter(isNoSchema).map(({ instancePath }) => instancePath))
  const told = [...places].map((place): Remark => {
    const path = pathOf(place)
    const value = valueAt(schema, path)
    const hint = typeof value === 'string' && types.has(value) ? `write { type: ${value} }` : undefined
    const hintOfList = Array.isArray(value) && path.at(-1) === 'items' ? 'the schemas of single items stand under prefixItems' : undefined
    return { ...fault(`"${path.at(-1) ?? ''}" must be a schema: a map, true or false`, path), hint: hint ?? hintOfList }
  })
  const others = explain(
    errors.filter((error) => !isNoSchema(error)),
    schema,
    () => false,
  )
  return [...told, ...others.map((remark) => ({ ...remark, code: 'HUB_CONFIG_SCHEMA' as const }))]
}

/**
 * True for a schema with words of which only an attempt to compile it can tell whether the validator takes them. An attempt costs most of a millisecond, and a hub has thousands of
 * schemas; with the meta-schema, references and patterns checked, the others compile (a property test holds this to the validator).
 */
function needsTrial(value: Json, names: boolean): boolean {
  if (Array.isArray(value)) return value.some((item: Json) => needsTrial(item, false))
  if (!isObject(value)) return false
  return Object.entries(value).some(([key, inner]) => {
    if (names) return needsTrial(inner, false)
    if (trialKeywords.has(key) || (key === 'enum' && Array.isArray(inner) && inner.length === 0)) return true
    if (key === '$ref') return typeof inner === 'string' && inner !== '#' && !inner.startsWith('#/')
    return !dataKeywords.has(key) && needsTrial(inner, nameKeywords.has(key))
  })
}

const trialKeywords = new Set([
  '$id',
  'id',
  '$anchor',
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  '$async',
  'nullable',
  'discriminator',
])

/** Last of all: what only an attempt can tell. */
function compileFaults(ajv: Ajv2020, schema: JsonObject): readonly Remark[] {
  try {
    ajv.compile(schema)
    return []
  } catch (error) {
    return [fault(`the schema cannot be used: ${error instanceof Error ? error.message : String(error)}`, [])]
  } finally {
    ajv.removeSchema(schema)
    if (typeof schema['$id'] === 'string') ajv.removeSchema(schema['$id'])
  }
}

const nameKeywords = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const dataKeywords = new Set(['const', 'enum', 'default', 'examples'])

/** References that lead to nothing, patterns that are no regular expressions, and what an unquoted text lost behind its comma, each at its place. */
function wordFaults(value: Json, root: JsonObject, path: Path, names: boolean): readonly Remark[] {
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => wordFaults(item, root, [...path, index], false))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, key]
    if (names) return [...(path.at(-1) === 'patternProperties' ? patternFaults(key, here) : []), ...wordFaults(inner, root, here, false)]
    if (key === '$ref' && typeof inner === 'string') return referenceFaults(inner, root, here)
    if (key === 'pattern' && typeof inner === 'string') return patternFaults(inner, here)
    if (inner === null && /\s/.test(key))
      return [{ ...fault(`"${key}" is no word of a schema`, here), hint: 'between braces a comma ends a text: quote the one before it' }]
    return dataKeywords.has(key) ? [] : wordFaults(inner, root, here, nameKeywords.has(key))
  })
}

const target = (reference: string, root: JsonObject): Json | undefined => (reference === '#' ? root : valueAt(root, pathOf(decoded(reference.slice(1)))))

function decoded(pointer: string): string {
  try {
    return decodeURIComponent(pointer)
  } catch {
    return pointer
  }
}

function referenceFaults(reference: string, root: JsonObject, path: Path): readonly Remark[] {
  if (reference !== '#' && !reference.startsWith('#/')) return []
  if (target(reference, root) === undefined) return [{ ...fault(`${JSON.stringify(reference)} leads to nothing`, path), code: 'HUB_CONFIG_REFERENCE' }]
  const circle = circleFrom(valueAt(root, path.slice(0, -1)), root, [])
  return circle ? [{ ...fault('this reference leads back to itself, and to no schema', path), code: 'HUB_CONFIG_CIRCULAR' }] : []
}

/** True when a schema is only ever another one that is it again; recursion through properties or items is sound. */
function circleFrom(schema: Json | undefined, root: JsonObject, open: readonly Json[]): boolean {
  if (!isObject(schema)) return false
  if (open.includes(schema)) return true
  const { $ref: reference, allOf } = schema
  const next = typeof reference === 'string' && (reference === '#' || reference.startsWith('#/')) ? [target(reference, root)] : []
  return [...next, ...(Array.isArray(allOf) ? (allOf as Json[]) : [])].some((inner) => circleFrom(inner, root, [...open, schema]))
}

function patternFaults(pattern: string, path: Path): readonly Remark[] {
  const reason = regularFault(pattern)
  return reason === undefined ? [] : [fault(`this is not a regular expression: ${reason}`, path)]
}

/** Why the validator could not use a pattern; it reads patterns with the flag u. */
function regularFault(pattern: string): string | undefined {
  try {
    RegExp(pattern, 'u')
    return undefined
  } catch (error) {
    return (error instanceof Error ? error.message : '').replace(/^Invalid regular expression: /, '')
  }
}

const fault = (message: string, path: Path): Remark => ({ code: 'HUB_CONFIG_SCHEMA', message, path })
