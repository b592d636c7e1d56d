import type { Logger } from '../../contract/telemetry.ts'
import { down } from './failures.ts'
import { Link, type Access } from './link.ts'
import type { Reading } from './message.ts'
import { Producer } from './producer.ts'
import { Tail } from './tail.ts'
import { Topics } from './topics.ts'

/** What the tools of one connector share: its connections, made when they are first needed. */
export class Hold {
  readonly link: Link
  readonly topics: Topics
  readonly reading: Reading
  readonly #access: Access
  readonly #log: Logger
  readonly #links: Link[] = []
  #producer: Producer | undefined
  #tail: Tail | undefined
  #isClosed = false

  constructor(access: Access, reading: Reading, log: Logger) {
    this.#access = access
    this.#log = log
    this.reading = reading
    this.topics = new Topics(access.settings.topics)
    this.link = this.#open()
  }

  /** Writes on connections of its own, so that a large batch keeps no reader waiting. */
  producer(): Producer {
    this.#producer ??= new Producer(this.#open(), this.topics, this.#access.settings)
    return this.#producer
  }

  /** Waits for news on connections of its own, since a broker answers one request of a connection after the other. */
  tail(): Tail {
    this.#tail ??= new Tail({ link: this.#open(), topics: this.topics }, this.#log)
    return this.#tail
  }

  /** Connections for one reader; it closes them. */
  openLink(): Link {
    return this.#open()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#producer?.close()
    this.#tail?.close()
    await Promise.all(this.#links.map((link) => link.close()))
  }

  #open(): Link {
    if (this.#isClosed) throw down('the connector is closed')
    const link = new Link(this.#access)
    for (let index = this.#links.length - 1; index >= 0; index -= 1) if (this.#links[index]?.isClosed === true) this.#links.splice(index, 1)
    this.#links.push(link)
    return link
  }
}
