/** A data type as ClickHouse writes it: `Array(Nullable(Decimal(38, 18)))`. */
export interface DataType {
  readonly name: string
  /** Types it is made of. */
  readonly parts: readonly DataType[]
  /** What else stands in its brackets, as written without quotes: precision, time zone, values of an enum. */
  readonly words: readonly string[]
  /** The names of a tuple's elements, where it has them. */
  readonly fields?: readonly string[]
}

const composite = new Set(['Array', 'Nullable', 'LowCardinality', 'Map', 'Tuple', 'Nested', 'Variant', 'SimpleAggregateFunction', 'AggregateFunction'])
const deepest = 30

/** Reads the name of a type. Undefined: it is not one. Names are not looked up: the server knows which types there are. */
export function parseType(text: string, depth = 0): DataType | undefined {
  const [, name, inner] = /^\s*([A-Za-z_]\w*)\s*(?:\(([\s\S]*)\))?\s*$/.exec(text) ?? []
  if (name === undefined || depth > deepest) return undefined
  if (inner === undefined) return { name, parts: [], words: [] }
  const pieces = piecesOf(inner)
  if (pieces === undefined) return undefined
  if (!composite.has(name)) return { name, parts: [], words: pieces.map(unquoted) }
  if (name === 'SimpleAggregateFunction' || name === 'AggregateFunction') return aggregate(name, pieces, depth)
  const named = name === 'Tuple' || name === 'Nested' ? pieces.map((piece) => /^\s*(`(?:[^`\\]|\\.)*`|[A-Za-z_]\w*)\s+([A-Za-z_][\s\S]*)$/.exec(piece)) : []
  const hasNames = named.length > 0 && named.every((match) => match !== null)
  const parts = pieces.map((piece, index) => parseType(hasNames ? String(named[index]?.[2]) : piece, depth + 1))
  if (!parts.every((part) => part !== undefined)) return undefined
  return { name, parts, words: [], ...(hasNames && { fields: named.map((match) => unquoted(String(match?.[1]))) }) }
}

function aggregate(name: string, [word = '', ...pieces]: readonly string[], depth: number): DataType | undefined {
  const parts = pieces.map((piece) => parseType(piece, depth + 1))
  return parts.every((part) => part !== undefined) ? { name, parts, words: [word.trim()] } : undefined
}

/** The parts between the commas that no bracket or quote holds. */
function piecesOf(text: string): readonly string[] | undefined {
  const pieces: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === "'" || character === '`') at = quoteEnd(text, at)
    else if (character === '(') depth += 1
    else if (character === ')') depth -= 1
    else if (character === ',' && depth === 0) {
      pieces.push(text.slice(from, at))
      from = at + 1
    }
    if (depth < 0 || at < 0) return undefined
  }
  if (depth !== 0) return undefined
  return [...pieces, text.slice(from)]
}

function quoteEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === text[from]) return at
  }
  return -2
}

const unquoted = (piece: string): string => {
  const text = piece.trim()
  return /^['`]/.test(text)
    ? text.replace(/^(['`])((?:\\[\s\S]|(?!\1)[^\\])*)\1([\s\S]*)$/, (_all, _quote, inner: string, rest: string) => inner.replace(/\\([\s\S])/g, '$1') + rest)
    : text
}

/** The type a value has, without what only says how it is stored. */
export function valueType(type: DataType): DataType {
  const [inner] = type.parts
  const isWrapping = type.name === 'Nullable' || type.name === 'LowCardinality' || type.name === 'SimpleAggregateFunction'
  return isWrapping && inner !== undefined ? valueType(inner) : type
}

/** True when NULL is a value of the type. */
export function isNullable(type: DataType): boolean {
  if (type.name === 'Nullable' || type.name === 'Dynamic' || type.name === 'Variant') return true
  const [inner] = type.parts
  return type.name === 'LowCardinality' && inner !== undefined && isNullable(inner)
}
