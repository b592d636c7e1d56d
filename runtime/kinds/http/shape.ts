import { createRequire } from 'node:module'
import type * as Ajv from 'ajv/dist/2020.js'
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js'
import type * as AjvFormats from 'ajv-formats'
import { approximate, hasRawNumber, type Json, type JsonSchema } from '../../contract/json.ts'

/** Why data does not fit what its tool declares; undefined when it fits. */
export type ShapeFault = (data: Json) => string | undefined

/** Makes checks of answers against `output:`; schemas are compiled at their first use. */
export function createShapes(): (schema: JsonSchema) => ShapeFault {
  let ajv: Ajv2020 | undefined
  return (schema) => {
    let validate: ValidateFunction | undefined
    return (data) => {
      ajv ??= createAjv()
      validate ??= ajv.compile(schema)
      if (validate(data)) return undefined
      // Numbers kept as digits are objects to ajv; their nearest doubles decide.
      if (hasRawNumber(data) && validate(approximate(data))) return undefined
      const [error] = validate.errors ?? []
      return `${error?.instancePath === '' ? 'the answer' : error?.instancePath} ${error?.message ?? 'does not fit'}`
    }
  }
}

function createAjv(): Ajv2020 {
  const load = createRequire(import.meta.url)
  const { Ajv2020 } = load('ajv/dist/2020.js') as typeof Ajv
  const { default: addFormats } = load('ajv-formats') as typeof AjvFormats
  const ajv = new Ajv2020({ strict: false, addUsedSchema: false, validateSchema: false, logger: false })
  addFormats.default(ajv)
  return ajv
}
