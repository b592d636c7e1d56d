import type { Json } from '../../contract/json.ts'
import { rowOf, shapeOf, type Row, type Shape } from './shape.ts'

/** How much of a result is kept. */
export interface Caps {
  readonly rows: number
  readonly bytes: number
}

const newline = 0x0a
const bracket = 0x5b
const longestFault = 16_384

/**
 * The rows of one result as they arrive, up to its caps: JSONCompactEachRowWithNamesAndTypes, one JSON array a line, names first and types second.
 * What is no array is the exception of a server that failed after it began to answer.
 */
export class Rows {
  readonly rows: Row[] = []
  /** Which cap was met. */
  cut: 'rows' | 'bytes' | undefined
  /** Received, those of rows that were not kept included. */
  bytes = 0
  /** A row that could not be read. */
  unreadable: Error | undefined
  readonly #caps: Caps
  readonly #said: Buffer[] = []
  #saidBytes = 0
  #rest: Buffer[] = []
  #restBytes = 0
  #kept = 0
  #names: readonly string[] | undefined
  #shape: Shape | undefined

  constructor(caps: Caps) {
    this.#caps = caps
  }

  /** The beginning of what the server said in place of rows. */
  get fault(): string {
    return this.#said.length === 0 ? '' : Buffer.concat(this.#said).toString()
  }

  take(chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.#said.length > 0) return this.#takeFault(chunk)
    let from = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const line = chunk.subarray(from, end)
      this.#takeLine(this.#rest.length === 0 ? line : this.#joined(line))
      if (this.#said.length > 0) return this.#takeFault(chunk.subarray(end))
      from = end + 1
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from))
  }

  /** To be called when nothing more comes. */
  end(): void {
    if (this.#rest.length === 0) return
    const rest = this.#joined(Buffer.alloc(0))
    if (rest[0] !== bracket && this.#said.length === 0) this.#takeFault(rest)
    else if (this.cut === undefined) this.unreadable ??= new Error('the last row is not whole')
  }

  #keep(part: Buffer): void {
    this.#restBytes += part.length
    // A row that alone is more than fits is not gathered any further.
    if (this.cut === undefined && this.#restBytes > this.#caps.bytes + longestFault) this.cut = 'bytes'
    if (this.cut === undefined || this.#rest.length === 0) this.#rest.push(part)
  }

  #joined(line: Buffer): Buffer {
    const whole = Buffer.concat([...this.#rest, line])
    this.#rest = []
    this.#restBytes = 0
    return whole
  }

  #takeLine(line: Buffer): void {
    if (line.length === 0 || line[0] === 0x0d) return
    if (line[0] !== bracket) this.#takeFault(line)
    else if (this.cut !== undefined || this.unreadable !== undefined) return
    else if (this.#names === undefined) this.#names = JSON.parse(line.toString()) as readonly string[]
    else if (this.#shape === undefined) this.#shape = shapeOf(this.#names, JSON.parse(line.toString()) as readonly string[])
    else if (this.rows.length === this.#caps.rows) this.cut = 'rows'
    else if (this.#kept + line.length > this.#caps.bytes) this.cut = 'bytes'
    else this.#takeRow(this.#shape, line)
  }

  #takeRow(shape: Shape, line: Buffer): void {
    this.#kept += line.length
    try {
      // No number loses a digit: the server writes those a double cannot hold as texts.
      this.rows.push(rowOf(shape, JSON.parse(line.toString()) as readonly Json[]))
    } catch (error) {
      this.unreadable = error as Error
    }
  }

  #takeFault(chunk: Buffer): void {
    if (this.#saidBytes >= longestFault) return
    const part = chunk.subarray(0, longestFault - this.#saidBytes)
    this.#said.push(part)
    this.#saidBytes += part.length
  }
}
