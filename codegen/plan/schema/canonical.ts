import { isObject, isRawNumber, type Json, type JsonSchema } from '../../../runtime/contract/json.ts'
import type { Node } from './node.ts'

/** Keywords that say something to readers and nothing to validators. */
export const annotations: readonly string[] = [
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
]

/** Keywords whose values are maps of names, so that a property may be called `title`. */
export const nameMaps: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])

const data: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])
const unordered: ReadonlySet<string> = new Set(['required', 'type', 'enum'])

/** Plain data as text, the same for the same value whatever the order of its keys. */
export function textOf(value: Json): string {
  if (value === null || typeof value !== 'object' || isRawNumber(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`
  return `{${Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${textOf((value as { readonly [key: string]: Json })[key] as Json)}`)
    .join()}}`
}

/** True for values that are equal as JSON. */
export const areEqual = (left: Json, right: Json): boolean => left === right || textOf(left) === textOf(right)

const shapes = new WeakMap<object, string>()

/** What a schema asks of values, as text: equal texts ask the same where their references lead to the same. */
export function shapeOf(schema: JsonSchema): string {
  if (typeof schema === 'boolean') return String(schema)
  const known = shapes.get(schema)
  if (known !== undefined) return known
  const text = shapeText(schema, false)
  shapes.set(schema, text)
  return text
}

function shapeText(value: Json, areNames: boolean): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => shapeText(item, false)).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  const keys = Object.keys(value).filter((key) => areNames || !annotations.includes(key))
  return `{${keys
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${memberText(key, value[key] as Json, areNames)}`)
    .join()}}`
}

function memberText(key: string, value: Json, areNames: boolean): string {
  if (areNames) return isObject(value) ? shapeOf(value) : shapeText(value, false)
  if (unordered.has(key) && Array.isArray(value)) return `[${value.map(textOf).toSorted().join()}]`
  if (data.has(key)) return textOf(value)
  return isObject(value) && !nameMaps.has(key) ? shapeOf(value) : shapeText(value, nameMaps.has(key))
}

/** True when two nodes surely ask the same: written alike, and where they hold references, in documents that are alike. */
export function areAlike(left: Node, right: Node): boolean {
  const shape = shapeOf(left.schema)
  if (shape !== shapeOf(right.schema)) return false
  return !/"\$(?:ref|dynamicRef)"/.test(shape) || shapeOf(left.root) === shapeOf(right.root)
}
