import { createRequire } from 'node:module'
import type * as Ajv from 'ajv/dist/2020.js'
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js'
import type * as AjvFormats from 'ajv-formats'
import { approximate, hasRawNumber, type Json, type JsonSchema } from '../../contract/json.ts'
import { globMatches } from '../../contract/glob.ts'

const mostTopics = 5_000

/** Which schema the values of a topic fit, and why one does not. Schemas are compiled at their first use. */
export class Schemas {
  readonly #globs: readonly (readonly [string, JsonSchema])[]
  readonly #byTopic = new Map<string, JsonSchema | undefined>()
  readonly #validators = new Map<JsonSchema, ValidateFunction>()
  #ajv: Ajv2020 | undefined

  constructor(schemas: Readonly<Record<string, JsonSchema>> = {}) {
    this.#globs = Object.entries(schemas)
  }

  /** The schema of the first glob that fits the topic. */
  of(topic: string): JsonSchema | undefined {
    if (this.#globs.length === 0) return undefined
    if (this.#byTopic.has(topic)) return this.#byTopic.get(topic)
    if (this.#byTopic.size >= mostTopics) this.#byTopic.clear()
    const schema = this.#globs.find(([glob]) => globMatches(glob, topic))?.[1]
    this.#byTopic.set(topic, schema)
    return schema
  }

  /** Why a value does not fit; undefined when it does. */
  fault(schema: JsonSchema, value: Json): string | undefined {
    const validate = this.#validator(schema)
    if (validate(value)) return undefined
    // Numbers kept as digits are objects to ajv; their nearest doubles decide.
    if (hasRawNumber(value) && validate(approximate(value))) return undefined
    const [error] = validate.errors ?? []
    const { allowedValues, additionalProperty } = (error?.params ?? {}) as { allowedValues?: readonly unknown[]; additionalProperty?: string }
    const more =
      allowedValues === undefined ? (additionalProperty === undefined ? '' : `: "${additionalProperty}"`) : `: ${allowedValues.slice(0, 10).join(', ')}`
    return `${error?.instancePath === '' ? 'the value' : error?.instancePath} ${error?.message ?? 'is not as it says'}${more}`
  }

  #validator(schema: JsonSchema): ValidateFunction {
    const known = this.#validators.get(schema)
    if (known !== undefined) return known
    this.#ajv ??= createAjv()
    const validate = this.#ajv.compile(schema)
    this.#validators.set(schema, validate)
    return validate
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
