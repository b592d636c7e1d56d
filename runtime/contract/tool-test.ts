import type { ErrorCode } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import type { Place } from './place.ts'

/** The JSON types a test may ask a value to have. */
export const valueTypes = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'] as const
/** One of the JSON types; numbers kept as digits are numbers. */
export type ValueType = (typeof valueTypes)[number]

/** What one value of an answer must be. At least one is there; all that are there must hold. */
export interface ValueRule {
  readonly equals?: Json
  /** A regular expression that is found in a text. */
  readonly matches?: string
  /** A number, or digits as text, that lies no further than `tolerance` from `value`. */
  readonly approx?: { readonly value: number; readonly tolerance: number }
  /** A part of a text, an element of a list, or members of a map. */
  readonly contains?: Json
  readonly type?: ValueType
}

/** One thing that must be true of an answer. */
export type Expectation = { readonly place: Place } & (
  | { readonly type: 'rows'; readonly min: number; readonly max: number }
  | { readonly type: 'schema' }
  /** `at` is the place as written, `path` its keys from the answer's root. */
  | { readonly type: 'value'; readonly at: string; readonly path: readonly string[]; readonly rule: ValueRule }
  | { readonly type: 'text'; readonly contains: string }
  | { readonly type: 'golden' }
)

/** The error a test expects instead of an answer: a code of the hub's, or `tool` for an answer that the tool itself marks as an error. */
export interface ExpectedError {
  readonly code: ErrorCode | 'tool'
  /** A part of its words. */
  readonly message?: string
  readonly place: Place
}

/** One call a manifest writes down to show that a tool works, and what must come of it. */
export interface ToolTest {
  /** Unique among the tests of its tool. */
  readonly name: string
  readonly args: JsonObject
  /** Absent: the tool answers. */
  readonly error?: ExpectedError
  readonly expect: readonly Expectation[]
  readonly budgetMs?: number
  readonly place: Place
}
