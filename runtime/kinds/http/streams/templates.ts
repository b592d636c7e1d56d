import { HubError } from '../../../contract/errors.ts'
import type { Json } from '../../../contract/json.ts'
import { bodyTemplate, fillBody } from '../fill.ts'
import { holesIn, piecesOf, type Piece } from '../template.ts'

/** What secrets and the hub put into holes. */
export type Fillings = Readonly<Record<string, Json>>

/** A message to the service. */
export interface MessageTemplate {
  /** Whether it names all keys, one key, or none. */
  readonly about: 'keys' | 'key' | 'nothing'
  write(fillings: Fillings): string
}

/** Takes a message apart, once. A JSON text that is one hole keeps the type of what fills it. */
export function messageTemplate(message: Json): MessageTemplate {
  const holes = new Set(holesOf(message))
  const template = bodyTemplate(message, piecesOf)
  return {
    about: holes.has('keys') ? 'keys' : holes.has('key') ? 'key' : 'nothing',
    write(fillings) {
      const filled = fillBody(template, fillings)
      // A service whose messages are plain words gets them without quotes.
      return typeof filled === 'string' ? filled : JSON.stringify(filled ?? null)
    },
  }
}

/** The names of all holes in a message. */
export function holesOf(value: Json): readonly string[] {
  if (typeof value === 'string') return holesIn(piecesOf(value)).map(({ name }) => name)
  if (Array.isArray(value)) return value.flatMap((item: Json) => holesOf(item))
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap((inner) => holesOf(inner as Json)) : []
}

/** The address of a stream; a pair of its query whose secret has no value is left out. Throws HUB_CONFIG_VALUE for what is no address. */
export function addressOf(template: string, fillings: Fillings, grantPair: string): string {
  const mark = template.indexOf('?')
  const path = filled(piecesOf(mark < 0 ? template : template.slice(0, mark)), fillings)
  const pairs = mark < 0 ? [] : template.slice(mark + 1).split('&')
  const query = [...pairs.map((pair) => filled(piecesOf(pair), fillings)).filter((pair) => pair !== undefined && pair !== ''), grantPair]
    .filter(Boolean)
    .join('&')
  const address = path === undefined ? '' : `${path}${query === '' ? '' : `?${query}`}`
  if (!URL.canParse(address)) throw new HubError('HUB_CONFIG_VALUE', 'the url of a stream is not an address; write one like wss://stream.example.com/v1')
  return address
}

function filled(pieces: readonly Piece[], fillings: Fillings): string | undefined {
  let text = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece
      continue
    }
    const value = fillings[piece.name]
    if (value === undefined || value === null) return undefined
    text += encodeURIComponent(String(value))
  }
  return text
}
