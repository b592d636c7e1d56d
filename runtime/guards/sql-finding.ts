import type { Finding } from '../contract/place.ts'

/** A fact about a statement, at its place in the text as written. */
export type StatementFinding = Omit<Finding, 'path' | 'within'> & { readonly within: NonNullable<Finding['within']> }
