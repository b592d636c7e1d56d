import type { Args } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { cellOf, Misfit } from './cells.ts'
import { parameterText } from './notations.ts'
import type { Placeholder } from './placeholders.ts'
import { isNullable, valueType, type DataType } from './types.ts'

/** A statement with its values, as it is sent. */
export interface Bound {
  readonly text: string
  /** By `param_<name>`. */
  readonly parameters: Readonly<Record<string, string>>
}

// A server takes at most 128 KiB in one field of a form, and no setting of a query changes that.
const longestField = 100_000
const unitsOfPiece = 25_000

/** Fits arguments to the placeholders of a statement. Throws HUB_ARGS_INVALID with the argument and why. */
export function bindParameters(text: string, placeholders: readonly Placeholder[], args: Args): Bound {
  const parameters: Record<string, string> = {}
  const long: (readonly [Placeholder, readonly string[]])[] = []
  for (const placeholder of placeholders) {
    const { name, type } = placeholder
    if (type === undefined) throw new HubError('HUB_ARGS_INVALID', `{${name}:${placeholder.written}} has no type of ClickHouse`)
    const value = textFor(name, Object.hasOwn(args, name) ? (args[name] ?? null) : null, type)
    const isShort = value.length * 3 <= longestField || Buffer.byteLength(value) <= longestField
    if (isShort) parameters[`param_${name}`] = value
    else long.push([placeholder, piecesOf(name, String(args[name]), type)])
  }
  return { text: long.length === 0 ? text : withPieces(text, long, parameters), parameters }
}

function textFor(name: string, value: Args[string], type: DataType): string {
  try {
    if (value === null && !isNullable(type)) throw new Misfit(`has no value, and {${name}:${type.name}} needs one`)
    return parameterText(cellOf(value, type), type)
  } catch (error) {
    if (error instanceof Misfit) throw new HubError('HUB_ARGS_INVALID', `"${name}" ${error.message}`, { argument: name })
    throw error
  }
}

/** A text too long for one field, in pieces that none is. */
function piecesOf(name: string, value: string, type: DataType): readonly string[] {
  if (valueType(type).name !== 'String')
    throw new HubError('HUB_ARGS_INVALID', `"${name}" is longer than ClickHouse takes for one parameter (128 KiB)`, { argument: name })
  const pieces: string[] = []
  for (let at = 0; at < value.length;) {
    const end = at + unitsOfPiece
    // A pair of surrogates is one character.
    const next = /[\uD800-\uDBFF]/.test(value[end - 1] ?? '') ? end - 1 : end
    pieces.push(value.slice(at, next))
    at = next
  }
  return pieces
}

/** `{key:String}` becomes `concat({hub_key_0:String}, …)`: every piece is bound, and the server puts them together once. */
function withPieces(text: string, long: readonly (readonly [Placeholder, readonly string[]])[], parameters: Record<string, string>): string {
  let written = text
  for (const [{ name, start, end }, pieces] of long.toReversed()) {
    const names = pieces.map((_piece, index) => `hub_${name}_${index}`)
    for (const [index, piece] of pieces.entries()) parameters[`param_${String(names[index])}`] = parameterText({ as: 'text', text: piece }, stringType)
    written = `${written.slice(0, start)}concat(${names.map((one) => `{${one}:String}`).join(', ')})${written.slice(end)}`
  }
  return written
}

const stringType: DataType = { name: 'String', parts: [], words: [] }
