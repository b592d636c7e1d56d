import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { pointerOf, valueAt, withValueAt, type Environed } from './environment.ts'
import { explain, pathOf } from './faults.ts'
import type { Remark } from './problems.ts'
import { shareRepeated } from './subschemas.ts'

/** What a file's values are, after the schema's defaults were laid, and what does not fit. */
export interface Checked {
  readonly value: Json
  readonly remarks: readonly Remark[]
  /** By JSON pointer: where the schema takes a secret, and whether plain text is as welcome there. */
  readonly secrets: ReadonlyMap<string, { readonly plain: boolean }>
}

/** Checks values against the schemas of the language. */
export interface Checker {
  /** `holders` are pointers of values that stand for something not known yet: no fault is reported there. */
  check(schema: JsonObject, environed: Pick<Environed, 'value' | 'substituted'>, written: Json, holders: ReadonlySet<string>): Checked
}

/** A checker whose schemas are compiled at their first use and kept. */
export function createChecker(): Checker {
  let met = new Map<string, { readonly plain: boolean }>()
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    verbose: true,
    useDefaults: true,
    logger: false,
    inlineRefs: false,
    validateSchema: false,
    code: { optimize: false },
  })
  addFormats.default(ajv)
  ajv.addKeyword({
    keyword: 'x-secret',
    schemaType: 'boolean',
    errors: false,
    validate: (marked: boolean, _value: unknown, parent?: { readonly 'x-secret-plain'?: boolean }, at?: { readonly instancePath: string }) => {
      if (marked && at) met.set(at.instancePath, { plain: parent?.['x-secret-plain'] === true })
      return true
    },
  })
  const compiled = new Map<JsonObject, ValidateFunction>()

  const validate = (schema: JsonObject, value: Json): { value: Json; errors: NonNullable<ValidateFunction['errors']> } => {
    const run = compiled.get(schema) ?? ajv.compile(shareRepeated(schema))
    compiled.set(schema, run)
    met = new Map()
    const copy = copyOf(value)
    run(copy)
    return { value: copy, errors: run.errors ?? [] }
  }

  return {
    check(schema, { value, substituted }, written, holders) {
      let result = validate(schema, value)
      const asText = result.errors.filter(
        (error) => error.keyword === 'type' && substituted.has(error.instancePath) && [error.params['type']].flat().includes('string'),
      )
      if (asText.length > 0) {
        // ${PASSWORD} that happens to hold 12345 is a number by YAML's rules and a text by the schema's.
        const mended = asText.reduce((inner, error) => withValueAt(inner, pathOf(error.instancePath), substituted.get(error.instancePath)), value)
        result = validate(schema, mended)
      }
      const secrets = met
      const errors = result.errors.filter((error) => !holders.has(error.instancePath))
      const isHidden = (pointer: string): boolean => secrets.has(pointer) || valueAt(written, pathOf(pointer)) === undefined
      return { value: result.value, remarks: explain(errors, written, isHidden), secrets }
    },
  }
}

/** Defaults are laid into the value that is checked, so it is the checker's own. */
function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyOf)
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)])) : value
}

/** Pointers of paths, for lookups by the checker's names. */
export const pointers = (paths: Iterable<readonly (string | number)[]>): ReadonlySet<string> => new Set([...paths].map(pointerOf))
