import { createHash } from 'node:crypto'
import { HubError } from '../../contract/errors.ts'
import type { Migration } from '../../contract/kind.ts'
import { sqlParser } from '../../guards/sql-parser.ts'

/** A migration with what its own first lines say of it. */
export interface ReadMigration extends Migration {
  readonly needsTimescale: boolean
  /** True where it cannot run in one transaction. */
  readonly isStepwise: boolean
  readonly digest: string
}

const directive = /^-- hub: (.+)$/gm
const words = ['needs timescaledb', 'one statement at a time']

/** Reads `-- hub: needs timescaledb` and `-- hub: one statement at a time` from a migration. */
export function readMigration(migration: Migration): ReadMigration {
  const { name, sql } = migration
  const said = [...sql.matchAll(directive)].map(([, word = '']) => word.trim())
  const unknown = said.find((word) => !words.includes(word))
  if (unknown !== undefined)
    throw new HubError('HUB_CONFIG_VALUE', `${name} says "-- hub: ${unknown}"; it may say ${words.map((word) => `"${word}"`).join(' or ')}`)
  return {
    ...migration,
    needsTimescale: said.includes('needs timescaledb'),
    isStepwise: said.includes('one statement at a time'),
    digest: createHash('sha256').update(sql).digest('hex').slice(0, 32),
  }
}

/** The statements of a migration, one by one. */
export async function stepsOf({ name, sql }: Migration): Promise<readonly string[]> {
  const parsed = (await sqlParser()).parse(sql)
  if ('fault' in parsed) throw new HubError('HUB_CONFIG_SQL', `${name} cannot be read: ${parsed.fault.message}`)
  const { stmts = [] } = parsed.tree as { stmts?: readonly { readonly stmt_location?: number; readonly stmt_len?: number }[] }
  const bytes = Buffer.from(sql)
  return stmts.map(({ stmt_location: start = 0, stmt_len: length }) =>
    bytes
      .subarray(start, length === undefined ? undefined : start + length)
      .toString()
      .trim(),
  )
}
