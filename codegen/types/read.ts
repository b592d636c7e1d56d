import { isObject, type Json, type JsonObject, type JsonSchema } from '../../runtime/contract/json.ts'
import { wordsOf } from './comment.ts'
import { isOfType, literalShape } from './literals.ts'
import { pascalCase } from './names.ts'
import { referencesOf, type Spot } from './references.ts'
import { intersectionOf, isUnknown, neverShape, text, unionOf, unknownShape, type Declaration, type Member, type Shape } from './shape.ts'

/** Any object. */
const anyObject = text('{ [k: string]: unknown }')
/** Any object, where other parts of the same type say what it holds: it opens nothing. */
const objectAtAll = text('object')
const emptyObject = text('{ [k: string]: never }')

const objectWords = [
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'required',
  'dependentRequired',
  'dependentSchemas',
  'minProperties',
  'maxProperties',
]
const arrayWords = ['items', 'prefixItems', 'contains', 'minItems', 'maxItems', 'uniqueItems', 'unevaluatedItems']
const applicators = ['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'if', 'dependentSchemas']

/** Of a type that is called after the place it stands at. */
const longestName = 120

/** Where in a document a schema stands, and what a type of its own would be called there. */
interface Where {
  readonly base: string
  readonly hint: string
  /** True inside a property or an item: a type may mention itself there. */
  readonly guarded: boolean
}

type State = 'known' | 'open' | 'done'

/**
 * The types of a JSON Schema 2020-12: the first is its own, called `name`; the others are those its references lead to. `claim` hands out names.
 *
 * A type is never narrower than the schema where TypeScript can say it; what it cannot say (lengths, patterns, conditions on values) is left to the validators. Objects that say nothing of
 * further properties are written closed: a program should not send or read what nobody declared.
 */
export function readTypes(schema: JsonSchema, name: string, claim: (wanted: string) => string): readonly Declaration[] {
  const references = referencesOf(schema)
  const declared: Declaration[] = []
  const names = new Map<Json, string>()
  const states = new Map<Json, State>()
  const waiting: { readonly spot: Spot; readonly name: string }[] = []

  function declare(spot: Spot, own: string): void {
    states.set(spot.schema, 'open')
    const place = declared.length
    declared.push({ name: own, shape: unknownShape })
    declared[place] = { name: own, shape: read(spot.schema, { base: spot.base, hint: own, guarded: false }) }
    states.set(spot.schema, 'done')
  }

  /** A named type; one that is nothing but itself, through alternatives and combinations alone, says nothing. */
  function refer(spot: Spot | undefined, reference: string, where: Where): Shape {
    if (spot === undefined) return unknownShape
    const { schema } = spot
    if (!isObject(schema)) return read(schema, where)
    let known = names.get(schema)
    if (known === undefined) {
      const last = reference.split(/[/#]/).findLast((part) => part !== '')
      known = claim(`${name}${pascalCase(last ?? 'Self')}`.slice(0, longestName))
      names.set(schema, known)
      states.set(schema, 'known')
      if (where.guarded) waiting.push({ spot, name: known })
    }
    if (where.guarded) return text(known)
    const state = states.get(schema)
    if (state === 'open') return unknownShape
    if (state === 'known') declare(spot, known)
    return text(known)
  }

  function read(schema: Json, where: Where): Shape {
    if (!isObject(schema)) return schema === false ? neverShape : unknownShape
    const here: Where = { ...where, base: schema === references.root.schema ? references.root.base : references.baseOf(schema, where.base) }
    const shape = combine(schema, here)
    const doc = wordsOf(schema)
    return { ...shape, ...(doc === '' ? {} : { doc }), ...(schema['deprecated'] === true ? { deprecated: true } : {}) }
  }

  function combine(schema: JsonObject, where: Where): Shape {
    const others = [...referred(schema, where), ...combined(schema, where), ...conditional(schema, where)].filter((shape) => !isUnknown(shape))
    const own = ownShape(schema, where)
    if (others.length === 0) return own
    return intersectionOf(own === anyObject || own === emptyObject ? (others.every(isNamedOrObject) ? others : [objectAtAll, ...others]) : [own, ...others])
  }

  function referred({ $ref: reference, $dynamicRef: dynamic }: JsonObject, where: Where): readonly Shape[] {
    return [
      ...(typeof reference === 'string' ? [refer(references.find(reference, where.base), reference, where)] : []),
      ...(typeof dynamic === 'string' ? [refer(references.findDynamic(dynamic, where.base), dynamic, where)] : []),
    ]
  }

  function combined({ allOf, anyOf, oneOf, not }: JsonObject, where: Where): readonly Shape[] {
    return [
      ...listOf(allOf).map((part) => read(part, where)),
      ...[anyOf, oneOf].filter(Array.isArray).map((choices) => unionOf(listOf(choices).map((part) => read(part, where)))),
      ...(not === true || (isObject(not) && Object.keys(not).length === 0) ? [neverShape] : []),
    ]
  }

  /** What may be there besides, when a condition holds: told of objects only, where its properties must be known. */
  function conditional(schema: JsonObject, where: Where): readonly Shape[] {
    if (!implies(schema, 'object', objectWords)) return []
    const { if: condition, then: met, else: unmet, dependentSchemas, dependencies } = schema
    const branches: (readonly Shape[])[] = []
    if (condition !== undefined && (met !== undefined || unmet !== undefined)) {
      const holds = intersectionOf([read(condition, where), ...(met === undefined ? [] : [read(met, where)])])
      branches.push([holds, unmet === undefined ? unknownShape : read(unmet, where)])
    }
    for (const dependent of [dependentSchemas, dependencies]) {
      if (!isObject(dependent)) continue
      for (const inner of Object.values(dependent)) if (isObject(inner)) branches.push([read(inner, where), unknownShape])
    }
    return branches.filter((branch) => !branch.every(isUnknown)).map((branch) => unionOf(branch.map((shape) => (isUnknown(shape) ? objectAtAll : shape))))
  }

  function ownShape(schema: JsonObject, where: Where): Shape {
    const { const: only, enum: allowed, nullable } = schema
    const named = typesOf(schema)
    if (only !== undefined) return literalShape([only].filter((value) => isOfType(value, named)))
    if (Array.isArray(allowed)) return literalShape((allowed as Json[]).filter((value) => isOfType(value, named)))
    if (named === undefined) return unknownShape
    const shapes = named.map((type) => shapeOfType(type, schema, where))
    const all = nullable === true && !named.includes('null') ? [...shapes, text('null')] : shapes
    return all.length === 1 ? (all[0] as Shape) : unionOf(all)
  }

  function shapeOfType(type: string, schema: JsonObject, where: Where): Shape {
    if (type === 'string' || type === 'boolean' || type === 'null') return text(type)
    if (type === 'number' || type === 'integer') return text('number')
    const inside = { ...where, guarded: true }
    if (type === 'object') return objectShape(schema, inside)
    if (type === 'array') return arrayShape(schema, inside)
    return unknownShape
  }

  function objectShape(schema: JsonObject, where: Where): Shape {
    const properties = isObject(schema['properties']) ? schema['properties'] : {}
    const required = new Set(listOf(schema['required']).filter((entry) => typeof entry === 'string'))
    const rest = furtherShape(schema, where)
    const member = (name: string, inner: Json): Member => ({
      name,
      isRequired: required.has(name),
      shape: read(inner, { ...where, hint: `${where.hint}${pascalCase(name)}` }),
    })
    const members = Object.entries(properties).map(([name, inner]) => member(name, inner))
    const listed = new Set(Object.keys(properties))
    for (const name of namesAllowed(schema))
      if (!listed.has(name) && rest.index !== undefined) members.push({ name, isRequired: required.has(name), shape: rest.index })
    const told = new Set(members.map(({ name }) => name))
    for (const name of required)
      if (!told.has(name)) members.push({ name, isRequired: true, shape: rest.index ?? (schema['additionalProperties'] === false ? neverShape : unknownShape) })
    const index = namesAllowed(schema).length > 0 ? undefined : rest.index
    if (members.length > 0) return { form: 'object', members, ...(index === undefined ? {} : { index }) }
    if (index !== undefined) return isUnknown(index) ? anyObject : { form: 'object', members, index }
    return rest.closed || namesAllowed(schema).length > 0 ? emptyObject : anyObject
  }

  /** What properties that are not named hold. */
  function furtherShape(schema: JsonObject, where: Where): { readonly index?: Shape; readonly closed: boolean } {
    const { additionalProperties, unevaluatedProperties, patternProperties, properties } = schema
    const inside = { ...where, hint: `${where.hint}Value` }
    const patterns = isObject(patternProperties) ? Object.values(patternProperties).map((inner) => read(inner, inside)) : []
    const isCombined = applicators.some((word) => schema[word] !== undefined)
    const further =
      additionalProperties ?? (isCombined && unevaluatedProperties !== false ? (unevaluatedProperties === undefined ? undefined : true) : unevaluatedProperties)
    const all = [...patterns, ...(further === undefined || further === false ? [] : [read(further, inside)])]
    if (all.length > 0) return { index: unionOf(all), closed: false }
    // No property at all is how tools say that they take no arguments.
    return { closed: further === false || (isObject(properties) && where.hint === name && name.endsWith('Input')) }
  }

  function arrayShape(schema: JsonObject, where: Where): Shape {
    const { prefixItems, items, additionalItems, unevaluatedItems, minItems, maxItems } = schema
    const first = Array.isArray(prefixItems) ? (prefixItems as Json[]) : Array.isArray(items) ? (items as Json[]) : []
    const further = (Array.isArray(items) ? additionalItems : items) ?? unevaluatedItems
    const inside = { ...where, hint: `${where.hint}Item` }
    if (first.length === 0) {
      if (further === false || maxItems === 0) return text('[]')
      return { form: 'array', items: further === undefined ? unknownShape : read(further, inside) }
    }
    const most = typeof maxItems === 'number' ? maxItems : Infinity
    const least = typeof minItems === 'number' ? minItems : 0
    const elements = first.slice(0, most).map((inner, index) => `${alone(read(inner, inside), `${inside.hint}${index + 1}`)}${index < least ? '' : '?'}`)
    const rest = further === false || most <= first.length ? [] : [`...${alone(further === undefined ? unknownShape : read(further, inside), inside.hint)}[]`]
    return text(`[${[...elements, ...rest].join(', ')}]`)
  }

  /** A type that can stand inside a written one: by itself when it is a word, by name otherwise. */
  function alone(shape: Shape, hint: string): string {
    if (shape.form === 'text') return shape.text
    const own = claim(hint.slice(0, longestName))
    declared.push({ name: own, shape })
    return own
  }

  if (isObject(schema)) names.set(schema, name)
  declare(references.root, name)
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) if (states.get(next.spot.schema) === 'known') declare(next.spot, next.name)
  return declared
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : [])

const isNamedOrObject = (shape: Shape): boolean =>
  shape.form === 'object' ||
  (shape.form === 'text' && /^[A-Z_$]/.test(shape.text)) ||
  ((shape.form === 'union' || shape.form === 'intersection') && shape.of.every(isNamedOrObject))

function typesOf(schema: JsonObject): readonly string[] | undefined {
  const { type } = schema
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return (type as Json[]).filter((entry) => typeof entry === 'string')
  const implied = [...(implies(schema, 'object', objectWords) ? ['object'] : []), ...(implies(schema, 'array', arrayWords) ? ['array'] : [])]
  return implied.length === 0 ? undefined : implied
}

const implies = (schema: JsonObject, type: string, words: readonly string[]): boolean =>
  schema['type'] === undefined ? words.some((word) => schema[word] !== undefined) : [schema['type']].flat().includes(type)

/** The names a schema of names lists, where it is a list. */
function namesAllowed({ propertyNames }: JsonObject): readonly string[] {
  if (!isObject(propertyNames)) return []
  const { enum: allowed, const: only } = propertyNames
  const listed = Array.isArray(allowed) ? (allowed as Json[]) : only === undefined ? [] : [only]
  return [...new Set(listed.filter((entry) => typeof entry === 'string'))]
}
