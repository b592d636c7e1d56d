import type { Json } from '../contract/json.ts'
import type { Judging } from './judge.ts'
import { isSame, firstDifference, show } from './value.ts'
import type { Kept } from './kept.ts'

/** Compares answers with those that are kept; with `update` what differs is kept from now on. */
export function goldenCheck(kept: Kept, update: boolean): Judging['checkGolden'] {
  return (trial, value) => {
    const wanted: Json | undefined = kept.entry(trial)?.['answer']
    if (wanted !== undefined && isSame(wanted, value)) return undefined
    if (update) {
      kept.set(trial, { answer: value })
      return undefined
    }
    if (wanted === undefined) return { expected: 'a golden answer to compare with', actual: 'none is kept yet; hub test --update keeps this one' }
    const difference = firstDifference(wanted, value)
    const at = difference === undefined || difference.at === '' ? '' : ` at ${difference.at}`
    return { expected: `${show(difference?.wanted)}${at}`, actual: `${show(difference?.value)}; hub test --update keeps what is answered now` }
  }
}
