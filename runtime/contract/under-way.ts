/** What is under way, for those who must not close before it has ended. */
export class UnderWay<Member> {
  readonly #members = new Set<Member>()
  #whenNone: (() => void) | undefined

  add(member: Member): void {
    this.#members.add(member)
  }

  delete(member: Member): void {
    this.#members.delete(member)
    if (this.#members.size === 0) this.#whenNone?.()
  }

  /** Resolves when nothing is under way, or when so long has passed; with what still is. */
  async none(withinMs: number): Promise<Iterable<Member>> {
    if (this.#members.size === 0) return this.#members
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#whenNone = resolve
      timer = setTimeout(resolve, withinMs)
    })
    clearTimeout(timer)
    return this.#members
  }
}
