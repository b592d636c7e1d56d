import { Document, stringify } from 'yaml'
import { isObject, isRawNumber, type Json } from '../../runtime/contract/json.ts'

const longestFlow = 110

/** Foreign text made harmless for a comment or a summary: one line, no control characters. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}

/** The same, at most this long; cut at a word. */
export function brief(text: string, longest: number): string {
  const line = oneLine(text)
  if (line.length <= longest) return line
  const end = line.slice(0, longest).lastIndexOf(' ')
  return `${line.slice(0, end > longest / 2 ? end : longest - 1).trimEnd()}…`
}

/** Foreign text where the hub puts the environment in: its own `${` stays as it is. */
export const literal = (text: string): string => text.replaceAll('${', () => '$${')

/** A value as YAML, indented; what is short stands on one line, as a person would write it. */
export function block(value: Json, indent: number): string {
  const lines: string[] = []
  const mark = markFor(value)
  const document = new Document(withMarks(value, true, (inner) => `${mark}${lines.push(flow(inner)) - 1}x`))
  const text = document.toString({ lineWidth: 0, singleQuote: true }).trimEnd()
  const whole = text.replace(new RegExp(`${mark}(\\d+)x`, 'g'), (_, index: string) => lines[Number(index)] as string)
  return whole.replace(/^(?=.)/gm, ' '.repeat(indent))
}

/** A word that the value does not contain. */
function markFor(value: Json): string {
  const text = JSON.stringify(value)
  let mark = 'line'
  while (text.includes(mark)) mark += 'e'
  return mark
}

// Other texts of several lines depend on how a block scalar begins and ends; between quotes they do not.
const readsAsBlock = /^\S(?:[^\p{Cc}\u2028\u2029]|[\n\t])*\S\n?$/u

function withMarks(value: Json, isRoot: boolean, mark: (inner: Json) => string): Json {
  if (typeof value === 'string') return value.includes('\n') && !readsAsBlock.test(value) ? mark(value) : value
  if (value === null || typeof value !== 'object' || isRawNumber(value)) return value
  if (!isRoot && isPlain(value, 0) && JSON.stringify(value).length <= longestFlow) return mark(value)
  if (Array.isArray(value)) return value.map((item: Json) => withMarks(item, false, mark))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withMarks(inner, false, mark)]))
}

/** True for what reads well on one line: scalars, and lists and maps of them two deep. */
function isPlain(value: Json, depth: number): boolean {
  if (typeof value === 'string') return !value.includes('\n')
  if (value === null || typeof value !== 'object' || isRawNumber(value)) return true
  return depth < 2 && Object.entries(value).every(([key, inner]) => !key.includes('\n') && isPlain(inner as Json, depth + 1))
}

/** A value on one line, inside a flow collection too. */
export function flow(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => flow(item)).join(', ')}]`
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, inner]) => `${scalar(key)}: ${flow(inner)}`)
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
  }
  return scalar(value)
}

/** A scalar as it may stand in a flow collection, as a key and as a value. */
function scalar(value: Json): string {
  if (typeof value === 'string' && /[\p{Cc}\u2028\u2029]/u.test(value)) return JSON.stringify(value)
  return stringify([value], { collectionStyle: 'flow', lineWidth: 0, singleQuote: true }).trim().slice(1, -1).trim()
}
