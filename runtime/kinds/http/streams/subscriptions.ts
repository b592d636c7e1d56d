import type { StreamSettings } from './settings.ts'
import type { MessageTemplate } from './templates.ts'

/** What subscriptions are made of. */
export interface SubscriptionParts {
  readonly settings: StreamSettings
  /** The keys somebody wants now. */
  wanted(): ReadonlySet<string>
  send(text: string): void
  /** The service was told what is not wanted any more. */
  settled(): void
  /** The service was asked for these keys, and does not say whether it sends them. */
  assume(keys: readonly string[]): void
}

const keysInOne = 100
/** How long an answer is waited for, and how long where there is none. */
const answerMs = 10_000
const silentMs = 1_000

/** What a service was asked to send over one connection: brought in line with what is wanted, once a turn. */
export class Subscriptions {
  readonly #parts: SubscriptionParts
  /** Keys the service was asked for on this connection. */
  readonly #asked = new Set<string>()
  /** Messages without an answer, the oldest first. */
  readonly #open: Set<string>[] = []
  #isUp = false
  #isDue = false
  #wasSent = false
  #lastId = 0
  readonly #patience = new Set<NodeJS.Timeout>()

  constructor(parts: SubscriptionParts) {
    this.#parts = parts
  }

  up(): void {
    this.#isUp = true
    this.#settle()
  }

  down(): void {
    this.#isUp = false
    this.#wasSent = false
    this.#asked.clear()
    this.#open.length = 0
    for (const timer of this.#patience) clearTimeout(timer)
    this.#patience.clear()
  }

  /** What is wanted changed. */
  changed(): void {
    if (!this.#isUp || this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      if (this.#isUp) this.#settle()
    })
  }

  /** The keys an answer is about: those it names, or those of the oldest message without one. */
  answered(named: readonly string[] | undefined): readonly string[] {
    const keys = named ?? [...(this.#open[0] ?? [])]
    for (const open of this.#open) for (const key of keys) open.delete(key)
    for (let at = this.#open.length - 1; at >= 0; at -= 1) if (this.#open[at]?.size === 0) this.#open.splice(at, 1)
    return keys
  }

  /** A key is not sent; it may be asked for again. */
  refused(key: string): void {
    this.#asked.delete(key)
  }

  #settle(): void {
    const { subscribe, unsubscribe } = this.#parts.settings
    const wanted = this.#parts.wanted()
    const added = [...wanted].filter((key) => !this.#asked.has(key))
    const gone = [...this.#asked].filter((key) => !wanted.has(key))
    for (const key of gone) this.#asked.delete(key)
    if (gone.length > 0) this.#write(unsubscribe, gone, () => undefined)
    this.#parts.settled()
    if (added.length === 0) return
    for (const key of added) this.#asked.add(key)
    // A message without keys asks for everything, once.
    if (subscribe?.about === 'nothing' && this.#wasSent) return this.#parts.assume(added)
    this.#wasSent = true
    this.#write(subscribe, added, (keys) => this.#open.push(new Set(keys)))
    this.#wait(added)
  }

  #write(template: MessageTemplate | undefined, keys: readonly string[], sent: (keys: readonly string[]) => void): void {
    if (template === undefined) return
    if (template.about === 'nothing') {
      this.#send(template, {})
      return sent(keys)
    }
    const size = template.about === 'key' ? 1 : keysInOne
    for (let at = 0; at < keys.length; at += size) {
      const some = keys.slice(at, at + size)
      this.#send(template, template.about === 'key' ? { key: some[0] as string } : { keys: some })
      sent(some)
    }
  }

  #send(template: MessageTemplate, holes: Readonly<Record<string, string | readonly string[]>>): void {
    this.#lastId += 1
    this.#parts.send(template.write({ ...this.#parts.settings.secrets, ...holes, id: this.#lastId }))
  }

  #wait(keys: readonly string[]): void {
    const { accepted } = this.#parts.settings.config
    const timer = setTimeout(
      () => {
        this.#patience.delete(timer)
        this.#parts.assume(keys.filter((key) => this.#asked.has(key)))
      },
      accepted === undefined ? silentMs : answerMs,
    )
    this.#patience.add(timer)
  }
}
