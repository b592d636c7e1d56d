import { isObject } from '../../contract/json.ts'
import type { Json, JsonObject, JsonSchema } from '../../contract/json.ts'

/** An argument that a modern HTTP upstream also wants as a header (`x-mcp-header` in the tool's schema). */
export interface Mirror {
  readonly path: readonly string[]
  readonly header: string
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const plain = /^[\t\x20-\x7e]+$/

/** The arguments a schema wants mirrored: those reached through `properties` alone, as the specification says. */
export function mirrorsOf(schema: JsonSchema, path: readonly string[] = []): readonly Mirror[] {
  if (!isObject(schema) || !isObject(schema.properties)) return []
  return Object.entries(schema.properties).flatMap(([key, inner]) => {
    const here = [...path, key]
    const header = isObject(inner) ? inner['x-mcp-header'] : undefined
    const own = typeof header === 'string' && token.test(header) ? [{ path: here, header: `mcp-param-${header.toLowerCase()}` }] : []
    return [...own, ...mirrorsOf(inner as JsonSchema, here)]
  })
}

/** Adds the headers of one call to a flat list of names and values. Absent arguments and integers a double cannot hold get none. */
export function addMirrored(headers: string[], mirrors: readonly Mirror[], args: JsonObject): void {
  for (const { path, header } of mirrors) {
    let value: Json | undefined = args
    for (const key of path) value = isObject(value) ? value[key] : undefined
    const text = headerText(value)
    if (text !== undefined) headers.push(header, headerValue(text))
  }
}

function headerText(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && (!Number.isInteger(value) || Number.isSafeInteger(value))) return String(value)
  return undefined
}

/** Text as a header may carry it: itself when plain ASCII, base64 in the protocol's wrapping otherwise. */
export function headerValue(text: string): string {
  if (plain.test(text) && text === text.trim() && !text.startsWith('=?base64?')) return text
  return `=?base64?${Buffer.from(text).toString('base64')}?=`
}
