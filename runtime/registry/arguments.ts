import { createRequire } from 'node:module'
import type * as Ajv from 'ajv/dist/2020.js'
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import type * as AjvFormats from 'ajv-formats'
import { closest, distance } from 'fastest-levenshtein'
import type { Args } from '../contract/call.ts'
import { approximate, hasRawNumber, isObject, type Json, type JsonSchema } from '../contract/json.ts'
import type { ArgumentFault, Validate } from './types.ts'

const mostFaults = 8

let ajv: Ajv2020 | undefined

const compiled = new WeakMap<object, ValidateFunction>()

/** The validator of one input schema, compiled at its first call and kept as long as the schema lives. */
export function createValidate(schema: JsonSchema): Validate {
  let validate: ValidateFunction | undefined
  return (args) => {
    validate ??= compile(schema)
    if (validate(args)) return { args }
    if (!hasRawNumber(args)) return { faults: describe(validate.errors ?? []) }
    return validateApproximately(validate, args)
  }
}

// One Ajv for all tools: an instance of its own costs each tool ten times as much. Loaded by the first call, since it takes 40 ms of a start.
function createAjv(): Ajv2020 {
  const load = createRequire(import.meta.url)
  const { Ajv2020 } = load('ajv/dist/2020.js') as typeof Ajv
  const { default: addFormats } = load('ajv-formats') as typeof AjvFormats
  // `addUsedSchema: false`, since two upstreams may use one $id.
  const fresh = new Ajv2020({ strict: false, allErrors: true, useDefaults: true, addUsedSchema: false, validateFormats: true, verbose: true, logger: false })
  addFormats.default(fresh)
  return fresh
}

function compile(schema: JsonSchema): ValidateFunction {
  ajv ??= createAjv()
  if (typeof schema === 'boolean') return ajv.compile(schema)
  const known = compiled.get(schema)
  if (known) return known
  const fresh = ajv.compile(schema)
  compiled.set(schema, fresh)
  return fresh
}

// Numbers kept as digits are objects to ajv. Their nearest doubles decide whether they fit; the digits travel on.
function validateApproximately(validate: ValidateFunction, args: Args): ReturnType<Validate> {
  const near = approximate(args) as Args
  if (!validate(near)) return { faults: describe(validate.errors ?? []) }
  return { args: { ...near, ...args } }
}

function describe(errors: readonly ErrorObject[]): readonly ArgumentFault[] {
  const faults = new Map<string, ArgumentFault>()
  for (const error of errors) {
    // The branches of a union that failed say less than the union itself.
    if (error.keyword === 'if') continue
    const fault = describeOne(error)
    faults.set(`${fault.path} ${fault.message}`, fault)
  }
  return [...faults.values()].slice(0, mostFaults)
}

function describeOne(error: ErrorObject): ArgumentFault {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.')
  const inside = (name: string): string => (path === '' ? name : `${path}.${name}`)
  switch (error.keyword) {
    case 'required':
      return { path: inside(error.params['missingProperty'] as string), message: 'is required' }
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownArgument(error, inside)
    case 'enum':
      return { path, message: `must be one of ${list(error.params['allowedValues'] as Json[])}${got(error.data)}` }
    case 'const':
      return { path, message: `must be ${print(error.params['allowedValue'] as Json)}${got(error.data)}` }
    default:
      return { path, message: `${error.message ?? 'does not fit'}${got(error.data)}` }
  }
}

function unknownArgument(error: ErrorObject, inside: (name: string) => string): ArgumentFault {
  const name = (error.params['additionalProperty'] ?? error.params['unevaluatedProperty']) as string
  const known = isObject(error.parentSchema?.['properties']) ? Object.keys(error.parentSchema['properties']) : []
  if (known.length === 0) return { path: inside(name), message: 'is not an argument of this tool' }
  const near = closest(name, known)
  const way = distance(name, near) <= Math.max(2, name.length / 3) ? `did you mean "${near}"?` : `arguments are ${list(known)}`
  return { path: inside(name), message: `is not an argument of this tool; ${way}` }
}

const list = (values: readonly Json[]): string => values.slice(0, 20).map(print).join(', ') + (values.length > 20 ? ', …' : '')

function print(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

const got = (value: unknown): string => (value === undefined ? '' : `, got ${print(value as Json)}`)
