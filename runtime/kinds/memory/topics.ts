/** Who wants to be told of what. */
export class Topics {
  readonly #watchers = new Map<string, Set<() => void>>()

  /** True when the topic was watched by nobody before. */
  add(topic: string, changed: () => void): boolean {
    const here = this.#watchers.get(topic)
    if (here) {
      here.add(changed)
      return false
    }
    this.#watchers.set(topic, new Set([changed]))
    return true
  }

  /** True when nobody watches the topic any more. */
  remove(topic: string, changed: () => void): boolean {
    const here = this.#watchers.get(topic)
    here?.delete(changed)
    if (here === undefined || here.size > 0) return false
    return this.#watchers.delete(topic)
  }

  tell(topic: string): void {
    for (const changed of this.#watchers.get(topic) ?? []) changed()
  }

  tellAll(): void {
    for (const here of this.#watchers.values()) for (const changed of here) changed()
  }

  names(): readonly string[] {
    return [...this.#watchers.keys()]
  }
}
