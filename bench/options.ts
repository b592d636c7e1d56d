import { parseArgs } from 'node:util'
import { partNames, type PartName } from './groups/group.ts'
import { kindNames } from './groups/kinds.ts'
import type { Pace } from './kinds/slices.ts'
import type { Effort } from './measure/run.ts'

/** What the command line asks for. */
export interface Options {
  readonly parts: readonly PartName[]
  readonly effort: Effort
  /** Which kinds are measured, and how. */
  readonly kinds: readonly string[]
  readonly pace: Pace
  readonly quick: boolean
  readonly json?: string
  readonly write: boolean
  readonly strict: boolean
}

/** Printed by --help. */
export const usage = `npm run bench -- [options]

  --only <parts>       any of ${partNames.join(',')}; all of them unless given
  --kinds <kinds>      of the part kinds only these: ${kindNames.join(',')}
  --quick              one short repetition: shows that everything runs and answers, not how fast
  --repetitions <n>    how often each server is measured at each concurrency (3)
  --json <file>        write every sample to a file
  --write              put the tables into bench/README.md; of a full run only
  --strict             exit 1 when a goal is missed or was not measured`

const full: Effort = { starts: 3, settleMs: 2500, repetitions: 3, measureMs: 3000 }
const quick: Effort = { starts: 1, settleMs: 500, repetitions: 1, measureMs: 700 }

const fullPace: Pace = { rounds: 30, sliceMs: 200, settleMs: 2_000 }
const quickPace: Pace = { rounds: 3, sliceMs: 100, settleMs: 200 }

/** Reads the command line; undefined when help is asked for. Throws with a sentence for what it does not understand. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      kinds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      repetitions: { type: 'string' },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const parts = values.only === undefined ? partNames : values.only.split(',').map(partOf)
  const kinds = values.kinds === undefined ? kindNames : values.kinds.split(',').map(kindOf)
  if (values.write && (values.quick || parts.length < partNames.length || kinds.length < kindNames.length))
    throw new Error('--write takes the figures of a full run: leave out --quick, --only and --kinds')
  const effort = values.quick ? quick : full
  return {
    parts,
    effort: values.repetitions === undefined ? effort : { ...effort, repetitions: countOf(values.repetitions) },
    kinds,
    pace: values.quick ? quickPace : fullPace,
    quick: values.quick,
    json: values.json,
    write: values.write,
    strict: values.strict,
  }
}

function partOf(text: string): PartName {
  const found = partNames.find((name) => name === text.trim())
  if (found) return found
  throw new Error(`--only ${text}: there are ${partNames.join(', ')}`)
}

function kindOf(text: string): string {
  const found = kindNames.find((name) => name === text.trim())
  if (found) return found
  throw new Error(`--kinds ${text}: there are ${kindNames.join(', ')}`)
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count > 0) return count
  throw new Error(`--repetitions ${text}: a whole number above 0 is wanted`)
}
