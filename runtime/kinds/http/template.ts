/** A hole in a template: `{name}`, or `{name,}` for a list written with commas. */
export interface Hole {
  readonly name: string
  readonly joined: boolean
  /** Where it stands in the text, in UTF-16 units. */
  readonly offset: number
  readonly length: number
}

/** Text and holes in turn. */
export type Piece = string | Hole

/** A pair of a query. */
export interface Pair {
  /** As it is sent. */
  readonly name: string
  /** Undefined where there is no `=`. */
  readonly value: readonly Piece[] | undefined
}

/** `request:` of an operation, taken apart. Plain text in it is as it is sent. */
export interface RequestTemplate {
  readonly method: string
  /** What stands between the slashes of the path. */
  readonly segments: readonly (readonly Piece[])[]
  readonly query: readonly Pair[]
}

/** Why a request cannot be read, and where in its text. */
export interface TemplateFault {
  readonly message: string
  readonly hint: string
  readonly offset: number
  readonly length: number
}

/** The methods a tool may use. */
export const methods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

const holePattern = /\{([A-Za-z_$][\w.$-]*)(,?)\}/g

/** The text and the holes of a template; `from` is where the text begins in a longer one. */
export function piecesOf(text: string, from = 0): readonly Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const match of text.matchAll(holePattern)) {
    const [whole, name = '', comma] = match
    if (match.index > end) pieces.push(text.slice(end, match.index))
    pieces.push({ name, joined: comma === ',', offset: from + match.index, length: whole.length })
    end = match.index + whole.length
  }
  if (end < text.length) pieces.push(text.slice(end))
  return pieces
}

/** The holes among pieces. */
export const holesIn = (pieces: readonly Piece[]): readonly Hole[] => pieces.filter((piece) => typeof piece !== 'string')

/** Takes `GET /path/{hole}?name={hole}` apart; its text is percent-encoded where an address needs that. */
export function parseRequest(request: string): { readonly template: RequestTemplate; readonly faults: readonly TemplateFault[] } {
  const [, word = '', space = '', target = ''] = /^(\S*)(\s*)(.*)$/s.exec(request) ?? []
  const start = word.length + space.length
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const template = { method: word.toUpperCase(), segments: segmentsOf(path, start), query: mark < 0 ? [] : pairsOf(target.slice(mark + 1), start + mark + 1) }
  return { template, faults: [...methodFaults(word), ...targetFaults(target, start), ...pathFaults(path, start), ...queryFaults(template.query, request)] }
}

function segmentsOf(path: string, start: number): readonly (readonly Piece[])[] {
  let at = start + 1
  return path
    .split('/')
    .slice(1)
    .map((segment) => {
      const pieces = encoded(piecesOf(segment, at))
      at += segment.length + 1
      return pieces
    })
}

function pairsOf(query: string, start: number): readonly Pair[] {
  if (query === '') return []
  let at = start
  return query.split('&').map((pair) => {
    const equals = pair.indexOf('=')
    const name = encodedText(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? undefined : encoded(piecesOf(pair.slice(equals + 1), at + equals + 1))
    at += pair.length + 1
    return { name, value }
  })
}

const encoded = (pieces: readonly Piece[]): readonly Piece[] => pieces.map((piece) => (typeof piece === 'string' ? encodedText(piece) : piece))

// What RFC 3986 lets stand in a path or a query stays, and so does what is encoded already.
const encodedText = (text: string): string =>
  text.toWellFormed().replaceAll(/%(?![0-9A-Fa-f]{2})|[^\w\-.~!$&'()*+,;=:@/?%]+/g, (odd) => encodeURIComponent(odd))

function methodFaults(word: string): readonly TemplateFault[] {
  if (methods.includes(word)) return []
  const hint = methods.includes(word.toUpperCase()) ? `write ${word.toUpperCase()}` : `a request is a method and a path: GET /quote?symbol={symbol}`
  return [{ message: `"${word}" is not a method; there are ${methods.join(', ')}`, hint, offset: 0, length: word.length }]
}

function targetFaults(target: string, start: number): readonly TemplateFault[] {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(target)?.[0] ?? (target.startsWith('//') ? target : undefined)
  if (scheme !== undefined)
    return [{ message: 'a request begins with a path', hint: 'the address stands in config as base', offset: start, length: scheme.length }]
  if (!target.startsWith('/'))
    return [{ message: 'there is no path', hint: 'a path begins with /, for example GET /quote', offset: start, length: target.length }]
  const fragment = target.indexOf('#')
  if (fragment >= 0) return [{ message: '# has no meaning to a service', hint: 'write %23 where it belongs to a value', offset: start + fragment, length: 1 }]
  const odd = /[\s\p{Cc}]/u.exec(target)
  return odd ? [{ message: 'a space or control character stands in the address', hint: 'write %20, or take it out', offset: start + odd.index, length: 1 }] : []
}

function pathFaults(path: string, start: number): readonly TemplateFault[] {
  const dots = /\/(\.|%2e){1,2}(?=\/|$)/i.exec(path)
  return dots ? [{ message: 'a path may not climb', hint: 'write the path it leads to', offset: start + dots.index + 1, length: dots[0].length - 1 }] : []
}

function queryFaults(query: readonly Pair[], request: string): readonly TemplateFault[] {
  const named = query.find(({ name }) => /%7B|%7D/.test(name))
  if (named === undefined) return []
  const offset = request.indexOf('?') + 1
  return [{ message: 'a hole stands in the name of a query pair', hint: 'a hole may stand in a value: name={input}', offset, length: request.length - offset }]
}
