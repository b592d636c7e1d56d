import { isRawNumber, type Json } from '../../../runtime/contract/json.ts'

/** The nearest double of a number; NaN for what is none. */
export const numberOf = (value: Json | undefined): number => (isRawNumber(value) ? Number(value.rawJSON) : typeof value === 'number' ? value : Number.NaN)

const patterns = new Map<string, RegExp | undefined>()
const mostPatterns = 1_000
const longestText = 24

/** Whether a text fits a pattern as JSON Schema means it. Undefined where the pattern cannot be read, or might take for ever with a text as long. */
export function matches(pattern: string, text: string): boolean | undefined {
  if (text.length > longestText && /[)][*+{]/.test(pattern)) return undefined
  if (!patterns.has(pattern)) {
    if (patterns.size >= mostPatterns) patterns.clear()
    patterns.set(pattern, read(pattern))
  }
  return patterns.get(pattern)?.test(text)
}

function read(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return undefined
  }
}

/** The texts of a list; nothing for what is no list. Schemas of a server elsewhere may be anything. */
export const textsIn = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter((item): item is string => typeof item === 'string') : []
