import type { ErrorObject } from 'ajv/dist/2020.js'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { valueAt } from './environment.ts'
import type { Remark } from './problems.ts'
import { listed, suggest } from './suggest.ts'
import { narrow } from './unions.ts'

/** What the schema checker found, in the words of the language. `written` is the file's values, so that nothing from the environment is shown. */
export function explain(errors: readonly ErrorObject[], written: Json, isHidden: (pointer: string) => boolean): readonly Remark[] {
  return narrow(errors).flatMap((error) => {
    const remark = say(error, isHidden(error.instancePath) ? undefined : valueAt(written, pathOf(error.instancePath)))
    return remark === undefined ? [] : [remark]
  })
}

/** The keys of a JSON pointer. */
export const pathOf = (pointer: string): readonly string[] =>
  pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

function say(error: ErrorObject, written: Json | undefined): Remark | undefined {
  const path = pathOf(error.instancePath)
  const parent = (error.parentSchema ?? {}) as JsonObject
  const { params, schema } = error
  const name = nameOf(path)
  const value = (message: string, hint?: string): Remark => ({ code: 'HUB_CONFIG_VALUE', message, hint, path })
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownField(path, String(params['additionalProperty'] ?? params['unevaluatedProperty']), parent)
    case 'required':
    case 'dependentRequired':
      return missingField(path, String(params['missingProperty']), parent)
    case 'type':
      return { code: 'HUB_CONFIG_TYPE', message: `${name} must be ${expected(parent, params['type'] as string | string[])}, not ${typeName(error.data)}`, path }
    case 'enum':
      return enumerated(path, name, schema as Json[], written)
    case 'const':
      return value(`${name} must be ${JSON.stringify(schema)}`)
    case 'pattern':
      return value(
        `${name} must be ${typeof parent['title'] === 'string' ? a(parent['title']) : `a text that matches ${String(schema)}`}`,
        written === undefined ? undefined : `it says ${brief(written)}`,
      )
    case 'format':
      return value(`${name} must be ${a(String(schema))}`)
    case 'anyOf':
    case 'oneOf':
      return union(error, path, name, parent)
    case 'if':
      return undefined
    default:
      return value(`${name} ${bounds[error.keyword]?.(Number(schema)) ?? error.message ?? 'does not fit'}`)
  }
}

const bounds: Readonly<Record<string, (limit: number) => string>> = {
  minimum: (limit) => `must be at least ${limit}`,
  maximum: (limit) => `must be at most ${limit}`,
  exclusiveMinimum: (limit) => `must be more than ${limit}`,
  exclusiveMaximum: (limit) => `must be less than ${limit}`,
  minLength: (limit) => (limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`),
  maxLength: (limit) => `must have at most ${limit} characters`,
  minItems: (limit) => (limit === 1 ? 'must not be empty' : `must have at least ${limit} items`),
  maxItems: (limit) => `must have at most ${limit} items`,
  uniqueItems: () => 'has one item twice',
  minProperties: (limit) => (limit === 1 ? 'must not be empty' : `must have at least ${limit} fields`),
  maxProperties: (limit) => (limit === 1 ? 'must have one field only' : `must have at most ${limit} fields`),
}

function unknownField(path: readonly string[], field: string, parent: JsonObject): Remark {
  const known = Object.keys(isObject(parent['properties']) ? parent['properties'] : {})
  const hint = suggest(field, known) ?? (known.length === 0 ? undefined : `its fields: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`)
  return { code: 'HUB_CONFIG_UNKNOWN_FIELD', message: `"${field}" is not a field of ${subject(path, parent)}`, hint, path: [...path, field], part: 'key' }
}

function missingField(path: readonly string[], field: string, parent: JsonObject): Remark {
  const declared = isObject(parent['properties']) ? parent['properties'][field] : undefined
  const description = isObject(declared) && typeof declared['description'] === 'string' ? declared['description'].replace(/\.$/, '') : undefined
  const owner = typeof parent['title'] === 'string' && path.length > 0 ? `${subject(path, parent)} needs` : `${subject(path, parent)} needs`
  return {
    code: 'HUB_CONFIG_MISSING_FIELD',
    message: `${owner} "${field}"`,
    hint: `add ${field}:${description === undefined ? '' : ` ${description}`}`,
    path,
    part: 'key',
  }
}

function enumerated(path: readonly string[], name: string, allowed: readonly Json[], written: Json | undefined): Remark {
  const names = allowed.map(String)
  const hint = (typeof written === 'string' ? suggest(written, names) : undefined) ?? `one of ${listed(names, 20)}`
  return {
    code: 'HUB_CONFIG_VALUE',
    message: written === undefined ? `${name} has a value it does not take` : `${name} does not take ${brief(written)}`,
    hint,
    path,
  }
}

function union(error: ErrorObject, path: readonly string[], name: string, parent: JsonObject): Remark {
  const branches = (error.schema as Json[]).filter(isObject)
  const keys = branches.map((branch) => (Array.isArray(branch['required']) && branch['required'].length === 1 ? String(branch['required'][0]) : undefined))
  const passing = error.params['passingSchemas']
  if (keys.every((key) => key !== undefined) && keys.length > 0) {
    const message = Array.isArray(passing) ? `${name} may have one of ${listed(keys as string[])} only` : `${name} needs one of ${listed(keys as string[])}`
    return { code: Array.isArray(passing) ? 'HUB_CONFIG_VALUE' : 'HUB_CONFIG_MISSING_FIELD', message, path, part: 'key' }
  }
  if (Array.isArray(passing)) return { code: 'HUB_CONFIG_VALUE', message: `${name} fits more than one of its forms`, path }
  const forms = branches.map((branch) => expected(branch, branch['type'] as string | string[] | undefined))
  return {
    code: 'HUB_CONFIG_TYPE',
    message: `${name} must be ${typeof parent['title'] === 'string' ? a(parent['title']) : [...new Set(forms)].join(' or ')}, not ${typeName(error.data)}`,
    path,
  }
}

/** What a map is called: the title of its schema, or its key. */
function subject(path: readonly string[], parent: JsonObject): string {
  if (typeof parent['title'] !== 'string') return nameOf(path)
  return /\.ya?ml$/.test(parent['title']) ? parent['title'] : a(parent['title'])
}

function nameOf(path: readonly string[]): string {
  const last = path.at(-1)
  if (last === undefined) return 'the file'
  if (!/^\d+$/.test(last) || path.length < 2) return `"${last}"`
  return `item ${Number(last) + 1} of "${path.at(-2)}"`
}

function expected(schema: JsonObject, type: string | readonly string[] | undefined): string {
  if (typeof schema['title'] === 'string') return a(schema['title'])
  if (Array.isArray(schema['enum'])) return listed(schema['enum'].map(String), 20)
  if ('const' in schema) return JSON.stringify(schema['const'])
  const types = type === undefined ? [] : typeof type === 'string' ? [type] : type
  return types.map((one) => typeWords[one] ?? one).join(' or ') || 'something else'
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  null: 'null',
}

/** In words: what sort of value this is. */
export function typeName(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'a whole number' : 'a number'
  return { string: 'a text', boolean: 'true or false', object: 'a map' }[typeof value as string] ?? typeof value
}

const a = (noun: string): string => (/^(?:true|false|null|text)\b/.test(noun) ? noun : `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`)

function brief(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
