import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { pointerOf } from './environment.ts'
import type { Path } from './source.ts'

/** Where a schema takes a secret, by JSON pointer, and whether plain text is as welcome there. */
export type SecretPlaces = ReadonlyMap<string, { readonly plain: boolean }>

/** A value that fits its schema, with the schema's defaults laid. */
export interface Fitted {
  readonly value: Json
  readonly secrets: SecretPlaces
}

/** What one attempt knows: what it met, and whether it met a word it cannot judge. */
interface Attempt {
  readonly secrets: Map<string, { readonly plain: boolean }>
  readonly branch: boolean
  undecided: boolean
}

type Rule = (word: Json, value: Json, place: { readonly schema: JsonObject; readonly path: Path; readonly attempt: Attempt }) => boolean

/**
 * Reads the schema along the value, and answers only when the value plainly fits. Compiling a schema takes 50 to 150 ms and most files are sound, so that a start needs no compiler;
 * what does not fit, or is written in words that are not known here, is the compiler's to judge. A property test holds this to the compiler.
 */
export function fit(schema: JsonObject, value: Json): Fitted | undefined {
  const attempt: Attempt = { secrets: new Map(), branch: false, undecided: false }
  const copy = copyOf(value)
  return fits(schema, copy, [], attempt) && !attempt.undecided ? { value: copy, secrets: attempt.secrets } : undefined
}

/** Defaults are laid into the value that is checked, so it is the checker's own. */
export function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyOf)
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)])) : value
}

function fits(schema: Json, value: Json, path: Path, attempt: Attempt): boolean {
  if (!isObject(schema)) return schema === true
  if (schema['type'] !== undefined && ![schema['type']].flat().some((type) => types[String(type)]?.(value))) return false
  if (isObject(value) && isObject(schema['properties'])) layDefaults(schema['properties'], value, attempt)
  for (const [name, word] of Object.entries(schema)) {
    if (silent.has(name)) continue
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) attempt.undecided = true
    if (!rule?.(word, value, { schema, path, attempt })) return false
  }
  return true
}

function layDefaults(properties: JsonObject, value: Record<string, Json>, attempt: Attempt): void {
  for (const [name, property] of Object.entries(properties)) {
    if (!isObject(property) || property['default'] === undefined) continue
    // Whether a branch lays defaults depends on how the compiler was handed it.
    if (attempt.branch) attempt.undecided = true
    else if (!Object.hasOwn(value, name)) value[name] = copyOf(property['default'])
  }
}

const types: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: (value) => isObject(value),
}

const silent = new Set(['type', 'title', 'description', 'default', 'examples', 'x-secret-plain', '$comment', 'deprecated'])

const isScalar = (value: Json): boolean => value === null || typeof value !== 'object'
const lengthOf = (text: string): number => text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0)
const numeric =
  (holds: (value: number, bound: number) => boolean): Rule =>
  (bound, value) =>
    typeof value !== 'number' || holds(value, Number(bound))
const textual =
  (holds: (length: number, bound: number) => boolean): Rule =>
  (bound, value) =>
    typeof value !== 'string' || holds(lengthOf(value), Number(bound))
const listed =
  (holds: (length: number, bound: number) => boolean): Rule =>
  (bound, value) =>
    !Array.isArray(value) || holds(value.length, Number(bound))
const mapped =
  (holds: (length: number, bound: number) => boolean): Rule =>
  (bound, value) =>
    !isObject(value) || holds(Object.keys(value).length, Number(bound))
const atLeast = (value: number, bound: number): boolean => value >= bound
const atMost = (value: number, bound: number): boolean => value <= bound

const rules: Readonly<Record<string, Rule>> = {
  const: (word, value, { attempt }) => among([word], value, attempt),
  enum: (word, value, { attempt }) => among(word as readonly Json[], value, attempt),
  minimum: numeric(atLeast),
  maximum: numeric(atMost),
  minLength: textual(atLeast),
  maxLength: textual(atMost),
  pattern: (word, value) => typeof value !== 'string' || new RegExp(String(word), 'u').test(value),
  minItems: listed(atLeast),
  maxItems: listed(atMost),
  minProperties: mapped(atLeast),
  maxProperties: mapped(atMost),
  uniqueItems: (word, value, { attempt }) => word === false || !Array.isArray(value) || isUnique(value, attempt),
  required: (word, value) => !isObject(value) || (word as readonly string[]).every((name) => Object.hasOwn(value, name) && value[name] !== undefined),
  items: (word, value, { path, attempt }) => !Array.isArray(value) || value.every((item: Json, index) => fits(word, item, [...path, index], attempt)),
  properties: (word, value, { path, attempt }) =>
    !isObject(value) ||
    Object.entries(word as JsonObject).every(([name, inner]) => !Object.hasOwn(value, name) || fits(inner, value[name] as Json, [...path, name], attempt)),
  additionalProperties: (word, value, { schema, path, attempt }) => {
    if (!isObject(value)) return true
    const named = isObject(schema['properties']) ? schema['properties'] : {}
    if (schema['patternProperties'] !== undefined) attempt.undecided = true
    return Object.entries(value).every(([name, inner]) => Object.hasOwn(named, name) || fits(word, inner, [...path, name], attempt))
  },
  anyOf: (word, value, { path, attempt }) => branches(word, value, path, attempt) > 0,
  oneOf: (word, value, { path, attempt }) => branches(word, value, path, attempt) === 1,
  'x-secret': (word, _value, { schema, path, attempt }) => {
    if (attempt.branch) attempt.undecided = true
    if (word === true) attempt.secrets.set(pointerOf(path), { plain: schema['x-secret-plain'] === true })
    return true
  },
}

function among(words: readonly Json[], value: Json, attempt: Attempt): boolean {
  if (!words.every(isScalar)) attempt.undecided = true
  return words.includes(value)
}

function isUnique(items: readonly Json[], attempt: Attempt): boolean {
  if (!items.every(isScalar)) attempt.undecided = true
  return new Set(items).size === items.length
}

/** How many of the branches a value fits. */
function branches(word: Json, value: Json, path: Path, attempt: Attempt): number {
  const inside: Attempt = { ...attempt, branch: true }
  const fitting = (word as readonly Json[]).filter((branch) => fits(branch, value, path, inside)).length
  attempt.undecided = inside.undecided
  return fitting
}
