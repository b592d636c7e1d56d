const headKept = 256
const tailKept = 128

/** Cuts a stream of text into lines, none longer than `limit` characters: a longer one is dropped, and its two ends are told. */
export class Lines {
  readonly #limit: number
  readonly #onLine: (line: string) => void
  readonly #onTooLong: (head: string, tail: string) => void
  #rest = ''
  #head = ''
  #skipping = false

  constructor(limit: number, onLine: (line: string) => void, onTooLong: (head: string, tail: string) => void) {
    this.#limit = limit
    this.#onLine = onLine
    this.#onTooLong = onTooLong
  }

  push(text: string): void {
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#line(text.slice(from, end))
      from = end + 1
    }
    this.#keep(from === 0 ? text : text.slice(from))
  }

  /** The last line may lack its newline. */
  end(): void {
    if (this.#rest !== '' || this.#skipping) this.#line('')
  }

  #line(last: string): void {
    const rest = this.#rest
    this.#rest = ''
    if (this.#skipping) {
      this.#skipping = false
      this.#onTooLong(this.#head, (rest + last).slice(-tailKept))
    } else if (rest.length + last.length > this.#limit) this.#onTooLong((rest + last).slice(0, headKept), (rest + last).slice(-tailKept))
    else if (rest.length + last.length > 0) this.#onLine(rest + last)
  }

  #keep(text: string): void {
    if (text === '') return
    this.#rest += text
    if (this.#skipping) this.#rest = this.#rest.slice(-tailKept)
    else if (this.#rest.length > this.#limit) {
      this.#skipping = true
      this.#head = this.#rest.slice(0, headKept)
      this.#rest = this.#rest.slice(-tailKept)
    }
  }
}
