/** Counts calls between the first stage and the last, so that stores are not closed under what calls write of themselves. */
export class UnderWay {
  #calls = 0
  #whenNone: (() => void) | undefined

  enter(): void {
    this.#calls += 1
  }

  leave(): void {
    this.#calls -= 1
    if (this.#calls === 0) this.#whenNone?.()
  }

  /** Resolves when no call is under way, or when so long has passed. */
  async none(withinMs: number): Promise<void> {
    if (this.#calls === 0) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#whenNone = resolve
      timer = setTimeout(resolve, withinMs)
    })
    clearTimeout(timer)
  }
}
