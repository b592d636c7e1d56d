import type { Problem } from '../runtime/contract/place.ts'
import { filesOf, recordPath } from './digest.ts'
import { driftProblem, findDrift } from './drift.ts'
import { emit, remove } from './emit.ts'
import type { Made } from './generate.ts'

/** What writing came to. */
export interface Written {
  readonly written: readonly string[]
  /** Files generated before that nothing gives any more. */
  readonly removed: readonly string[]
  /** All generated files there are now. */
  readonly files: number
}

/** Brings a folder up to date: writes what differs, removes what is left over, and touches nothing else. */
export function writeMade(out: string, { outputs, former, record }: Made): Written {
  const written = emit(out, outputs)
  const present = filesOf(record)
  const removed = remove(
    out,
    former.filter((path) => !present.has(path)),
  )
  return { written, removed, files: present.size + 1 }
}

/** Every file that is not as it would be generated, as a problem; made of a fresh generation. `folder` is how people name `out`. The record alone is told of only when all files it tells of are as they should be. */
export function checkMade(out: string, folder: string, { outputs, former, origin }: Made): readonly Problem[] {
  const drifts = findDrift(out, outputs, former)
  const files = drifts.filter(({ path }) => path !== recordPath)
  return (files.length > 0 ? files : drifts).map((drift) => driftProblem(drift, `${folder}/${drift.path}`, origin(drift.path)))
}
