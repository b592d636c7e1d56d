import { HubError } from '../../contract/errors.ts'

const mostBytes = 1_024
const mostSegmentBytes = 255
const mostSegments = 16

/** A path taken apart: the folders it goes through and, last, what it names. Every part is in normal form C and safe on every file system. */
export type Path = readonly string[]

interface Rule {
  readonly broken: (segment: string) => boolean
  readonly message: string
}

// Characters that are drawn like a slash, a backslash or a dot, or become one in a compatibility normal form.
const slashLike = /[\u2044\u2215\u2216\u29F5\u29F8\u29F9\uFE68\uFF0F\uFF3C\u2571\u2572\u27CB\u27CD\u3033\u{1D23A}\u{1D20F}]/u
const dotLike = /[\u2024-\u2026\uFE19\uFE52\uFF0E\uFF61\u0701\u0702\uA4F8\uA4FB\uA60E\u{10A50}\u{1D16D}]/u
// What cannot be seen, turns text around, is unassigned or of private use, and every space but the plain one.
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u
const reserved = /^(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9\u00B9\u00B2\u00B3])(\.|$)/i

const rules: readonly Rule[] = [
  { broken: (name) => name === '', message: 'has a part without a name: a path neither begins nor ends with a slash, nor has two in a row' },
  { broken: (name) => name === '.' || name === '..', message: 'may not climb: no part of it is . or ..' },
  { broken: (name) => name.startsWith('.'), message: 'has a name that begins with a dot; such names are not served' },
  { broken: (name) => name.includes('\\'), message: 'has a backslash; folders are told apart with /' },
  {
    broken: (name) => unseen.test(name),
    message: 'has a character that cannot be seen: a control character, a mark of direction, or another space than the plain one',
  },
  { broken: (name) => slashLike.test(name) || dotLike.test(name), message: 'has a character that looks like a slash or a dot and is none' },
  { broken: (name) => /[<>:"|?*]/.test(name), message: 'has one of < > : " | ? *, which not every file system takes' },
  { broken: (name) => /%[0-9a-f]{2}/i.test(name), message: 'is percent-encoded; write names as they are' },
  { broken: (name) => /^ | $|\.$/.test(name), message: 'has a name that begins or ends with a space, or ends with a dot' },
  { broken: (name) => reserved.test(name), message: 'has a name that Windows keeps for a device' },
  { broken: (name) => /[/\\]|^\.+$/.test(name.normalize('NFKC')), message: 'has a name that becomes another path in a compatibility normal form' },
  { broken: (name) => Buffer.byteLength(name) > mostSegmentBytes, message: `has a name of more than ${mostSegmentBytes} bytes` },
]

// Nothing in such a name is in question but its length, and whether it is a device.
const plain = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/
const brokenRule = (name: string): Rule | undefined =>
  plain.test(name) && name.length <= mostSegmentBytes && !reserved.test(name) ? undefined : rules.find(({ broken }) => broken(name))

/** What keeps a text from being a path, in words that follow "the path"; undefined for a good one. */
export function pathFault(text: string): string | undefined {
  if (!text.isWellFormed()) return 'is not well-formed Unicode'
  if (text.length > mostBytes || Buffer.byteLength(text) > mostBytes) return `is longer than ${mostBytes} bytes`
  const segments = text.normalize('NFC').split('/')
  if (segments.length > mostSegments) return `goes through more than ${mostSegments} folders`
  for (const segment of segments) {
    const rule = brokenRule(segment)
    if (rule !== undefined) return rule.message
  }
  return undefined
}

/** Takes a path apart. Throws HUB_ARGS_INVALID, with why, for one that could mean something else anywhere. */
export function parsePath(text: string, argument = 'path'): Path {
  const fault = pathFault(text)
  if (fault === undefined) return text.normalize('NFC').split('/')
  const message = `"${shown(text)}" ${fault}`
  throw new HubError('HUB_ARGS_INVALID', `argument "${argument}": ${message}`, { faults: [{ path: argument, message }] })
}

/** The same for a place to begin at, where nothing is the folder itself. */
export const parseFolderPath = (text: string, argument = 'path'): Path => (text === '' ? [] : parsePath(text.replace(/\/$/, ''), argument))

/** True for a name found on a disk that a path can say. */
export const isServed = (name: string): boolean => name.isWellFormed() && name === name.normalize('NFC') && brokenRule(name) === undefined

/** Names with one fold are one name to some file system: they differ only by case or normal form. */
export const fold = (name: string): string => name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')

const mostShown = 80

/** A caller's text as an error may show it: cut, and nothing in it that turns the text around. */
export const shown = (text: string): string =>
  (text.length > mostShown ? `${text.slice(0, mostShown).toWellFormed()}…` : text.toWellFormed()).replaceAll(new RegExp(unseen, 'gu'), '\uFFFD')

/** Orders paths as a listing does: folder by folder, by code unit. */
export function comparePaths(left: Path, right: Path): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    const [one, other] = [left[index] as string, right[index] as string]
    if (one !== other) return one < other ? -1 : 1
  }
  return left.length - right.length
}
