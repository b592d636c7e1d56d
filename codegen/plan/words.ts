import type { Json, JsonObject } from '../../runtime/contract/json.ts'
import { change, type Change } from './report.ts'
import { areEqual } from './schema/canonical.ts'
import { shown } from './schema/words.ts'

const shownLength = 100
const lead = 20

/** Two texts from a little before where they part, so that the difference is in sight. */
export function textChange(part: string, before: string | undefined, after: string | undefined): readonly Change[] {
  if (before === after) return []
  if (before === undefined || after === undefined)
    return [change('wording', part, `${before === undefined ? 'added' : 'removed'}: ${excerpt(before ?? after ?? '', 0)}`)]
  const from = Math.max(0, partingOf(before, after) - lead)
  return [change('wording', part, `${excerpt(before, from)} → ${excerpt(after, from)}`)]
}

/** How far two texts are the same. */
function partingOf(before: string, after: string): number {
  let index = 0
  while (index < before.length && before.charCodeAt(index) === after.charCodeAt(index)) index += 1
  return index
}

function excerpt(text: string, from: number): string {
  const start = from < lead ? 0 : from
  const cut = text.slice(start, start + shownLength)
  return JSON.stringify(`${start > 0 ? '…' : ''}${cut}${start + cut.length < text.length ? '…' : ''}`)
}

/** The texts of a definition that models or people read. */
export const definitionWords = (before: JsonObject, after: JsonObject, parts: readonly string[]): readonly Change[] =>
  parts.flatMap((part) => textChange(part, textIn(before[part]), textIn(after[part])))

const textIn = (value: Json | undefined): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** A part that clients get as it is: changed or not. */
export function plainChange(part: string, before: Json | undefined, after: Json | undefined, verdict: Change['verdict']): readonly Change[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined || after === undefined) return [change(verdict, part, before === undefined ? 'added' : 'removed')]
  if (areEqual(before, after)) return []
  const areShort = [before, after].every((value) => value === null || typeof value !== 'object')
  return [change(verdict, part, areShort ? `${shown(before)} → ${shown(after)}` : 'changed')]
}
