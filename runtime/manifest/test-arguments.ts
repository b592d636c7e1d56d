import type { ValidateFunction } from 'ajv/dist/2020.js'
import { isObject, type Json, type JsonSchema } from '../contract/json.ts'
import { explain } from './faults.ts'
import { fit } from './fit.ts'
import { createValidator } from './json-schema.ts'
import type { Remark } from './problems.ts'

/** Says why arguments do not fit the input schema of a tool that was found sound; paths are those of the arguments. */
export type CheckArguments = (schema: JsonSchema, args: Json) => readonly Remark[]

/** A check that loads the schema compiler at the first arguments that need it. */
export function argumentsCheck(): CheckArguments {
  let validator: ReturnType<typeof createValidator> | undefined
  const compiled = new WeakMap<object, ValidateFunction>()

  return (schema, args) => {
    if (!isObject(schema) || fit(schema, args)) return []
    validator ??= createValidator()
    const validate = compiled.get(schema) ?? validator.compile({ ...schema, title: 'call' })
    compiled.set(schema, validate)
    return validate(args) ? [] : explain(validate.errors ?? [], args, () => false)
  }
}
