import type { Migrated } from '../../contract/kind.ts'
import { bad, doubtful, good, quiet, strong } from '../style.ts'

/** What came of one connector: one of the three. */
export interface Told {
  readonly connector: string
  readonly migrated?: Migrated
  /** Why it was not opened, and what it lacks. */
  readonly off?: string
  readonly needs?: readonly string[]
  readonly error?: string
}

/** For people: each database with what was applied, what was there, and what it lacks. */
export function report(told: readonly Told[], isDryRun: boolean): string {
  if (told.length === 0)
    return 'no connector of this hub has tables of the hub’s own; config: { migrations: true } in a manifest of kind timescale makes it one'
  return told.flatMap((one) => lines(one, isDryRun)).join('\n')
}

function lines({ connector, migrated, off, needs = [], error }: Told, isDryRun: boolean): readonly string[] {
  const name = strong(connector)
  if (error !== undefined) return [`${name}  ${bad(error)}`]
  if (off !== undefined) return [`${name}  ${quiet(`off: ${off}${needs.length === 0 ? '' : `; set ${needs.join(', ')}`}`)}`]
  const { applied = [], known = [], notes = [] } = migrated ?? {}
  const done = isDryRun ? 'would be applied' : 'applied'
  return [
    `${name}  ${applied.length === 0 ? 'nothing new' : `${applied.length} ${done}`}${known.length === 0 ? '' : quiet(`, ${known.length} known`)}`,
    ...applied.map((one) => `  ${good(isDryRun ? '…' : '✓')} ${one}`),
    ...notes.map((note) => `  ${doubtful('!')} ${note}`),
  ]
}

/** For scripts. */
export const asJson = (told: readonly Told[], isDryRun: boolean): object => ({
  dryRun: isDryRun,
  connectors: told.map(({ connector, migrated, off, needs, error }) => ({
    connector,
    ...migrated,
    ...(off !== undefined && { off, needs }),
    ...(error !== undefined && { error }),
  })),
})
