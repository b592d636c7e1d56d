import { HubError } from '../../contract/errors.ts'
import { isRawNumber, type Json, type JsonObject } from '../../contract/json.ts'
import { topicNameFault } from './topic-names.ts'

/** `{name}` in a text: what stands there comes from the arguments of a call, or from a row. */
export interface Hole {
  readonly name: string
  /** In UTF-16 units, braces included. */
  readonly offset: number
  readonly length: number
}

/** A text and its holes, in turn. */
export type Pieces = readonly (string | Hole)[]

const hole = /\{([A-Za-z_][\w-]*)\}/g

/** Reads a text with holes. A brace that holds no name is an ordinary character. */
export function piecesOf(text: string): Pieces {
  const pieces: (string | Hole)[] = []
  let end = 0
  for (const match of text.matchAll(hole)) {
    if (match.index > end) pieces.push(text.slice(end, match.index))
    pieces.push({ name: match[1] as string, offset: match.index, length: match[0].length })
    end = match.index + match[0].length
  }
  if (end < text.length) pieces.push(text.slice(end))
  return pieces
}

export const holesIn = (pieces: Pieces): readonly Hole[] => pieces.filter((piece) => typeof piece !== 'string')

/** A text with its holes filled. Throws HUB_ARGS_INVALID for a hole without a plain value. */
export function fillText(pieces: Pieces, values: JsonObject): string {
  let text = ''
  for (const piece of pieces) text += typeof piece === 'string' ? piece : plain(piece.name, values)
  return text
}

/** A topic's name with its holes filled: each with one segment of it. A slash, as symbols have it (BTC/USDT), is written as a dash. Throws HUB_ARGS_INVALID for a value that would leave its segment. */
export function fillTopic(pieces: Pieces, values: JsonObject): string {
  let name = ''
  for (const piece of pieces) name += typeof piece === 'string' ? piece : segment(piece.name, plain(piece.name, values))
  const fault = topicNameFault(name.replaceAll('*', ''))
  if (fault !== undefined) throw new HubError('HUB_ARGS_INVALID', `"${name.slice(0, 300)}" is not the name of a topic: ${fault}`)
  return name
}

function segment(hole: string, text: string): string {
  const written = text.replaceAll('/', '-')
  if (/^[A-Za-z0-9_-]+$/.test(written)) return written
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
  throw new HubError(
    'HUB_ARGS_INVALID',
    `/${hole}: "${shown}" cannot be a part of a topic’s name; it takes letters, digits, "_", "-" and "/" (written as "-"), and no dot, since it stands for one part of the name`,
    { path: `/${hole}` },
  )
}

function plain(name: string, values: JsonObject): string {
  const value = values[name]
  const text = textOf(value)
  if (text === undefined)
    throw new HubError('HUB_ARGS_INVALID', `/${name}: ${value === undefined ? 'is missing' : 'must be a text or a number'}`, { path: `/${name}` })
  return text
}

/** A scalar as text, digits unchanged; undefined for anything else. */
export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (isRawNumber(value)) return value.rawJSON
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
