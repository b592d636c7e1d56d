import { durationMs } from '../contract/duration.ts'
import type { RatePolicy } from '../contract/tool.ts'

/** What a size and a rate look like, as regular expressions for schemas. */
export const sizePattern = '^\\d+(\\.\\d+)?(b|kb|mb|gb)$'
/** See `sizePattern`. */
export const ratePattern = '^\\d+/(s|sec|m|min|h|hour|d|day)$'

const bytes: Readonly<Record<string, number>> = { b: 1, kb: 1_024, mb: 1_048_576, gb: 1_073_741_824 }
const periods: Readonly<Record<string, number>> = {
  s: 1_000,
  sec: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
}

/** Milliseconds of `250ms`, `5s`, `30m`, `1h` or `7d`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const ms = durationMs(text)
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** Bytes of `100b`, `256kb`, `1mb` or `1gb` (a kilobyte is 1024 bytes); undefined for anything else. */
export const parseSize = (text: string): number | undefined => measure(text, /^(\d+(?:\.\d+)?)(b|kb|mb|gb)$/, bytes)

function measure(text: string, shape: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, unit] = shape.exec(text) ?? []
  if (amount === undefined || unit === undefined) return undefined
  const value = Math.round(Number(amount) * (units[unit] as number))
  return Number.isSafeInteger(value) ? value : undefined
}

/** `60/min`, `10/s`, `1000/h` or `5/d`; undefined for anything else, and for no calls at all. */
export function parseRate(text: string): RatePolicy | undefined {
  const [, calls, period] = /^(\d+)\/([a-z]+)$/.exec(text) ?? []
  const perMs = period === undefined || !Object.hasOwn(periods, period) ? undefined : periods[period]
  const count = Number(calls)
  if (perMs === undefined || !Number.isSafeInteger(count) || count === 0) return undefined
  return { calls: count, perMs }
}

/** A scalar after the environment was put in. */
export interface Substituted {
  /** A string, or what YAML would make of it where the scalar was wholly one `${…}`. */
  readonly value: string | number | boolean | null
  /** The same before YAML's types. */
  readonly text: string
  /** Variables without value or default, in order. */
  readonly missing: readonly string[]
  /** `${…}` that name no variable, have no end, or hold another in their default. */
  readonly malformed: readonly string[]
}

const hole = /\$\$\{|\$\{\{[\s\S]*?\}\}|\$\{([^}]*)(?:\}|$)/g
const variable = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/

/** Puts the environment into `${NAME}` and `${NAME:-default}`; `$${` stands for a plain `${`, and `${{ … }}` is left alone. An empty variable counts as unset where there is a default. */
export function substitute(text: string, env: Readonly<Record<string, string | undefined>>): Substituted {
  if (!text.includes('${')) return { value: text, text, missing: [], malformed: [] }
  const missing: string[] = []
  const malformed: string[] = []
  const replaced = text.replace(hole, (whole, inner: string | undefined) => {
    if (inner === undefined) return whole.startsWith('$$') ? '${' : whole
    const [, name, fallback] = variable.exec(inner) ?? []
    // A brace in a default: the first } ended it, and what was meant goes on behind.
    if (name === undefined || fallback?.includes('{') || !whole.endsWith('}')) {
      malformed.push(whole)
      return whole
    }
    const given = env[name]
    if (given !== undefined && (given !== '' || fallback === undefined)) return given
    if (fallback === undefined) missing.push(name)
    return fallback ?? ''
  })
  const isWhole = /^\$\{(?!\{)[^}]*\}$/.test(text) && missing.length + malformed.length === 0
  return { value: isWhole ? retype(replaced) : replaced, text: replaced, missing, malformed }
}

/** What YAML 1.2 core makes of a plain scalar; the empty text stays a string. */
function retype(text: string): string | number | boolean | null {
  if (/^(?:true|True|TRUE)$/.test(text)) return true
  if (/^(?:false|False|FALSE)$/.test(text)) return false
  if (/^(?:null|Null|NULL|~)$/.test(text)) return null
  if (!/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return text
  const number = Number(text)
  // A long digit string (an account number, a token) would not survive as a double.
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : text
}
