import { isObject, type Json } from '../contract/json.ts'
import type { Remark } from './problems.ts'
import { substitute } from './scalars.ts'
import type { Path } from './source.ts'

/** A file's values with the environment put in, and what was met on the way. */
export interface Environed {
  readonly value: Json
  /** Values that name variables without value or default. */
  readonly missing: readonly { readonly path: Path; readonly names: readonly string[] }[]
  readonly malformed: readonly { readonly path: Path; readonly text: string }[]
  /** By `pointerOf(path)`: the text of every value that came, in whole or part, from the environment. */
  readonly substituted: ReadonlyMap<string, string>
}

/** A path as a JSON pointer, which is how the schema checker names places. */
export const pointerOf = (path: Path): string => path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Puts the environment into every text of a value, except where `leave` says that what lies there is not to be touched. */
export function putEnvironment(value: Json, env: Readonly<Record<string, string | undefined>>, leave: (path: Path) => boolean): Environed {
  const missing: { path: Path; names: readonly string[] }[] = []
  const malformed: { path: Path; text: string }[] = []
  const substituted = new Map<string, string>()

  const walk = (inner: Json, path: Path): Json => {
    if (typeof inner === 'string') return inner.includes('${') ? text(inner, path) : inner
    if (Array.isArray(inner)) return inner.map((item: Json, index) => walk(item, [...path, index]))
    if (!isObject(inner) || leave(path)) return inner
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => (leave([...path, key]) ? [key, item] : [key, walk(item, [...path, key])])))
  }

  const text = (scalar: string, path: Path): Json => {
    const result = substitute(scalar, env)
    if (result.missing.length > 0) missing.push({ path, names: result.missing })
    for (const bad of result.malformed) malformed.push({ path, text: bad })
    if (result.text !== scalar) substituted.set(pointerOf(path), result.text)
    return result.value
  }

  return { value: walk(value, []), missing, malformed, substituted }
}

/** What to say of every `${…}` that cannot be put in. Of a default, which may hold a password, nothing is told. */
export const malformedRemarks = ({ malformed }: Environed): readonly Remark[] => malformed.map(({ path, text }) => ({ ...malformation(text), path }))

function malformation(text: string): Omit<Remark, 'path'> {
  const code = 'HUB_CONFIG_ENVIRONMENT'
  const [head] = /^\$\{\w*/.exec(text) ?? []
  const hint = 'write ${NAME} or ${NAME:-default}; $${ stands for a plain ${'
  if (!text.endsWith('}')) return { code, message: `${head}… has no }`, hint }
  if (!text.startsWith(`${head}:-`)) return { code, message: `${text} names no variable`, hint }
  return { code, message: `the default of ${head}} holds a brace, and ends at the first }`, hint: 'a default holds no ${ and no {: set the variable instead' }
}

const asWritten = new Set<Path[number] | undefined>(['input', 'output', 'tests'])

/** True where a manifest's schemas and tests lie: `tools.<name>.input` and the like keep every `${…}` as it is written, so that they are the same on every machine. */
export const isKeptPlace = (path: Path): boolean => path.length === 3 && (path[0] === 'tools' || path[0] === 'resources') && asWritten.has(path[2])

/** The value at a path of plain data. */
export function valueAt(value: Json | undefined, path: Path): Json | undefined {
  let found = value
  for (const step of path) {
    if (Array.isArray(found)) found = found[Number(step)] as Json | undefined
    else if (isObject(found) && Object.hasOwn(found, step)) found = found[step]
    else return undefined
  }
  return found
}

/** Plain data with another value at a path; the same data where the path leads nowhere. `undefined` removes what lies there. */
export function withValueAt(value: Json, path: Path, next: unknown): Json {
  const [step, ...rest] = path
  if (step === undefined) return next as Json
  if (Array.isArray(value)) {
    const items = value.map((item: Json, index) => (index === Number(step) ? withValueAt(item, rest, next) : item))
    return items.filter((item) => item !== undefined)
  }
  if (!isObject(value) || !Object.hasOwn(value, step)) return value
  const entries = Object.entries(value).map(([key, item]) => [key, key === String(step) ? withValueAt(item, rest, next) : item] as const)
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined))
}
