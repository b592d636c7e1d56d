import { parseJson, scrubJson, type Json } from '../contract/json.ts'
import type { Secrets } from '../contract/secret.ts'
import { withoutTrailing } from '../contract/trailing.ts'
import { compileScan, type Scan } from './content-scan.ts'

/** Shorter values are common words: scrubbing them would eat ordinary text and tell nothing. */
const minLength = 6
const pieceLength = 16_384
const maxValues = 1_000
const mark = '[secret]'
/** How often JSON stands in a text of JSON: an answer whose text is JSON, with a text of JSON in it. */
const jsonLevels = 3

/**
 * The secrets revealed so far. A protected value is scrubbed as it is and as URLs, JSON (within JSON too), hexadecimal digits, base64 and `Authorization: Basic` carry it; of a connection URL the password too.
 * Values shorter than 6 characters are not protected; of more than 1,000 values the one protected longest ago is let go.
 */
export function createSecrets(): Secrets {
  const protectedForms = new Map<string, readonly string[]>()
  let scan: Scan | undefined

  const protectPiece = (value: string): void => {
    const known = protectedForms.get(value)
    const forms = known ?? formsOf(value)
    if (forms.length === 0) return
    // Taken out and put back it is the newest.
    protectedForms.delete(value)
    protectedForms.set(value, forms)
    if (known !== undefined) return
    const [oldest] = protectedForms.keys()
    if (protectedForms.size > maxValues && oldest !== undefined) protectedForms.delete(oldest)
    scan = undefined
  }

  return {
    protect(value) {
      // A very long value is protected piece by piece, so that every form of it stays small.
      for (let start = 0; start < value.length; start += pieceLength) protectPiece(value.slice(start, start + pieceLength))
    },
    scrub(text) {
      if (protectedForms.size === 0) return text
      scan ??= compileScan([...new Set([...protectedForms.values()].flat())], mark)
      return scan(text)
    },
  }
}

/** A value without protected texts; the same value when it holds none, which its JSON tells without a walk. */
export function scrubbed<Value extends Json>(value: Value, secrets: Pick<Secrets, 'scrub'>): Value {
  const json = JSON.stringify(value)
  return secrets.scrub(json) === json ? value : (scrubJson(parseJson(json), secrets) as Value)
}

/** True for JSON that still holds a secret after its values were scrubbed one by one: it lies over several of them. */
export function holdsSecret(json: string, secrets: Pick<Secrets, 'scrub'>): boolean {
  // A secret may be a word of the mark.
  const bare = json.replaceAll(mark, '')
  return secrets.scrub(bare) !== bare
}

/** Every shape in which a value may turn up in a text. */
function formsOf(value: string): readonly string[] {
  const parts = [value, ...credentialsIn(value)]
  const forms = new Set<string>()
  for (const part of parts) if (part.length >= minLength) for (const form of encodingsOf(part)) forms.add(form)
  return [...forms]
}

function* encodingsOf(value: string): Iterable<string> {
  const wellFormed = value.toWellFormed()
  const url = encodeURIComponent(wellFormed)
  yield value
  yield* jsonOf(value)
  yield url
  yield url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  yield new URLSearchParams([['', wellFormed]]).toString().slice(1)
  yield* hexOf(value)
  yield* base64Of(value)
}

const insideJson = (value: string): string => JSON.stringify(value).slice(1, -1)

// Many writers of JSON keep to ASCII.
function* jsonOf(value: string): Iterable<string> {
  const whole = insideJson(value)
  const ascii = whole.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  for (let written of [whole, ascii]) {
    for (let level = 0; level < jsonLevels; level++) {
      yield written
      written = insideJson(written)
    }
  }
}

function* hexOf(value: string): Iterable<string> {
  const digits = Buffer.from(value).toString('hex')
  yield digits
  yield digits.toUpperCase()
}

// In a longer text the value starts at any of three places in a group of three bytes. Characters that also depend on its neighbours are left off.
function* base64Of(value: string): Iterable<string> {
  const bytes = Buffer.from(value)
  for (const [before, cut] of [
    [0, 0],
    [1, 2],
    [2, 3],
  ] as const) {
    const padded = Buffer.concat([Buffer.alloc(before), bytes])
    const whole = withoutTrailing(padded.toString('base64'), '=')
    const sure = whole.slice(cut, padded.length % 3 === 0 ? undefined : -1)
    yield sure
    yield sure.replaceAll('+', '-').replaceAll('/', '_')
  }
}

/** The password of a connection URL, as written and decoded. */
function credentialsIn(value: string): readonly string[] {
  const [, written = ''] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*?:([^/?#]*)@/i.exec(value) ?? []
  if (written === '') return []
  try {
    return [written, decodeURIComponent(written)]
  } catch {
    return [written]
  }
}
