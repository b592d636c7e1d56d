import { withoutTrailing } from './trailing.ts'

/** Any JSON value. Numbers a double cannot hold exactly are `RawNumber`s: they print as they were written, everywhere. */
export type Json = null | boolean | number | string | RawNumber | readonly Json[] | JsonObject
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json }
/** A number kept as its digits (`JSON.rawJSON`); `JSON.stringify` writes them unchanged. */
export interface RawNumber {
  readonly rawJSON: string
}
/** A JSON Schema, draft 2020-12, as plain data. */
export type JsonSchema = boolean | JsonObject

// `JSON.rawJSON` and reviver source access are in V8 since Node 22; the bundled lib does not declare them yet.
const native = JSON as unknown as {
  rawJSON(text: string): RawNumber
  isRawJSON(value: unknown): value is RawNumber
  parse(text: string, revive: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
}

/** True for a number that is kept as digits because a double would change it. */
export const isRawNumber = (value: unknown): value is RawNumber => native.isRawJSON(value)

/** A JSON number from its digits, exact whatever its size. */
export const rawNumber = (digits: string): RawNumber => native.rawJSON(digits)

function keepDigits(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value
  // A text this short that reads as a whole number is one; 1.000000000000000001 reads as 1 too, and 1e-400 as 0.
  if (Number.isSafeInteger(value) && value !== 0 && context.source.length <= 17) return value
  if (!losesDigits(value, context.source)) return value
  return rawNumber(context.source)
}

function losesDigits(value: number, source: string): boolean {
  return significant(String(value)) !== significant(source)
}

/** Digits and exponent in one normal form, so that 1.50, 1.5 and 15e-1 compare equal. */
function significant(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const trimmed = withoutTrailing(digits, '0')
  if (trimmed === '') return '0'
  return `${sign}${trimmed}e${Number(exponent) - fraction.length + digits.length - trimmed.length}`
}

// 1e400 is short, and no double: it would become Infinity, which prints as null.
const farExponent = /\d[eE][+-]?\d{3}/

/** Parses JSON without changing any number: digits a double cannot hold come back as `RawNumber`. Throws SyntaxError. */
export function parseJson(text: string): Json {
  return (hasLongNumber(text) || farExponent.test(text) ? native.parse(text, keepDigits) : JSON.parse(text)) as Json
}

// A double holds every number of fewer digits.
const longRun = 15

/** True when so many digits and points stand in a row. Such a run covers a multiple of its length, so most characters need no look: a regular expression takes longer here than parsing does. */
function hasLongNumber(text: string): boolean {
  for (let at = longRun - 1; at < text.length; at += longRun) {
    if (!isNumeric(text.charCodeAt(at))) continue
    let [from, to] = [at, at + 1]
    while (from > 0 && isNumeric(text.charCodeAt(from - 1))) from -= 1
    while (to < text.length && isNumeric(text.charCodeAt(to))) to += 1
    if (to - from >= longRun) return true
  }
  return false
}

const isNumeric = (code: number): boolean => (code >= 48 && code <= 57) || code === 46

/** The nearest double of a number that may be kept as digits; other values come back as they are. For comparing and validating only. */
export function approximate(value: Json): Json {
  if (isRawNumber(value)) return Number(value.rawJSON)
  if (Array.isArray(value)) return value.map(approximate)
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, approximate(inner)]))
  return value
}

/** True when a value holds at least one number kept as digits. */
export function hasRawNumber(value: Json): boolean {
  if (value === null || typeof value !== 'object') return false
  if (isRawNumber(value)) return true
  for (const inner of Array.isArray(value) ? value : Object.values(value)) if (hasRawNumber(inner as Json)) return true
  return false
}

/** True for a plain JSON object: not null, not an array, not a number kept as digits. */
export const isObject = (value: unknown): value is JsonObject => value !== null && typeof value === 'object' && !Array.isArray(value) && !isRawNumber(value)

/** A value without protected texts. A number that holds one becomes a text: cut out of the JSON it would leave none. */
export function scrubJson(value: Json, secrets: { scrub(text: string): string }): Json {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return secrets.scrub(value)
  if (typeof value === 'number' || isRawNumber(value)) {
    const text = JSON.stringify(value)
    const scrubbed = secrets.scrub(text)
    return scrubbed === text ? value : scrubbed
  }
  if (Array.isArray(value)) return value.map((inner: Json) => scrubJson(inner, secrets))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [secrets.scrub(key), scrubJson(inner as Json, secrets)]))
}

/** True for a value with lists or objects inside each other deeper than so many levels; looks no deeper than that. */
export function isDeeperThan(levels: number, value: Json | undefined): boolean {
  if (value === null || typeof value !== 'object' || isRawNumber(value)) return false
  if (levels === 0) return true
  const members = Array.isArray(value) ? (value as readonly Json[]) : Object.values(value as JsonObject)
  return members.some((member) => isDeeperThan(levels - 1, member))
}
