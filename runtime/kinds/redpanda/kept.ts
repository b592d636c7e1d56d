import type { MessageRow } from './message.ts'

interface Entry {
  readonly row: MessageRow
  /** The latest timestamp of its partition up to here: never less than that of a message before it. */
  readonly at: number
  readonly bytes: number
}

/** Messages of several partitions in the order of time, the first or the last of them, up to a number and a size. */
export class Kept {
  readonly #from: 'first' | 'last'
  readonly #rows: number
  readonly #bytes: number
  readonly #entries: Entry[] = []
  #sum = 0
  /** Which cap was met. */
  cut: 'rows' | 'bytes' | undefined
  /** By partition: the first offset that found no room. */
  readonly dropped = new Map<number, number>()

  constructor(from: 'first' | 'last', rows: number, bytes: number) {
    this.#from = from
    this.#rows = rows
    this.#bytes = bytes
  }

  add(row: MessageRow, at: number, bytes: number): void {
    this.#entries.push({ row, at, bytes })
    this.#sum += bytes
    if (this.#entries.length > this.#rows * 2 || this.#sum > this.#bytes * 2) this.#trim()
  }

  /** The time beyond which nothing more finds room; undefined while there is some. */
  get full(): number | undefined {
    if (this.#entries.length < this.#rows && this.#sum < this.#bytes) return undefined
    this.#trim()
    return this.cut === undefined && this.#entries.length < this.#rows ? undefined : this.#entries.at(-1)?.at
  }

  /** What was kept, oldest first. */
  rows(): readonly MessageRow[] {
    this.#trim()
    return this.#entries.map(({ row }) => row)
  }

  #trim(): void {
    this.#entries.sort((left, right) => left.at - right.at || left.row.partition - right.row.partition || left.row.offset - right.row.offset)
    if (this.#from === 'last') this.#entries.reverse()
    let [count, sum] = [0, 0]
    for (const { bytes } of this.#entries) {
      if (count === this.#rows) this.cut ??= 'rows'
      else if (sum + bytes > this.#bytes) this.cut = 'bytes'
      else {
        count += 1
        sum += bytes
        continue
      }
      break
    }
    for (const { row } of this.#entries.slice(count)) this.dropped.set(row.partition, Math.min(row.offset, this.dropped.get(row.partition) ?? Infinity))
    this.#entries.length = count
    this.#sum = sum
    if (this.#from === 'last') this.#entries.reverse()
  }
}
