import type { Json } from '../../../runtime/contract/json.ts'

/** One thing that keeps the values of one schema from all fitting another. */
export interface Reason {
  /** Where in the values: `filter.limit`, `rows[].open`; empty for the whole. */
  readonly path: string
  /** What it is about: a keyword of JSON Schema, or `refused` (a name or value that does not fit at all), `closed`, `undeclared`, `values`, `size`. */
  readonly about: string
  /** What the first schema says of it; absent: nothing. */
  readonly has?: Json
  /** What the second schema says of it. */
  readonly takes?: Json
  /** False: it could not be told whether all values fit. */
  readonly isTold: boolean
  /** The first schema does not name what this is about. */
  readonly isNew?: boolean
  /** The second schema says what is put in where it is left out. */
  readonly isFilled?: boolean
}

/** A path one property further. */
export const property = (path: string, name: string): string => {
  if (!/^[\w$-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

/** The same reasons, each once. */
export function once(reasons: readonly Reason[]): readonly Reason[] {
  const found = new Map<string, Reason>()
  for (const reason of reasons) {
    const key = `${reason.path} ${reason.about} ${JSON.stringify(reason.has)} ${JSON.stringify(reason.takes)}`
    if (!found.has(key)) found.set(key, reason)
  }
  return [...found.values()]
}
