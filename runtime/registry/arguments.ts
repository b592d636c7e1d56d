import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js'
import { closest, distance } from 'fastest-levenshtein'
import type { Args } from '../contract/call.ts'
import { approximate, hasRawNumber, isObject, type Json, type JsonObject, type JsonSchema } from '../contract/json.ts'
import { fit } from '../manifest/fit.ts'
import { compileAlone, createInputAjv } from '../manifest/validator.ts'
import type { ArgumentFault, Validate } from './types.ts'

/** A compiled check of arguments: lays defaults into what it is given, and keeps the faults of the last call. */
export interface Check {
  (value: unknown): unknown
  errors?: readonly ErrorObject[] | null
}

const mostFaults = 8

let ajv: Ajv2020 | undefined

const compiled = new WeakMap<object, Check>()

/** The validator of one input schema: the check that codegen wrote of it, else one compiled at the first call and kept as long as the schema lives. */
export function createValidate(schema: JsonSchema, generated?: () => Check | undefined): Validate {
  let check: Check | undefined
  return (args) => {
    check ??= generated?.() ?? compile(schema)
    const fits = judge(check, args)
    if (fits) return { args }
    if (hasRawNumber(args)) return validateApproximately(check, args)
    return { faults: fits === false ? describe(check.errors ?? []) : [uncheckable] }
  }
}

// A check throws where it compares values with such a member, since equality asks for it, and where arguments lie deeper than the stack.
const uncheckable: ArgumentFault = { path: '', message: 'cannot be checked: they lie too deep in one another, or hold a member called toString or valueOf' }

// A number kept as digits is a frozen object: laying a default into it throws in generated code, and does nothing in compiled code, which is not strict.
function judge(check: Check, args: Args): boolean | undefined {
  try {
    return check(args) === true
  } catch {
    return undefined
  }
}

/** The same for a small schema of which codegen writes no check: what plainly fits needs no compiler, which is loaded for the words of a refusal only. */
export function createPlainValidate(schema: JsonObject): Validate {
  const validate = createValidate(schema)
  return (args) => {
    const fitted = fit(schema, args)
    return fitted ? { args: fitted.value as Args } : validate(args)
  }
}

function compile(schema: JsonSchema): Check {
  // One Ajv for all tools: an instance of its own costs each tool ten times as much.
  ajv ??= createInputAjv()
  if (typeof schema === 'boolean') return compileAlone(ajv, schema)
  const known = compiled.get(schema)
  if (known) return known
  const fresh = compileAlone(ajv, schema)
  compiled.set(schema, fresh)
  return fresh
}

// Numbers kept as digits are objects to a check. Their nearest doubles decide whether they fit; the digits travel on.
function validateApproximately(check: Check, args: Args): ReturnType<Validate> {
  const near = approximate(args) as Args
  const fits = judge(check, near)
  if (fits === undefined) return { faults: [uncheckable] }
  return fits ? { args: { ...near, ...args } } : { faults: describe(check.errors ?? []) }
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
