import { createHash } from 'node:crypto'
import { HubError } from '../../contract/errors.ts'
import type { Principal } from '../../contract/principal.ts'

const longestKeyBytes = 512
const longestChannelBytes = 200
const longestWordBytes = 100
const longestPart = 200
const anyControl = /[\p{Cc}]/u
// What nearly all keys are made of: nothing else needs to be looked at then.
const ordinaryKey = /^[!-~]{1,512}$/
const anyBlank = /[\p{Cc}\p{Z}]/u
const sharedName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** A JSON Schema of each sort of name, for the inputs of tools. What a schema cannot say is checked again here. */
export const lengths = { key: longestKeyBytes, channel: longestChannelBytes, word: longestWordBytes }

/** Whom a part of memory belongs to, as one text that no other owner's can equal. */
export type Space = string

function refuse(what: string, why: string, facts: Readonly<Record<string, unknown>> = {}): HubError {
  return new HubError('HUB_ARGS_INVALID', `this ${what} cannot be used: ${why}`, facts)
}

function checkText(what: string, text: string, mostBytes: number): string {
  if (text === '') throw refuse(what, 'it is empty')
  // A text of so many UTF-16 units has at least as many bytes: a very long one is not measured.
  const bytes = text.length > mostBytes ? text.length : Buffer.byteLength(text)
  if (bytes > mostBytes)
    throw refuse(what, `it has ${bytes} bytes or more in UTF-8, at most ${mostBytes} are allowed; keep long texts in the value`, { bytes, most: mostBytes })
  if (!text.isWellFormed()) throw refuse(what, 'it has half of a surrogate pair, which is no character')
  return text
}

/** A key of state: any characters but control characters, 1 to 512 bytes, kept exactly as written (no Unicode normal form is forced on it). */
export function checkKey(key: string, what = 'key'): string {
  if (ordinaryKey.test(key)) return key
  checkText(what, key, longestKeyBytes)
  if (anyControl.test(key)) throw refuse(what, 'it has a control character (NUL, line break, tab, …)')
  return key
}

/** A symbol, timeframe or kind of analysis: as a key, at most 100 bytes. */
export function checkWord(word: string, what: string): string {
  checkText(what, word, longestWordBytes)
  if (anyControl.test(word)) throw refuse(what, 'it has a control character (NUL, line break, tab, …)')
  return word
}

/** A channel: no spaces, no control characters, at most 200 bytes, in Unicode normal form C, so that two agents that write the same word meet. */
export function checkChannel(channel: string): string {
  checkText('channel', channel, longestChannelBytes)
  if (anyBlank.test(channel)) throw refuse('channel', 'it has a space or control character; use . - _ : or / between words')
  if (channel.normalize('NFC') !== channel) throw refuse('channel', 'it is not in Unicode normal form C, so others could not find it by the same letters')
  if (channel === 'own/') throw refuse('channel', 'own/ needs a name behind it')
  return channel
}

// encodeURIComponent leaves no `:`, `{`, `}`, `/`, `%` or character above ASCII as it is, and no two texts become the same. A long one becomes its hash behind `%~`, which it never writes itself.
function part(text: string): string {
  if (!text.isWellFormed())
    throw new HubError('HUB_DENIED', 'the name of this caller or its organisation has half of a surrogate pair; its memory could be mistaken for another’s')
  if (text.length <= longestPart) {
    const encoded = encodeURIComponent(text)
    if (encoded.length <= longestPart) return encoded
  }
  return `%~${createHash('sha256').update(text).digest('hex')}`
}

// Callers come again and again.
const ownSpaces = new WeakMap<Principal, Space>()

/** The private space of a caller. */
export function ownSpace(principal: Principal): Space {
  const known = ownSpaces.get(principal)
  if (known !== undefined) return known
  const space = `${part(principal.organisation)}:own:${part(principal.id)}`
  ownSpaces.set(principal, space)
  return space
}

/** The space of a namespace: `own`, or `shared/<name>` for a name the manifest shares. Rejects everything else with words. */
export function spaceOf(namespace: string, principal: Principal, shared: readonly string[]): Space {
  if (namespace === 'own') return ownSpace(principal)
  const name = namespace.startsWith('shared/') ? namespace.slice('shared/'.length) : undefined
  if (name === undefined || !sharedName.test(name)) {
    throw refuse(
      'namespace',
      'it is neither own nor shared/<name>, a name being 1 to 64 letters, digits, dots, hyphens and underscores that begins with a letter or digit',
      {
        shared: [...shared],
      },
    )
  }
  if (!shared.some((glob) => matches(glob, name))) {
    const known = shared.length === 0 ? 'no namespace is shared here' : `shared here: ${shared.map((glob) => `shared/${glob}`).join(', ')}`
    throw new HubError('HUB_DENIED', `namespace shared/${name} is not shared by this hub; ${known}; own is always there`, { shared: [...shared] })
  }
  return `${part(principal.organisation)}:shared:${part(name)}`
}

/** Where a channel's signals are: with the organisation, or for `own/<name>` with the caller alone. */
export function signalSpace(channel: string, principal: Principal): Space {
  return channel.startsWith('own/') ? `${part(principal.organisation)}:signals-of:${part(principal.id)}` : `${part(principal.organisation)}:signals:`
}

/** Both spaces a caller's channels are in, the organisation's first. */
export const signalSpaces = (principal: Principal): readonly [Space, Space] => [signalSpace('x', principal), signalSpace('own/x', principal)]

/** Whose mark in a channel. */
export const readerOf = ({ id }: Principal): string => part(id)

/** A caller as others of its organisation see it: its id, control characters percent-encoded. */
export const writerOf = ({ id }: Principal): string => id.replaceAll(/[%\p{Cc}]/gu, (character) => encodeURIComponent(character))

/** True when a name fits a glob with `*`. */
export function matches(glob: string, name: string): boolean {
  const [first = '', ...rest] = glob.split('*')
  if (rest.length === 0) return glob === name
  if (!name.startsWith(first)) return false
  const last = rest.pop() as string
  let at = first.length
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}

/** The name of something that is watched, of one length whatever it stands for. */
export function topicOf(prefix: string, what: 'state' | 'signals', space: Space, name: string): string {
  return `${prefix}:${createHash('sha256')
    .update(JSON.stringify([what, space, name]))
    .digest('base64url')}`
}
