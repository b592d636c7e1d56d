import { createRequire } from 'node:module'
import type * as Ajv from 'ajv/dist/2020.js'
import type { Ajv2020, Options, ValidateFunction } from 'ajv/dist/2020.js'
import type * as AjvFormats from 'ajv-formats'
import { isObject, type Json, type JsonSchema } from '../contract/json.ts'

// The manifest compiler held every schema to the meta-schema before.
const common: Options = { strict: false, allErrors: true, validateFormats: true, validateSchema: false, logger: false }

/** What checks the arguments of tools: lays defaults, and keeps with each fault the value and the schema it is of. Compiled in a hub or written out by codegen, it says the same. */
export const createInputAjv = (more?: Pick<Options, 'code' | 'meta'>): Ajv2020 => create({ ...common, useDefaults: true, verbose: true, ...more })

/** What checks the answers of tools, and changes nothing in them. */
export const createOutputAjv = (more?: Pick<Options, 'code' | 'meta'>): Ajv2020 => create({ ...common, ...more })

// Loaded here and not above, since it takes 40 ms of a start and 9 MB.
function create(options: Options): Ajv2020 {
  const load = createRequire(import.meta.url)
  const { Ajv2020 } = load('ajv/dist/2020.js') as typeof Ajv
  const { default: addFormats } = load('ajv-formats') as typeof AjvFormats
  const ajv = new Ajv2020({ ...options, code: { process: withPlainNames, ...options.code } })
  addFormats.default(ajv)
  return ajv
}

/** Code in which `__proto__` is a name like any other: in a literal it would set the prototype. Inside a text its quotes would be escaped. */
export const withPlainNames = (code: string): string => code.replaceAll('"__proto__":', '["__proto__"]:')

/** Compiles a schema as if there were no other: what it calls itself by `$id` is forgotten again, since two upstreams may use one name. Throws for what the validator will not have. */
export function compileAlone(ajv: Ajv2020, schema: JsonSchema): ValidateFunction {
  const own = new Set(Object.keys(ajv.refs))
  const given = checkable(schema)
  try {
    return ajv.compile(given)
  } finally {
    if (typeof given === 'object') ajv.removeSchema(given)
    for (const name of Object.keys(ajv.refs)) if (!own.has(name)) delete ajv.refs[name]
  }
}

/** Without `$async`, a word of the validator's own that would make a check answer later, and yes at once. */
function checkable(schema: JsonSchema): JsonSchema {
  return JSON.stringify(schema).includes('"$async"') ? (withoutAsync(schema, false) as JsonSchema) : schema
}

const nameKeywords = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const dataKeywords = new Set(['const', 'enum', 'default', 'examples'])

function withoutAsync(value: Json, names: boolean): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withoutAsync(item, false))
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([key]) => names || key !== '$async')
  return Object.fromEntries(kept.map(([key, inner]) => [key, !names && dataKeywords.has(key) ? inner : withoutAsync(inner, !names && nameKeywords.has(key))]))
}
