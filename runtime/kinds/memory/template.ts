import { HubError } from '../../contract/errors.ts'
import { isObject, isRawNumber, type Json, type JsonObject } from '../../contract/json.ts'

const holes = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** A hole and where it stands in its text. */
export interface Hole {
  readonly name: string
  readonly offset: number
  readonly length: number
}

/** The holes of one text. */
export const holesOf = (text: string): readonly Hole[] =>
  [...text.matchAll(holes)].map((match) => ({ name: match[1] as string, offset: match.index, length: match[0].length }))

/** Fills the holes of a text with arguments. Rejects what is no text, number or boolean. */
export function fillText(text: string, args: JsonObject): string {
  return text.replaceAll(holes, (_whole, name: string) => {
    const value = args[name]
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    if (isRawNumber(value)) return value.rawJSON
    throw new HubError('HUB_ARGS_INVALID', `"${name}" must be a text, number or boolean here: it becomes part of a name`)
  })
}

/** Fills the holes of a value. A text that is one hole is the argument as it is; a member whose argument was left out is left out too. */
export function fillValue(template: Json, args: JsonObject): Json | undefined {
  if (typeof template === 'string') {
    const [only] = holesOf(template)
    return only !== undefined && only.length === template.length ? args[only.name] : fillText(template, args)
  }
  if (Array.isArray(template)) return template.map((inner: Json) => fillValue(inner, args)).filter((inner) => inner !== undefined)
  if (!isObject(template)) return template
  return Object.fromEntries(
    Object.entries(template).flatMap(([name, inner]) => {
      const value = fillValue(inner, args)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}
