import type { ErrorCode } from './errors.ts'

/** Where in the manifests something was said. Lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A fact that makes a manifest unusable or doubtful, with its place and a way on. */
export interface Problem {
  readonly code: ErrorCode
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly place: Place
  /** The line it stands on, and how many characters of it are meant. */
  readonly excerpt?: { readonly text: string; readonly length: number }
  /** The way on: `did you mean "summary"?` */
  readonly hint?: string
}

/** A problem as a kind reports it: relative to the tool or config it was given; the compiler finds the place. */
export interface Finding {
  readonly code: ErrorCode
  readonly severity?: 'error' | 'warning'
  readonly message: string
  readonly hint?: string
  /** Keys from the draft's root to the value meant, for example ['operation', 'sql']. */
  readonly path: readonly (string | number)[]
  /** Where inside that string, in UTF-16 units, and how long. */
  readonly within?: { readonly offset: number; readonly length: number }
}
