import type { Candles, Database } from '../database.ts'
import type { Target } from '../drive/target.ts'
import type { Command, Running } from '../servers/process.ts'

/** The parts of the bench that can be run alone. */
export const groupNames = ['query', 'federation', 'list', 'cache'] as const
export type GroupName = (typeof groupNames)[number]
/** The same, and the parts that measure something else than servers: kinds against their drivers, and commands. */
export const partNames = [...groupNames, 'kinds', 'codegen'] as const
export type PartName = (typeof partNames)[number]

/** One line of a table: a server under the same work as the others of its group. */
export interface Row {
  readonly name: string
  /** The row its rates are told as ratios of. */
  readonly against: string
  /** At these only; absent: at all of the group's. */
  readonly concurrencies?: readonly number[]
  /** The servers behind the row, in the order they start; lanes take them in turn. None: the database is asked without a server. */
  servers(started: Started): Promise<readonly Command[]>
  /** For rows without servers. */
  readonly target?: Target
}

/** Rows of the same group that run already, by name: the limit cans the answer of one of them. */
export type Started = ReadonlyMap<string, readonly Running[]>

/** Rows measured in turn under the same work, so that they can be compared. */
export interface Group {
  readonly name: GroupName
  readonly title: string
  readonly concurrencies: readonly number[]
  readonly rows: readonly Row[]
}

/** What groups are made from. */
export interface Ground {
  readonly database: Database
  readonly candles: readonly Candles[]
}
