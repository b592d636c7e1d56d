const longestPattern = 2_000
/** What a compiled pattern may weigh; the engine of pydantic refuses programs over 10 MB. */
const heaviest = 20_000

const shorthand: Readonly<Record<string, string>> = { d: '[0-9]', D: '[^0-9]', w: '[0-9A-Za-z_]', W: '[^0-9A-Za-z_]', s: '[\\s\\x{FEFF}]', S: '[\\S\\x{85}]' }
const shorthandInClass: Readonly<Record<string, string>> = { d: '0-9', w: '0-9A-Za-z_', s: '\\s\\x{FEFF}' }
const category = /^\\[pP]\{(?:L[ulmto]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?)\}/
const codePoint = /^\\(?:x[0-9A-Fa-f]{2}|u(?!D[89A-F])[0-9A-F]{4}|u\{(?!0*D[89A-F][0-9A-F]{2}\})0*(?:10|[0-9A-F])?[0-9A-F]{1,4}\})/i
const syntax = /^\\[\^$\\.*+?()[\]{}|/-]/

/** What was read, how long it was, and how much of a program it makes. */
interface Piece {
  readonly text: string
  readonly length: number
  readonly weight: number
}

/**
 * A JavaScript pattern (flag u, as ajv reads it) in the words of Rust's regex crate, which pydantic runs in linear time. Accepts all the pattern accepts, and at most a few code points
 * more. Undefined for what that engine has no words for: looking around, references back, and programs beyond its size.
 */
export function rustPattern(source: string): string | undefined {
  if (source.length > longestPattern) return undefined
  let text = ''
  const weights: { sum: number; last: number }[] = [{ sum: 0, last: 0 }]
  let at = 0
  while (at < source.length) {
    const rest = source.slice(at)
    const level = weights.at(-1)
    if (level === undefined) return undefined
    const opened = /^\((?:\?:|\?<[A-Za-z_]\w*>|(?!\?))/.exec(rest)?.[0]
    const repeat = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(rest)
    if (opened !== undefined) {
      weights.push({ sum: 0, last: 0 })
      text += '(?:'
      at += opened.length
    } else if (rest.startsWith(')')) {
      weights.pop()
      const outer = weights.at(-1)
      if (outer === undefined) return undefined
      outer.last = level.sum + 1
      outer.sum += outer.last
      text += ')'
      at += 1
    } else if (repeat) {
      const times = Math.max(1, Number(repeat[1] ?? 1), Number(repeat[3] ?? 1))
      level.sum += level.last * (times - 1)
      if (level.sum > heaviest) return undefined
      text += repeat[0]
      at += repeat[0].length
    } else {
      const piece = pieceOf(rest)
      if (piece === undefined) return undefined
      level.last = piece.weight
      level.sum += piece.weight
      text += piece.text
      at += piece.length
    }
  }
  return weights.length === 1 && (weights[0]?.sum ?? 0) <= heaviest ? text : undefined
}

function pieceOf(rest: string): Piece | undefined {
  const [character = ''] = rest
  if (character === '\\') return escapePiece(rest)
  if (character === '[') return classPiece(rest)
  if (character === '.') return { text: '.', length: 1, weight: 20 }
  if (/[(){}\]]/.test(character) || isSurrogate(character)) return undefined
  if (/[\^$|]/.test(character)) return { text: character, length: 1, weight: 1 }
  return { text: literal(character), length: character.length, weight: 1 }
}

function escapePiece(rest: string): Piece | undefined {
  const letter = rest.charAt(1)
  if (Object.hasOwn(shorthand, letter)) return { text: shorthand[letter] as string, length: 2, weight: /[sSDW]/.test(letter) ? 30 : 2 }
  if (letter === 'b') return { text: '(?-u:\\b)', length: 2, weight: 1 }
  return plainEscape(rest)
}

/** Escapes that mean the same inside of a class and outside. */
function plainEscape(rest: string): Piece | undefined {
  const of = category.exec(rest)?.[0]
  if (of !== undefined) return { text: of, length: of.length, weight: 500 }
  const code = codePoint.exec(rest)?.[0]
  if (code !== undefined) return { text: `\\x{${code.replace(/[^0-9A-Fa-f]/g, '')}}`, length: code.length, weight: 2 }
  if (/^\\[tnrfv]/.test(rest)) return { text: rest.slice(0, 2), length: 2, weight: 1 }
  if (/^\\0(?!\d)/.test(rest)) return { text: '\\x00', length: 2, weight: 1 }
  if (syntax.test(rest)) return { text: literal(rest.charAt(1)), length: 2, weight: 1 }
  return undefined
}

function classPiece(source: string): Piece | undefined {
  const negated = source.startsWith('[^')
  let at = negated ? 2 : 1
  let text = ''
  let weight = negated ? 20 : 2
  while (at < source.length && source.charAt(at) !== ']') {
    const item = classItem(source.slice(at), negated)
    if (item === undefined) return undefined
    at += item.length
    weight += item.weight
    text += item.text
    const isRange = source.charAt(at) === '-' && at + 1 < source.length && source.charAt(at + 1) !== ']'
    if (!isRange) continue
    const end = classItem(source.slice(at + 1), negated)
    if (end === undefined) return undefined
    at += 1 + end.length
    text += `-${end.text}`
  }
  return text === '' || at >= source.length ? undefined : { text: `[${negated ? '^' : ''}${text}]`, length: at + 1, weight }
}

function classItem(rest: string, negated: boolean): Piece | undefined {
  const [character = ''] = rest
  if (character !== '\\') return isSurrogate(character) ? undefined : { text: literal(character), length: character.length, weight: 1 }
  const letter = rest.charAt(1)
  // Rust counts one space more than JavaScript does: a negated class would refuse it.
  if (Object.hasOwn(shorthandInClass, letter) && !(negated && letter === 's')) return { text: shorthandInClass[letter] as string, length: 2, weight: 3 }
  if (letter === 'b') return { text: '\\x08', length: 2, weight: 1 }
  return plainEscape(rest)
}

const isSurrogate = (character: string): boolean => /^[\ud800-\udfff]$/.test(character)

const literal = (character: string): string => (/[\^$\\.*+?()[\]{}|&~#-]/.test(character) ? `\\${character}` : character)
