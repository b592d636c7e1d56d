import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { headerNameFault } from '../../runtime/kinds/http/header.ts'
import type { Operation } from './operations.ts'
import type { References } from './pointer.ts'

/** One thing a caller gives: a parameter, or a member of the body. */
export interface Field {
  readonly place: 'path' | 'query' | 'header' | 'body'
  /** As the API calls it. */
  readonly name: string
  /** As the tool calls it. */
  readonly input: string
  readonly schema: Json
  readonly required: boolean
  /** Arrays: the values of one pair, joined by commas. */
  readonly joined: boolean
}

/** Fields before they have names of their own. */
export type Unnamed = Omit<Field, 'input'>

/** The parameters of an operation, and why some of them are missing. `blocked`: a required one cannot be sent, so the operation cannot. */
export interface Parameters {
  readonly fields: readonly Unnamed[]
  readonly notes: readonly string[]
  readonly blocked?: string
}

// OpenAPI says that parameters of these names mean nothing: media types and security say it.
const ownHeaders = new Set(['accept', 'content-type', 'authorization'])

/** Reads the parameters of an operation and its path item; one of the operation replaces the path's of the same name and place. */
export function parametersOf(operation: Operation, references: References, credentials: ReadonlySet<string>): Parameters {
  const declared = new Map<string, JsonObject>()
  for (const list of [operation.item['parameters'], operation.value['parameters']])
    for (const written of Array.isArray(list) ? (list as readonly Json[]) : []) {
      const parameter = references.follow(written)
      if (parameter !== undefined && typeof parameter['name'] === 'string') declared.set(`${String(parameter['in'])} ${parameter['name']}`, parameter)
    }
  // A credential is the connector's to send, and no model's to know.
  const asked = [...declared].filter(([key]) => !credentials.has(key)).map(([, parameter]) => parameter)
  const read = asked.map((parameter) => readParameter(parameter, references))
  const fields = read.flatMap((one) => one.fields)
  const undeclared = holesOf(operation.path).filter((name) => !fields.some((field) => field.place === 'path' && field.name === name))
  return {
    fields: [...undeclared.map(undeclaredField), ...fields],
    notes: [...undeclared.map((name) => `its path names {${name}}, which it does not declare; taken as a text`), ...read.flatMap(({ note }) => note ?? [])],
    ...read.map(({ blocked }) => (blocked === undefined ? {} : { blocked })).reduce((all, one) => ({ ...one, ...all }), {}),
  }
}

/** A hole of a path, and the name between its braces. */
export const hole = /\{([^{}]+)\}/g

const holesOf = (path: string): readonly string[] => [...path.matchAll(hole)].map(([, name]) => name as string)

const undeclaredField = (name: string): Unnamed => ({ place: 'path', name, schema: { type: 'string' }, required: true, joined: false })

interface ReadParameter {
  readonly fields: readonly Unnamed[]
  readonly note?: string
  readonly blocked?: string
}

function readParameter(parameter: JsonObject, references: References): ReadParameter {
  const { name, in: place } = parameter as { readonly name: string; readonly in: string }
  const required = place === 'path' || parameter['required'] === true
  const without = (why: string): ReadParameter => (required ? { fields: [], blocked: why } : { fields: [], note: `${why}; left out` })
  if (place === 'cookie') return without(`its parameter ${name} is a cookie`)
  if (place === 'header' && ownHeaders.has(name.toLowerCase())) return { fields: [] }
  if (place === 'query' && /[{}]|^$/.test(name)) return without(`its parameter "${name}" has a name that kind http cannot write`)
  const refused = place === 'header' ? headerNameFault(name) : undefined
  if (refused !== undefined) return without(`its header ${name} cannot be sent (${refused})`)
  if (place !== 'path' && place !== 'query' && place !== 'header') return without(`its parameter ${name} is in "${place}"`)

  const schema = schemaOf(parameter)
  const field: Unnamed = { place, name, schema: described(schema, parameter), required, joined: false }
  const target = references.follow(schema) ?? {}
  const types = [target['type'] ?? 'string'].flat()
  if (isObject(parameter['content'])) return { fields: [{ ...field, schema: described({ type: 'string' }, parameter, 'As JSON text.') }] }
  if (types.includes('array')) return arrayField(parameter, field, without)
  if (types.includes('object')) return objectFields(parameter, target, field, without)
  return { fields: [field] }
}

function arrayField(parameter: JsonObject, field: Unnamed, without: (why: string) => ReadParameter): ReadParameter {
  const style = parameter['style'] ?? (field.place === 'query' ? 'form' : 'simple')
  if (style === 'form') return { fields: [{ ...field, joined: parameter['explode'] === false }] }
  if (style === 'simple') return { fields: [{ ...field, joined: true }] }
  return without(`its parameter ${field.name} is an array of style ${JSON.stringify(style)}`)
}

/** Objects in a query become one input a member: `filter[status]=…` (deepObject), or `status=…` (form). */
function objectFields(parameter: JsonObject, target: JsonObject, field: Unnamed, without: (why: string) => ReadParameter): ReadParameter {
  const { properties } = target
  const style = parameter['style'] ?? 'form'
  const spread = style === 'deepObject' || (style === 'form' && parameter['explode'] !== false)
  if (field.place !== 'query' || !spread || !isObject(properties))
    return without(`its parameter ${field.name} is an object, which kind http cannot write there`)
  const required = Array.isArray(target['required']) ? target['required'] : []
  const fields = Object.entries(properties).map(([member, schema]) => ({
    ...field,
    name: style === 'deepObject' ? `${field.name}[${member}]` : member,
    schema,
    required: field.required && required.includes(member),
  }))
  return { fields }
}

function schemaOf(parameter: JsonObject): JsonObject {
  return isObject(parameter['schema']) ? parameter['schema'] : { type: 'string' }
}

function described(schema: JsonObject, parameter: JsonObject, more = ''): JsonObject {
  const words = [parameter['description'], more].filter((text) => typeof text === 'string' && text.trim() !== '').join(' ')
  const examples = examplesOf(parameter)
  return {
    ...schema,
    ...(words !== '' && { description: words }),
    ...(examples.length > 0 && schema['examples'] === undefined && { examples }),
    ...(parameter['deprecated'] === true && { deprecated: true }),
  }
}

function examplesOf({ example, examples }: JsonObject): readonly Json[] {
  if (example !== undefined) return [example]
  if (!isObject(examples)) return []
  return Object.values(examples)
    .flatMap((one) => (isObject(one) && one['value'] !== undefined ? [one['value']] : []))
    .slice(0, 3)
}

/** Names a model can write and a template can hold, each once: where two places use one name, the path keeps it, then query, header and body. */
export function named(fields: readonly Unnamed[]): readonly Field[] {
  const order = ['path', 'query', 'header', 'body'] as const
  const taken = new Set<string>()
  const inputs = new Map<Unnamed, string>()
  for (const place of order)
    for (const field of fields.filter((one) => one.place === place)) {
      const plain = inputName(field.name)
      let input = taken.has(plain) ? `${plain}_${place}` : plain
      for (let number = 2; taken.has(input); number += 1) input = `${plain}_${place}_${number}`
      taken.add(input)
      inputs.set(field, input)
    }
  return fields.map((field) => ({ ...field, input: inputs.get(field) as string }))
}

function inputName(name: string): string {
  const cleaned = name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '')
  return (/^[A-Za-z]/.test(cleaned) ? cleaned : `p_${cleaned}`).slice(0, 56)
}
