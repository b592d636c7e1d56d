import { isObject, type Json, type JsonSchema } from '../contract/json.ts'

const older = /json-schema\.org\/(?:draft-0[4-7]\/|schema#?$)/

/**
 * A schema that says it is of draft 4 to 7 (as many MCP servers' definitions do) in the words of 2020-12; any other schema as it is. What changed names or meaning is translated:
 * `items` lists, `additionalItems`, `dependencies`, and draft 4's boolean exclusive bounds.
 */
export function toCurrentDialect(schema: JsonSchema): JsonSchema {
  if (!isObject(schema) || typeof schema['$schema'] !== 'string' || !older.test(schema['$schema'])) return schema
  const { $schema: _dialect, ...rest } = schema
  return translate(rest, false) as JsonSchema
}

const nameKeywords = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const dataKeywords = new Set(['const', 'enum', 'default', 'examples'])

function translate(value: Json, names: boolean): Json {
  if (Array.isArray(value)) return value.map((item: Json) => translate(item, false))
  if (!isObject(value)) return value
  if (names) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, translate(item, false)]))
  const { items, additionalItems, dependencies, ...rest } = value
  const result: Record<string, Json> = {}
  for (const [key, item] of Object.entries(rest)) result[key] = dataKeywords.has(key) ? item : translate(item, nameKeywords.has(key))
  if (Array.isArray(items)) {
    result['prefixItems'] = translate(items, false)
    if (additionalItems !== undefined) result['items'] = translate(additionalItems, false)
  } else if (items !== undefined) {
    result['items'] = translate(items, false)
  }
  splitDependencies(dependencies, result)
  for (const [limit, exclusive] of bounds) exclusiveBound(result, limit, exclusive)
  return result
}

const bounds = [
  ['minimum', 'exclusiveMinimum'],
  ['maximum', 'exclusiveMaximum'],
] as const

function exclusiveBound(schema: Record<string, Json>, limit: string, exclusive: string): void {
  if (typeof schema[exclusive] !== 'boolean') return
  const isExclusive = schema[exclusive]
  delete schema[exclusive]
  if (!isExclusive || schema[limit] === undefined) return
  schema[exclusive] = schema[limit]
  delete schema[limit]
}

function splitDependencies(dependencies: Json | undefined, result: Record<string, Json>): void {
  if (!isObject(dependencies)) return
  const entries = Object.entries(dependencies)
  const required = entries.filter(([, item]) => Array.isArray(item))
  const schemas = entries.filter(([, item]) => !Array.isArray(item)).map(([key, item]) => [key, translate(item, false)] as const)
  if (required.length > 0) result['dependentRequired'] = Object.fromEntries(required)
  if (schemas.length > 0) result['dependentSchemas'] = Object.fromEntries(schemas)
}
