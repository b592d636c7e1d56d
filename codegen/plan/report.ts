import type { TokenReport } from './tokens.ts'

/**
 * What a change means. breaking: a call, or a reader of answers, that worked may not; compatible: all that worked does; wording: models read something else; looser, tighter: more or less is
 * allowed than before; neutral: neither.
 */
export type Verdict = 'breaking' | 'compatible' | 'wording' | 'looser' | 'tighter' | 'neutral'

/** The verdicts, the one that matters most first. */
export const verdicts: readonly Verdict[] = ['breaking', 'looser', 'tighter', 'wording', 'compatible', 'neutral']

/** One difference. */
export interface Change {
  readonly verdict: Verdict
  /** What of the thing changed: `input`, `output`, `name`, `description`, `policy`, `config`, … */
  readonly part: string
  /** Where in it: `filter.limit`, `timeout`. */
  readonly path?: string
  readonly message: string
  /** It could not be told and counts as breaking. */
  readonly isUntold?: true
}

/** The sorts of things compared, in the order of the report. */
export const sorts = ['tool', 'prompt', 'resource', 'toolset', 'connector', 'hub'] as const
/** One of them. */
export type Sort = (typeof sorts)[number]

/** One thing that is not as it was. */
export interface Entry {
  readonly sort: Sort
  readonly name: string
  /** The name before. */
  readonly was?: string
  readonly state: 'added' | 'removed' | 'renamed' | 'changed'
  readonly changes: readonly Change[]
}

/** What a change of manifests does to what models see. */
export interface Report {
  readonly before: string
  readonly after: string
  /** Tools in all, on each side. */
  readonly tools: { readonly before: number; readonly after: number }
  readonly counts: Readonly<Record<Verdict, number>>
  /** By sort, those with breaking changes first, then by name. */
  readonly entries: readonly Entry[]
  readonly tokens: TokenReport
  readonly notes: readonly string[]
}

/** A change without a path. */
export const change = (verdict: Verdict, part: string, message: string): Change => ({ verdict, part, message })

/** True when one of an entry's changes has this verdict. */
export const has = ({ changes }: Entry, verdict: Verdict): boolean => changes.some((one) => one.verdict === verdict)
