import { isObject, isRawNumber, type Json, type JsonObject } from '../../runtime/contract/json.ts'

/** The types of JSON values. */
export const typeNames = ['string', 'integer', 'number', 'boolean', 'array', 'object', 'null'] as const
/** One of them. */
export type TypeName = (typeof typeNames)[number]

/** What some schemas say together of one value. */
export interface Shape {
  /** Absent: any. */
  readonly types?: ReadonlySet<TypeName>
  /** The values it may have, when they are listed. */
  readonly values?: readonly Json[]
  readonly properties: ReadonlyMap<string, readonly Json[]>
  readonly required: ReadonlySet<string>
  /** Absent: no other keys. */
  readonly others?: readonly Json[]
  readonly items: readonly Json[]
  readonly prefix: readonly (readonly Json[])[]
  /** The schemas a keyword stands in, each value of it. */
  all(keyword: string): readonly Json[]
  /** The largest and the smallest of a keyword's numbers, as they are written. */
  largest(keyword: string): string | undefined
  smallest(keyword: string): string | undefined
}

/** Merges schemas that all hold; their `$ref`, `allOf`, `anyOf` and `oneOf` are not looked at. */
export function merge(schemas: readonly JsonObject[]): Shape {
  const all = (keyword: string): readonly Json[] => schemas.map((schema) => schema[keyword]).filter((value) => value !== undefined)
  const sorted = (keyword: string): readonly string[] =>
    all(keyword)
      .map(digits)
      .filter((text) => text !== undefined)
      .toSorted((one, other) => Number(one) - Number(other))
  return {
    types: typesOf(schemas),
    values: valuesOf(schemas),
    ...propertiesOf(schemas),
    ...itemsOf(schemas),
    all,
    largest: (keyword) => sorted(keyword).at(-1),
    smallest: (keyword) => sorted(keyword)[0],
  }
}

/** A number as written, where Python may read it the same. */
export function digits(value: Json): string | undefined {
  const text = isRawNumber(value) ? value.rawJSON : typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
  return text === undefined || text.length > 40 || !Number.isFinite(Number(text)) ? undefined : text
}

function typesOf(schemas: readonly JsonObject[]): ReadonlySet<TypeName> | undefined {
  let types: ReadonlySet<TypeName> | undefined
  for (const { type, nullable } of schemas) {
    if (type === undefined) continue
    const own = typesNamed(type, nullable === true)
    const before = types
    types = before === undefined ? own : new Set([...own].filter((name) => before.has(name)))
  }
  return types?.has('number') && types.has('integer') ? new Set([...types].filter((name) => name !== 'integer')) : types
}

const named = new Map<string, ReadonlySet<TypeName>>()

/** The types a schema's words name; a number may be an integer. The same words come thousands of times. */
function typesNamed(type: Json, nullable: boolean): ReadonlySet<TypeName> {
  const key = `${nullable} ${String(type)}`
  const known = named.get(key)
  if (known !== undefined) return known
  const words = new Set<Json>([...[type].flat(), ...(nullable ? ['null'] : [])] as Json[])
  const types = new Set(typeNames.filter((name) => words.has(name) || (name === 'integer' && words.has('number'))))
  // What is no type at all names none, and is not worth keeping.
  if (types.size > 0) named.set(key, types)
  return types
}

function valuesOf(schemas: readonly JsonObject[]): readonly Json[] | undefined {
  let values: ReadonlyMap<string, Json> | undefined
  for (const schema of schemas) {
    const lists = [...(Array.isArray(schema['enum']) ? [schema['enum'] as readonly Json[]] : []), ...('const' in schema ? [[schema['const'] as Json]] : [])]
    for (const list of lists) {
      const before = values
      const own = new Map(list.map((value) => [JSON.stringify(value), value] as const))
      values = before === undefined ? own : new Map([...before].filter(([text]) => own.has(text)))
    }
  }
  return values && [...values.values()]
}

function propertiesOf(schemas: readonly JsonObject[]): Pick<Shape, 'properties' | 'required' | 'others'> {
  const properties = new Map<string, Json[]>()
  const required = new Set<string>()
  const others: Json[] = []
  let closed = false
  for (const schema of schemas) {
    if (isObject(schema['properties']))
      for (const [key, inner] of Object.entries(schema['properties'])) {
        const known = properties.get(key)
        if (known) known.push(inner)
        else properties.set(key, [inner])
      }
    if (Array.isArray(schema['required'])) for (const key of schema['required'] as readonly Json[]) if (typeof key === 'string') required.add(key)
    const patterned = isObject(schema['patternProperties']) ? Object.values(schema['patternProperties']) : []
    const rest = schema['additionalProperties']
    if (patterned.length > 0) others.push(rest === undefined || rest === true ? true : { anyOf: [...patterned, ...(rest === false ? [] : [rest])] })
    else if (rest === false) closed = true
    else if (rest !== undefined) others.push(rest)
    if (closesAll(schema)) closed = true
  }
  for (const key of required) if (!properties.has(key)) properties.set(key, closed ? [] : others)
  return { properties, required, ...(closed ? {} : { others }) }
}

/** True where `unevaluatedProperties: false` leaves nothing that another keyword could let in. */
const closesAll = (schema: JsonObject): boolean =>
  schema['unevaluatedProperties'] === false && !['anyOf', 'if', 'dependentSchemas', 'patternProperties', 'not'].some((keyword) => keyword in schema)

function itemsOf(schemas: readonly JsonObject[]): Pick<Shape, 'items' | 'prefix'> {
  const items = schemas.flatMap(({ items }) => (items === undefined ? [] : [items]))
  if (schemas.every(({ prefixItems }) => prefixItems === undefined)) return { prefix: [], items }
  const lists = schemas.map(({ prefixItems }) => (Array.isArray(prefixItems) ? (prefixItems as readonly Json[]) : []))
  const prefix = Array.from({ length: Math.max(0, ...lists.map(({ length }) => length)) }, (_, index) =>
    lists.flatMap((list) => (index < list.length ? [list[index] as Json] : [])),
  )
  return { prefix, items }
}

/** The types of a schema that names none, by the words it uses. A value of another type fits such a schema too, but nobody means that. */
export function impliedTypes(shape: Shape): ReadonlySet<TypeName> | undefined {
  const has = (...words: readonly string[]): boolean => words.some((word) => shape.all(word).length > 0)
  if (has('properties', 'required', 'additionalProperties', 'patternProperties')) return new Set(['object'])
  return has('items', 'prefixItems') ? new Set(['array']) : undefined
}
