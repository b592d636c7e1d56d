import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { createDocument } from './document.ts'
import { flatten, unionsOf, withoutUnions } from './flatten.ts'
import { impliedTypes, merge, type Shape, type TypeName } from './merge.ts'
import { alternativeName, pascal, singular, type Names } from './names.ts'
import { numberType, sizeLimits, textType, valueTypes } from './scalars.ts'
import { any, never, none, typeText, inModels, unionOf, type Definition, type Field, type PyType } from './type.ts'

/** How a schema's own types are named, and where they go. */
export interface Translation {
  readonly names: Names
  /** Classes and aliases, each after those it stands on where they do not stand on each other. */
  readonly definitions: Definition[]
}

/** A root schema as a type. */
export interface Translated {
  readonly type: PyType
  /** Set when the type is one class that was made for this schema. */
  readonly fields?: readonly Field[]
}

const deepest = 40
const mostAlternatives = 32
const longestInline = 80
const mostLengths = 6
/** Of one schema: a few hostile lines can mean millions of types. */
const mostTypes = 3_000

/** A type in the making. `name` is set once something refers to it, or it is a class. */
interface Entry {
  readonly hint: string
  name?: string
}

/** Translates one schema; its classes are named after `name`. The types accept all that the schema accepts: what Python has no type for (`not`, `if`, `contains`, `uniqueItems`) is left out. */
export function translate(root: Json, name: string, doc: string, { names, definitions }: Translation): Translated {
  let left = mostTypes
  const document = createDocument(root)
  const ids = new Map<JsonObject, number>()
  const alone = keeping(withoutUnions)
  const done = new Map<string, PyType>()
  const open = new Map<string, Entry>()
  const defined = new Map<string, Definition>()

  function typeOf(schemas: readonly Json[], hint: string, depth: number): PyType {
    const flat = flatten(schemas, document)
    if (flat.never) return never
    if (flat.schemas.length === 0 || depth > deepest) return any
    const key = flat.schemas
      .map(idOf)
      .toSorted((one, other) => one - other)
      .join('+')
    const known = done.get(key)
    if (known) return known
    const started = open.get(key)
    if (started) return { sort: 'named', name: (started.name ??= names.take(started.hint)) }
    if (left-- <= 0) return any
    const entry: Entry = depth === 0 ? { hint, name } : { hint: flat.reference === undefined ? hint : `${name}${pascal(flat.reference)}` }
    open.set(key, entry)
    const made = build(flat.schemas, entry, flat.reference !== undefined, depth)
    open.delete(key)
    done.set(key, made)
    return made
  }

  function define(definition: Definition): void {
    definitions.push(definition)
    defined.set(definition.name, definition)
  }

  function idOf(schema: JsonObject): number {
    const id = ids.get(schema) ?? ids.size
    ids.set(schema, id)
    return id
  }

  function build(schemas: readonly JsonObject[], entry: Entry, referred: boolean, depth: number): PyType {
    const unions = schemas.flatMap(unionsOf)
    const type = unions.length === 0 ? shapeType(merge(schemas), entry, depth, describe(schemas)) : alternatives(schemas, unions, entry.hint, depth)
    const isLong = referred && type.sort !== 'named' && typeText(type, inModels).length > longestInline
    if ((entry.name === undefined && !isLong) || (type.sort === 'named' && type.name === entry.name && defined.has(type.name))) return type
    const own = (entry.name ??= names.take(entry.hint))
    define({ sort: 'alias', name: own, type: withoutCircle(type, own) })
    return { sort: 'named', name: own }
  }

  /** Unions become unions; where the schema says something beside them, each alternative holds together with that. */
  function alternatives(schemas: readonly JsonObject[], unions: readonly (readonly Json[])[], hint: string, depth: number): PyType {
    const rest = flatten(schemas.map(alone), document).schemas
    const [first = [], ...further] = unions
    if (rest.length === 0 && further.length === 0) return unionOf(first.map((one, index) => typeOf([one], alternativeName(one, hint, index), depth + 1)))
    let combined: readonly (readonly Json[])[] = [rest]
    for (const union of unions) {
      const next = combined.flatMap((before) => union.map((one) => [...before, one]))
      if (next.length <= mostAlternatives) combined = next
    }
    return unionOf(combined.map((all, index) => typeOf(all, alternativeName(all.at(-1) as Json, hint, index), depth + 1)))
  }

  function shapeType(shape: Shape, entry: Entry, depth: number, prose: string): PyType {
    if (shape.values) return unionOf(valueTypes(shape.values, shape.types))
    const types = shape.types ?? impliedTypes(shape)
    if (types === undefined) return any
    // Beside other types the class is not what the whole is named after.
    const own = types.size === 1 ? entry : { hint: entry.hint }
    return unionOf([...types].map((type) => typeOfSort(type, shape, own, depth, prose)))
  }

  function typeOfSort(type: TypeName, shape: Shape, entry: Entry, depth: number, prose: string): PyType {
    switch (type) {
      case 'null':
        return none
      case 'boolean':
        return { sort: 'plain', name: 'bool', limits: [] }
      case 'integer':
      case 'number':
        return numberType(type, shape)
      case 'string':
        return textType(shape)
      case 'array':
        return arrayType(shape, entry.hint, depth)
      case 'object':
        return objectType(shape, entry, depth, prose)
    }
  }

  function arrayType(shape: Shape, hint: string, depth: number): PyType {
    const item = (schemas: readonly Json[], position = ''): PyType => typeOf(schemas, `${singular(hint)}${position}`, depth + 1)
    const least = Number(shape.largest('minItems') ?? 0)
    const most = Math.min(Number(shape.smallest('maxItems') ?? Infinity), shape.items.includes(false) ? shape.prefix.length : Infinity)
    if (shape.prefix.length === 0) return { sort: 'list', item: item(shape.items), limits: sizeLimits(shape, 'minItems', 'maxItems') }
    const items = shape.prefix.map((schemas, index) => item(schemas, String(index + 1)))
    // An array may be shorter than its prefix, and longer: a tuple for each length when there are few.
    if (most <= items.length && most - least < mostLengths && least <= most)
      return unionOf(Array.from({ length: most - least + 1 }, (_, index) => ({ sort: 'tuple', items: items.slice(0, least + index) }) as const))
    return { sort: 'list', item: shape.items.length === 0 ? any : unionOf([...items, item(shape.items)]), limits: sizeLimits(shape, 'minItems', 'maxItems') }
  }

  function objectType(shape: Shape, entry: Entry, depth: number, prose: string): PyType {
    const { properties, required, others } = shape
    if (properties.size === 0 && others !== undefined && shape.all('properties').length === 0)
      return { sort: 'dict', value: typeOf(others, `${entry.hint}Value`, depth + 1), limits: sizeLimits(shape, 'minProperties', 'maxProperties') }
    const own = (entry.name ??= names.take(entry.hint))
    const fields = [...properties].flatMap(([key, schemas]): readonly Field[] => {
      const type = typeOf(schemas, `${own}${pascal(key)}`, depth + 1)
      // A lone surrogate is in no JSON that a parser of today lets through.
      return type.sort === 'never' || !key.isWellFormed() ? [] : [{ key, type, required: required.has(key), doc: describeField(schemas) }]
    })
    const extra = others && typeOf(others, `${own}Extra`, depth + 1)
    define({ sort: 'class', name: own, doc: prose, fields, ...(extra && { extra }) })
    return { sort: 'named', name: own }
  }

  /** A name that means nothing but itself would hang whoever follows it: what leads straight back is left out. */
  function withoutCircle(type: PyType, own: string): PyType {
    const parts = type.sort === 'union' ? type.of : [type]
    const kept = parts.filter((part) => !(part.sort === 'named' && part.name === own))
    return kept.some((part) => part.sort === 'named' && leadsTo(part.name, own)) ? any : kept.length === 0 ? any : unionOf(kept)
  }

  function leadsTo(from: string, own: string, passed = new Set<string>()): boolean {
    if (passed.has(from)) return false
    passed.add(from)
    const found = defined.get(from)
    if (found?.sort !== 'alias') return false
    return (found.type.sort === 'union' ? found.type.of : [found.type]).some(
      (part) => part.sort === 'named' && (part.name === own || leadsTo(part.name, own, passed)),
    )
  }

  function describe(schemas: readonly JsonObject[]): string {
    return schemas.includes(root as JsonObject) ? doc : textIn(schemas)
  }

  function describeField(schemas: readonly Json[]): string {
    const shown = schemas.filter(isObject)
    const fallback = shown.find((schema) => schema['default'] !== undefined)?.['default']
    const text = textIn(shown) || textIn(shown.flatMap((schema) => document.target(schema) ?? []).filter(isObject))
    if (fallback === undefined) return text
    const value = JSON.stringify(fallback)
    return `${text}${text === '' || /[.!?]$/.test(text) ? '' : '.'}${text === '' ? '' : ' '}Default: ${value.length > 80 ? `${value.slice(0, 80)}…` : value}.`
  }

  const type = typeOf([root], name, 0)
  const made = type.sort === 'named' ? defined.get(type.name) : undefined
  return { type, ...(made?.sort === 'class' && { fields: made.fields }) }
}

const textIn = (schemas: readonly JsonObject[]): string =>
  schemas.map(({ description }) => description).find((text): text is string => typeof text === 'string') ?? ''

/** The same answer for the same schema each time, so that what is made of a schema can be told by identity. */
function keeping(change: (schema: JsonObject) => JsonObject): (schema: JsonObject) => JsonObject {
  const kept = new Map<JsonObject, JsonObject>()
  return (schema) => {
    const made = kept.get(schema) ?? change(schema)
    kept.set(schema, made)
    return made
  }
}
