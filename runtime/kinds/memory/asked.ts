import type { Args, Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Json } from '../../contract/json.ts'
import type { Settings } from './config.ts'
import { spaceOf, type Space } from './names.ts'
import type { MemoryStore } from './store.ts'
import { fillText, fillValue } from './template.ts'

/** What acts work with. */
export interface Memory {
  readonly store: MemoryStore
  readonly settings: Settings
}

/** What one call asks for: what the manifest fixed, with its holes filled, and the caller's arguments for the rest. */
export class Asked {
  readonly #fixed: Readonly<Record<string, Json>>
  readonly #args: Args

  constructor(fixed: Readonly<Record<string, Json>>, args: Args) {
    this.#fixed = fixed
    this.#args = args
  }

  /** A text, or undefined when it was left out. */
  optional(name: string): string | undefined {
    const fixed = this.#fixed[name]
    if (typeof fixed === 'string') return fillText(fixed, this.#args)
    const value = this.#args[name]
    if (value === undefined || value === null) return undefined
    if (typeof value === 'string') return value
    throw new HubError('HUB_ARGS_INVALID', `"${name}" must be a text`)
  }

  /** A text that must be there. */
  text(name: string): string {
    const value = this.optional(name)
    if (value === undefined) throw new HubError('HUB_ARGS_INVALID', `"${name}" is missing`)
    return value
  }

  /** Any JSON that must be there. */
  value(name: string): Json {
    const value = name in this.#fixed ? fillValue(this.#fixed[name] as Json, this.#args) : this.#args[name]
    if (value === undefined) throw new HubError('HUB_ARGS_INVALID', `"${name}" is missing`)
    return value
  }

  /** A version, or undefined when it was left out. */
  version(): number | undefined {
    const value = this.#args['ifVersion']
    if (value === undefined || value === null) return undefined
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    throw new HubError('HUB_ARGS_INVALID', '"ifVersion" must be a version as get_state answers it, or 0')
  }

  /** A number of rows: as asked for, at most as many as the tool answers. */
  limit(most: number, standard: number): number {
    const value = this.#args['limit']
    return Math.max(1, Math.min(typeof value === 'number' ? Math.floor(value) : standard, most))
  }

  flag(name: string): boolean {
    return this.#args[name] === true
  }

  /** The namespace asked for, and whose it is. */
  place(run: Run, { shared }: Settings): { readonly namespace: string; readonly space: Space } {
    const namespace = this.optional('namespace') ?? 'own'
    return { namespace, space: spaceOf(namespace, run.principal, shared) }
  }
}

/** What is kept where nothing was said, on acts that write: a note for the model, where the store has one. */
export const notesOf = ({ store }: Memory): { readonly notes?: readonly string[] } => (store.note === undefined ? {} : { notes: [store.note] })

/** As many rows from the beginning as fit, one at least. */
export function fitting<Row extends Json>(rows: readonly Row[], mostBytes: number): readonly Row[] {
  // Room for what stands beside the rows.
  let room = mostBytes - 1_024
  for (const [index, row] of rows.entries()) {
    room -= Buffer.byteLength(JSON.stringify(row)) + 1
    if (room < 0) return rows.slice(0, Math.max(1, index))
  }
  return rows
}
