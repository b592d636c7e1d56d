import type { Change, Entry, Report, Verdict } from './report.ts'
import { growth, type TokenChange } from './tokens.ts'

/** What stands before an entry. */
export const marks: Readonly<Record<Entry['state'], string>> = { added: '+', removed: '-', renamed: '>', changed: '~' }

// Control characters, those that turn the direction of writing, and those nobody sees could redraw a terminal or hide words from a review.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A text of somebody else with every character to be seen. */
export const visible = (text: string): string => text.replace(unseen, (letter) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`)

/** `input limit: maximum 1000 → 500`. */
export const sentence = ({ part, path, message }: Change): string => visible(`${part}${path === undefined ? '' : ` ${path}`}: ${message}`)

/** The name of an entry, with the one before. */
export const titleOf = ({ name, was }: Entry): string => visible(was === undefined ? name : `${was} → ${name}`)

/** 12345 as `12,345`. */
export const thousands = (value: number): string => String(value).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** Growth in percent: `+10.6 %`. */
export function percent(one: TokenChange): string {
  const { before } = one
  if (before === undefined || before === 0) return 'new'
  const value = (growth(one) / before) * 100
  return `${value > 0 ? '+' : ''}${value.toFixed(1)} %`
}

/** What became of a number of tokens: `4,210 → 4,655 (+445, +10.6 %)`. */
export function tokenText(one: TokenChange): string {
  const { before, after } = one
  if (before === undefined) return `${thousands(after ?? 0)} (new)`
  if (after === undefined) return `${thousands(before)} → none`
  if (before === after) return `${thousands(after)} (as before)`
  const more = growth(one)
  return `${thousands(before)} → ${thousands(after)} (${more > 0 ? '+' : '-'}${thousands(Math.abs(more))}, ${percent(one)})`
}

/** `2 added, 1 removed, 3 changed`; `none changed`. */
export function toolCounts({ entries }: Report): string {
  const many = (state: Entry['state']): number => entries.filter((entry) => entry.sort === 'tool' && entry.state === state).length
  const told = (['added', 'removed', 'renamed', 'changed'] as const).filter((state) => many(state) > 0).map((state) => `${many(state)} ${state}`)
  return told.length === 0 ? 'none changed' : told.join(', ')
}

/** `3 breaking, 1 looser`; `no change`. */
export function verdictCounts({ counts }: Report): string {
  const told = (Object.entries(counts) as [Verdict, number][]).filter(([, many]) => many > 0).map(([verdict, many]) => `${many} ${verdict}`)
  return told.length === 0 ? 'no change' : told.join(', ')
}

/** How many of the biggest movers are shown. */
export const mostMovers = 10

/** What a reader of token figures must know. */
export const tokenNote = (encoding: string): string =>
  `Tokens are those of ${encoding} over the name, description and input schema of each tool; other models count a little more or less.`
