import type { Args } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, isRawNumber, type Json } from '../../contract/json.ts'
import { isHeaderValue } from './header.ts'
import type { Hole, Pair, Piece } from './template.ts'

const isAbsent = (value: Json | undefined): value is undefined | null => value === undefined || value === null

/** A path from its segments, every value percent-encoded. Throws HUB_ARGS_INVALID for a value that would lead elsewhere: one that climbs, or leaves a segment empty. */
export function fillPath(segments: readonly (readonly Piece[])[], args: Args): string {
  let path = ''
  for (const pieces of segments) path += `/${fillSegment(pieces, args)}`
  return path
}

function fillSegment(pieces: readonly Piece[], args: Args): string {
  const [only] = pieces
  if (only === undefined) return ''
  if (pieces.length === 1 && typeof only === 'string') return only
  let sent = ''
  let plain = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      sent += piece
      plain += piece
      continue
    }
    const value = args[piece.name]
    if (isAbsent(value)) throw invalid(piece.name, 'is needed: it stands in the path')
    sent += encodedList(value, piece.name)
    plain += Array.isArray(value) ? value.map(textOf).join(',') : textOf(value)
  }
  const { name } = pieces.find((piece) => typeof piece !== 'string') as Hole
  if (plain === '') throw invalid(name, 'must not be empty: it stands in the path')
  if (climbs(plain)) throw invalid(name, 'must not climb: "." and ".." are no names in a path')
  return sent
}

// Some services decode before they split, so that an encoded slash is one to them.
function climbs(text: string): boolean {
  if (!text.includes('.') && !text.includes('%')) return false
  const decoded = text.replaceAll(/%2e/gi, '.').replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\')
  return decoded.split(/[/\\]/).some((part) => part === '.' || part === '..')
}

/** A query without its question mark; pairs whose input is left out are left out. */
export function fillQuery(pairs: readonly Pair[], args: Args): string {
  let query = ''
  for (const pair of pairs) {
    const text = fillPair(pair, args)
    if (text !== '') query += query === '' ? text : `&${text}`
  }
  return query
}

function fillPair({ name, value }: Pair, args: Args): string {
  if (value === undefined) return name
  const [only] = value
  if (value.length === 1 && typeof only === 'object' && !only.joined) {
    const list = args[only.name]
    if (Array.isArray(list))
      return list
        .filter((item: Json) => !isAbsent(item))
        .map((item: Json) => `${name}=${encode(textOf(item), only.name)}`)
        .join('&')
  }
  let text = `${name}=`
  for (const piece of value) {
    if (typeof piece === 'string') {
      text += piece
      continue
    }
    const argument = args[piece.name]
    if (isAbsent(argument) || (Array.isArray(argument) && argument.length === 0)) return ''
    text += encodedList(argument, piece.name)
  }
  return text
}

const encodedList = (value: Json, name: string): string =>
  Array.isArray(value) ? value.map((item: Json) => encode(textOf(item), name)).join(',') : encode(textOf(value), name)

function encode(text: string, name: string): string {
  if (!text.isWellFormed()) throw invalid(name, 'has half a surrogate pair, which no address can carry')
  return encodeURIComponent(text)
}

/** The text of a header; undefined when an input of it is left out. Throws HUB_ARGS_INVALID for what no header can carry. */
export function fillHeader(header: string, pieces: readonly Piece[], args: Args): string | undefined {
  const text = fillText(pieces, args)
  if (text === undefined || isHeaderValue(text)) return text
  const { name } = pieces.find((piece) => typeof piece !== 'string') as Hole
  throw invalid(name, `has a line break, a control character or one beyond Latin-1, which the header ${header} cannot carry`)
}

/** Text with its holes filled; undefined when an input of it is left out. */
function fillText(pieces: readonly Piece[], args: Args): string | undefined {
  let text = ''
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece
      continue
    }
    const value = args[piece.name]
    if (isAbsent(value)) return undefined
    text += Array.isArray(value) ? value.map(textOf).join(',') : textOf(value)
  }
  return text
}

/** The pairs of a form, encoded as HTML says. */
export function fillForm(form: readonly (readonly [string, readonly Piece[]])[], args: Args): string {
  const pairs = new URLSearchParams()
  for (const [name, pieces] of form) {
    const [only] = pieces
    const list = pieces.length === 1 && typeof only === 'object' && !only.joined ? args[only.name] : undefined
    const texts = Array.isArray(list) ? list.filter((item: Json) => !isAbsent(item)).map(textOf) : [fillText(pieces, args)]
    for (const text of texts) if (text !== undefined) pairs.append(name, text)
  }
  return pairs.toString()
}

/** What `body:` says, with its texts taken apart once. */
export type BodyTemplate =
  | { readonly type: 'value'; readonly value: Json }
  | { readonly type: 'hole'; readonly name: string }
  | { readonly type: 'text'; readonly pieces: readonly Piece[] }
  | { readonly type: 'list'; readonly items: readonly BodyTemplate[] }
  | { readonly type: 'map'; readonly entries: readonly (readonly [string, BodyTemplate])[] }

/** Takes a body apart; `pieces` reads a text. */
export function bodyTemplate(body: Json, pieces: (text: string) => readonly Piece[]): BodyTemplate {
  if (Array.isArray(body)) return { type: 'list', items: body.map((item: Json) => bodyTemplate(item, pieces)) }
  if (isObject(body)) return { type: 'map', entries: Object.entries(body).map(([key, inner]) => [key, bodyTemplate(inner, pieces)]) }
  if (typeof body !== 'string') return { type: 'value', value: body }
  const parts = pieces(body)
  const [only] = parts
  if (parts.length === 1 && typeof only === 'object' && !only.joined) return { type: 'hole', name: only.name }
  return parts.some((part) => typeof part !== 'string') ? { type: 'text', pieces: parts } : { type: 'value', value: body }
}

/** The body with its holes filled; undefined for one whose input is left out. A null given by the caller stays. */
export function fillBody(template: BodyTemplate, args: Args): Json | undefined {
  switch (template.type) {
    case 'value':
      return template.value
    case 'hole':
      return args[template.name]
    case 'text':
      return fillText(template.pieces, args)
    case 'list':
      return template.items.map((item) => fillBody(item, args)).filter((item) => item !== undefined)
    case 'map':
      return Object.fromEntries(
        template.entries.flatMap(([key, inner]) => {
          const value = fillBody(inner, args)
          return value === undefined ? [] : [[key, value]]
        }),
      )
  }
}

function textOf(value: Json): string {
  if (typeof value === 'string') return value
  return isRawNumber(value) ? value.rawJSON : JSON.stringify(value)
}

const invalid = (name: string, message: string): HubError =>
  new HubError('HUB_ARGS_INVALID', `argument "${name}" ${message}`, { faults: [{ path: name, message }] })
