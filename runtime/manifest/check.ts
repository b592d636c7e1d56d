import { createRequire } from 'node:module'
import type * as Ajv from 'ajv/dist/2020.js'
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js'
import type * as AjvFormats from 'ajv-formats'
import type { Json, JsonObject } from '../contract/json.ts'
import { pointerOf, valueAt, withValueAt, type Environed } from './environment.ts'
import { explain, pathOf } from './faults.ts'
import { copyOf, fit, type Fitted, type SecretPlaces } from './fit.ts'
import type { Remark } from './problems.ts'
import { shareRepeated } from './subschemas.ts'

/** What a file's values are, after the schema's defaults were laid, and what does not fit. */
export interface Checked {
  readonly value: Json
  readonly remarks: readonly Remark[]
  readonly secrets: SecretPlaces
}

/** Checks values against the schemas of the language. */
export interface Checker {
  /** `holders` are pointers of values that stand for something not known yet: no fault is reported there. */
  check(schema: JsonObject, environed: Pick<Environed, 'value' | 'substituted'>, written: Json, holders: ReadonlySet<string>): Checked
}

/** A checker that reads schemas along the values that fit them, and compiles one, once, to say what is wrong with a value that does not. */
export function createChecker(): Checker {
  const compiled = new Map<JsonObject, ValidateFunction>()
  let compiler: Compiler | undefined

  const validate = (schema: JsonObject, value: Json): Fitted & { readonly errors: NonNullable<ValidateFunction['errors']> } => {
    const fitted = fit(schema, value)
    if (fitted) return { ...fitted, errors: [] }
    compiler ??= createCompiler()
    const run = compiled.get(schema) ?? compiler.ajv.compile(shareRepeated(schema))
    compiled.set(schema, run)
    const copy = copyOf(value)
    const secrets = compiler.meeting(() => run(copy))
    return { value: copy, secrets, errors: run.errors ?? [] }
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
      const { secrets } = result
      const errors = result.errors.filter((error) => !holders.has(error.instancePath))
      const isHidden = (pointer: string): boolean => secrets.has(pointer) || valueAt(written, pathOf(pointer)) === undefined
      return { value: result.value, remarks: explain(errors, written, isHidden), secrets }
    },
  }
}

interface Compiler {
  readonly ajv: Ajv2020
  /** The places for secrets that are met while a value is validated. */
  meeting(validate: () => unknown): SecretPlaces
}

function createCompiler(): Compiler {
  // Half of a start's time is what a start need not load.
  const load = createRequire(import.meta.url)
  const { Ajv2020 } = load('ajv/dist/2020.js') as typeof Ajv
  const { default: addFormats } = load('ajv-formats') as typeof AjvFormats
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
  return {
    ajv,
    meeting(validate) {
      met = new Map()
      validate()
      return met
    },
  }
}

/** Pointers of paths, for lookups by the checker's names. */
export const pointers = (paths: Iterable<readonly (string | number)[]>): ReadonlySet<string> => new Set([...paths].map(pointerOf))
