import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { parseJson, type Json } from '../../contract/json.ts'
import { TooLong, type Incoming } from './exchange.ts'

/** What an answer holds. */
export type Content =
  | { readonly type: 'json'; readonly value: Json }
  | { readonly type: 'text'; readonly text: string; readonly mediaType: string }
  | { readonly type: 'nothing' }

/** An answer that cannot be read; reads on after "the service answered". */
export class Unreadable extends Error {}

/** What the hub can unpack. */
export const acceptEncoding = 'gzip, br'

type Unpack = (body: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>

const packings: Readonly<Record<string, Unpack>> = {
  gzip: promisify(gunzip) as Unpack,
  'x-gzip': promisify(gunzip) as Unpack,
  deflate: promisify(inflate) as Unpack,
  br: promisify(brotliDecompress) as Unpack,
}

/** Reads an answer as JSON or text, unpacked to at most so many bytes. Throws Unreadable, or TooLong. */
export function readContent(incoming: Incoming, bytesAtMost: number): Content | Promise<Content> {
  const packing = headerOf(incoming, 'content-encoding')
  if (packing === '' || packing === 'identity' || incoming.body.length === 0) return interpret(incoming, incoming.body)
  return unpack(incoming.body, packing, bytesAtMost).then((body) => interpret(incoming, body))
}

async function unpack(packed: Buffer, packing: string, bytesAtMost: number): Promise<Buffer> {
  let body = packed
  for (const name of packing.toLowerCase().split(',').toReversed()) {
    const unpackOne = packings[name.trim()]
    if (unpackOne === undefined) throw new Unreadable(`in an encoding the hub did not ask for (${name.trim().slice(0, 30)})`)
    try {
      body = await unpackOne(body, { maxOutputLength: bytesAtMost })
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw new TooLong('', { cause: error })
      throw new Unreadable(`with a body that cannot be unpacked as ${name.trim()}`, { cause: error })
    }
  }
  return body
}

function interpret(incoming: Incoming, body: Buffer): Content {
  if (body.length === 0) return { type: 'nothing' }
  const [mediaType = '', ...parameters] = headerOf(incoming, 'content-type').toLowerCase().split(';')
  const type = mediaType.trim()
  if (type === '') return guess(body)
  if (isJson(type)) return json(body)
  if (isText(type)) return { type: 'text', text: decode(body, parameters), mediaType: type }
  throw new Unreadable(`with ${type.slice(0, 60)}, which is neither JSON nor text`)
}

const isJson = (type: string): boolean => type === 'application/json' || type.endsWith('+json') || type === 'text/json'

const isText = (type: string): boolean =>
  type.startsWith('text/') ||
  type.endsWith('+xml') ||
  type.endsWith('+yaml') ||
  /^application\/(xml|csv|yaml|x-yaml|x-ndjson|jsonl|javascript|x-www-form-urlencoded)$/.test(type)

function json(body: Buffer): Content {
  try {
    return { type: 'json', value: parseJson(withoutMark(body.toString())) }
  } catch (error) {
    throw new Unreadable('with something that says it is JSON and is not', { cause: error })
  }
}

function guess(body: Buffer): Content {
  const text = withoutMark(body.toString())
  if (text.includes('\0') || text.includes('\ufffd')) throw new Unreadable('with something that is neither JSON nor text, and does not say what it is')
  try {
    return { type: 'json', value: parseJson(text) }
  } catch {
    return { type: 'text', text, mediaType: 'text/plain' }
  }
}

function decode(body: Buffer, parameters: readonly string[]): string {
  const charset = parameters.map((parameter) => /^\s*charset="?([^"\s]+)"?\s*$/.exec(parameter)?.[1]).find((label) => label !== undefined) ?? 'utf-8'
  if (charset === 'utf-8') return withoutMark(body.toString())
  try {
    return new TextDecoder(charset).decode(body)
  } catch (error) {
    throw new Unreadable(`in the character set ${charset.slice(0, 30)}, which the hub does not know`, { cause: error })
  }
}

const withoutMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)

/** One header as text; empty when it is not there. */
export function headerOf({ headers }: Pick<Incoming, 'headers'>, name: string): string {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : (value ?? '')
}
