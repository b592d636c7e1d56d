import { isObject, isRawNumber, type Json } from '../contract/json.ts'
import type { ValueRule, ValueType } from '../contract/tool-test.ts'

const longestShown = 200

/** A value as a failure shows it: JSON, shortened. */
export function show(value: Json | undefined): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
}

/** The value at a path, or how far the path led. */
export function find(root: Json, path: readonly string[]): { readonly value: Json } | { readonly lost: string } {
  let value = root
  for (const [index, key] of path.entries()) {
    const next = childOf(value, key)
    if (next === undefined) return { lost: `${describe(value)} at ${path.slice(0, index).join('.') || 'the root'}, without "${key}"` }
    value = next
  }
  return { value }
}

function childOf(value: Json, key: string): Json | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? (value[Number(key)] as Json | undefined) : undefined
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

function describe(value: Json): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  return isObject(value) ? `a map of ${Object.keys(value).join(', ') || 'nothing'}`.slice(0, longestShown) : show(value)
}

/** Whether two values are the same JSON; maps without regard to order, and 1 is 1.0. */
export function isSame(left: Json, right: Json): boolean {
  if (isRawNumber(left) || isRawNumber(right)) return isSameNumber(left, right)
  if (Array.isArray(left)) return Array.isArray(right) && left.length === right.length && left.every((item: Json, index) => isSame(item, right[index] as Json))
  if (!isObject(left)) return left === right
  return isObject(right) && Object.keys(left).length === Object.keys(right).length && hasMembers(right, left)
}

// Of two numbers kept as digits the digits decide; beside a double, the nearest double.
function isSameNumber(left: Json, right: Json): boolean {
  if (isRawNumber(left) && isRawNumber(right)) return left.rawJSON === right.rawJSON
  return numberOf(left) !== undefined && typeof left !== 'string' && typeof right !== 'string' && numberOf(left) === numberOf(right)
}

const hasMembers = (value: { readonly [key: string]: Json }, members: { readonly [key: string]: Json }): boolean =>
  Object.entries(members).every(([key, member]) => Object.hasOwn(value, key) && isSame(value[key] as Json, member))

function isPartOf(part: Json, value: Json): boolean {
  if (typeof value === 'string') return typeof part === 'string' && value.includes(part)
  if (Array.isArray(value)) return value.some((item: Json) => isSame(item, part) || (isObject(item) && isObject(part) && hasMembers(item, part)))
  return isObject(value) && isObject(part) && hasMembers(value, part)
}

/** A number, one kept as digits, or digits as text. */
function numberOf(value: Json): number | undefined {
  if (typeof value === 'number') return value
  if (isRawNumber(value)) return Number(value.rawJSON)
  return typeof value === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value) ? Number(value) : undefined
}

function isOfType(type: ValueType, value: Json): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isObject(value)
  if (type === 'number') return typeof value === 'number' || isRawNumber(value)
  if (type === 'integer') return Number.isInteger(value) || (isRawNumber(value) && /^-?\d+$/.test(value.rawJSON))
  return typeof value === type
}

function isNear(value: Json, approx: NonNullable<ValueRule['approx']>): boolean {
  const number = numberOf(value)
  return number !== undefined && Math.abs(number - approx.value) <= approx.tolerance
}

/** What of a rule does not hold for a value, in words; nothing when all does. */
export function broken(rule: ValueRule, value: Json): readonly string[] {
  const { equals, matches, approx, contains, type } = rule
  return [
    ...(equals === undefined || isSame(equals, value) ? [] : [show(equals)]),
    ...(matches === undefined || (typeof value === 'string' && new RegExp(matches, 'u').test(value)) ? [] : [`a text that matches ${matches}`]),
    ...(approx === undefined || isNear(value, approx) ? [] : [`${approx.value} ± ${approx.tolerance}`]),
    ...(contains === undefined || isPartOf(contains, value) ? [] : [`something that contains ${show(contains)}`]),
    ...(type === undefined || isOfType(type, value) ? [] : [`a value of type ${type}`]),
  ]
}

/** Where two values first differ; undefined when they are the same. */
export function firstDifference(
  wanted: Json | undefined,
  value: Json | undefined,
  at = '',
): { readonly at: string; readonly wanted?: Json; readonly value?: Json } | undefined {
  if (wanted === undefined || value === undefined) return wanted === value ? undefined : { at, wanted, value }
  if (isSame(wanted, value)) return undefined
  const bothLists = Array.isArray(wanted) && Array.isArray(value)
  if (!bothLists && !(isObject(wanted) && isObject(value))) return { at, wanted, value }
  return new Set([...Object.keys(wanted), ...Object.keys(value)])
    .values()
    .map((key) => firstDifference(childOf(wanted, key), childOf(value, key), `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`))
    .find((found) => found !== undefined)
}
