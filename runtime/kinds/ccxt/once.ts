import { isObject, type Json, type JsonObject } from '../../contract/json.ts'

const idsAtMost = 5_000
const idsKept = 500

interface Mark {
  readonly at: number
  readonly id: string
}

/** The trades of one market, each passed on once, by their id. */
export class Once {
  /** Of the newest trade that was taken, in milliseconds. */
  at: number | undefined
  // Trades of one moment are many; a connection that is made again tells the last ones anew.
  #ids: Set<string>
  readonly #marks = new WeakMap<JsonObject, Mark>()
  #passedAt: number | undefined
  #passedIds: string[]

  constructor(position: Json | undefined) {
    this.#passedIds = isObject(position) && Array.isArray(position['ids']) ? position['ids'].map(String) : []
    this.#passedAt = isObject(position) && typeof position['at'] === 'string' ? Date.parse(position['at']) : undefined
    this.#ids = new Set(this.#passedIds)
    this.at = this.#passedAt
  }

  /** The rows of trades that are new, in the order they were made. */
  fresh(trades: readonly JsonObject[], row: (trade: JsonObject) => JsonObject): readonly JsonObject[] {
    const rows: JsonObject[] = []
    for (const trade of trades.toSorted((a, b) => Number(a['timestamp'] ?? 0) - Number(b['timestamp'] ?? 0))) {
      const mark = { at: Number(trade['timestamp'] ?? Date.now()), id: keyOf(trade) }
      if (this.#ids.has(mark.id)) continue
      this.at = Math.max(this.at ?? 0, mark.at)
      this.#ids.add(mark.id)
      const made = row(trade)
      this.#marks.set(made, mark)
      rows.push(made)
    }
    if (this.#ids.size > idsAtMost) this.#ids = new Set([...this.#ids].slice(-idsAtMost / 2))
    return rows
  }

  /** A row was handed on. */
  passed(row: JsonObject): void {
    const mark = this.#marks.get(row)
    if (!mark) return
    this.#passedAt = Math.max(this.#passedAt ?? 0, mark.at)
    this.#passedIds.push(mark.id)
    if (this.#passedIds.length > 2 * idsKept) this.#passedIds = this.#passedIds.slice(-idsKept)
  }

  /** Where to go on after the rows that were handed on: the moment of the newest, and the last ids. */
  get position(): JsonObject | undefined {
    return this.#passedAt === undefined ? undefined : { at: new Date(this.#passedAt).toISOString(), ids: this.#passedIds.slice(-idsKept) }
  }
}

// Some exchanges give their trades no id.
const keyOf = ({ id, timestamp, price, amount, side }: JsonObject): string =>
  typeof id === 'string' && id !== '' ? id : JSON.stringify([timestamp ?? null, price ?? null, amount ?? null, side ?? null])
