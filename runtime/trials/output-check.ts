import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { approximate, isObject, type Json, type JsonSchema } from '../contract/json.ts'
import { createValidator } from '../manifest/json-schema.ts'

/** Says where a value does not fit a schema, formats too; nothing when it fits. Lays no defaults. */
export type OutputCheck = (schema: JsonSchema, value: Json) => readonly string[]

const mostFaults = 5

/** A check that compiles each schema once. */
export function outputCheck(): OutputCheck {
  const compiled = new WeakMap<object, ValidateFunction>()
  let validator: ReturnType<typeof createValidator> | undefined

  return (schema, value) => {
    if (!isObject(schema)) return schema ? [] : ['the schema takes nothing']
    validator ??= createValidator()
    const validate = compiled.get(schema) ?? validator.compile(schema)
    compiled.set(schema, validate)
    if (validate(approximate(value))) return []
    const faults = [...new Set((validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').map(inWords))]
    return faults.length > mostFaults ? [...faults.slice(0, mostFaults), `and ${faults.length - mostFaults} more`] : faults
  }
}

function inWords({ instancePath, message, params }: ErrorObject): string {
  const extra = (params['additionalProperty'] ?? params['unevaluatedProperty']) as string | undefined
  return `${instancePath === '' ? 'the answer' : instancePath} ${message ?? 'does not fit'}${extra === undefined ? '' : `: "${extra}"`}`
}
