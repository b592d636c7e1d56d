import type { McpSubscription } from '@modelcontextprotocol/client'
import { HubError } from '../../contract/errors.ts'
import { isObject } from '../../contract/json.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Session } from './session.ts'

// Several times what one caller may watch, so that none can take all.
const urisAtMost = 4000
const atOnce = 32
const waitMs = 10_000
const reopenMs = 5_000

/** Which news of the upstream are wanted, whatever session it is on: list changes always, resources by their address. */
export class Subscriptions {
  readonly #uris = new Set<string>()
  readonly #trouble: (error: unknown) => void
  #listening: { readonly session: Session; readonly stream: McpSubscription } | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(trouble: (error: unknown) => void) {
    this.#trouble = trouble
  }

  get size(): number {
    return this.#uris.size
  }

  /** Asks a new session for everything wanted. */
  async start(session: Session): Promise<void> {
    if (session.modern) return this.#listen(session)
    const uris = [...this.#uris]
    for (let from = 0; from < uris.length; from += atOnce)
      await Promise.all(uris.slice(from, from + atOnce).map((uri) => this.#subscribe(uri, session).catch(this.#trouble)))
  }

  async add(uri: string, session: Session): Promise<void> {
    if (this.#uris.has(uri)) return
    if (this.#uris.size >= urisAtMost) throw new HubError('HUB_LIMITED', `more than ${urisAtMost} resources of this upstream are subscribed to`)
    this.#uris.add(uri)
    try {
      if (session.modern) await this.#listen(session)
      else await this.#subscribe(uri, session)
    } catch (error) {
      this.#uris.delete(uri)
      throw error
    }
  }

  async remove(uri: string, session: Session | undefined): Promise<void> {
    if (!this.#uris.delete(uri) || session === undefined) return
    if (session.modern) await this.#listen(session)
    else await session.request('resources/unsubscribe', { uri }, AbortSignal.timeout(waitMs))
  }

  async #subscribe(uri: string, session: Session): Promise<void> {
    await session.request('resources/subscribe', { uri }, AbortSignal.timeout(waitMs))
  }

  /** One stream carries all; a new filter takes a new one, opened before the old is closed so that nothing falls between. */
  #listen(session: Session): Promise<void> {
    const turn = this.#turn.then(async () => {
      const before = this.#listening
      const filter = filterOf(session.capabilities, this.#uris)
      if (Object.keys(filter).length === 0) this.#listening = undefined
      else {
        // An upstream that refuses the new filter goes on with the old one.
        const stream = await session.client.listen(filter, { timeout: waitMs })
        this.#listening = { session, stream }
        void stream.closed.then((how) => how !== 'local' && this.#reopen(session, stream))
      }
      await before?.stream.close()
    })
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  #reopen(session: Session, stream: McpSubscription): void {
    if (this.#listening?.stream !== stream || session.ended !== undefined) return
    setTimeout(() => {
      if (this.#listening?.stream === stream && session.ended === undefined) this.#listen(session).catch(this.#trouble)
    }, reopenMs).unref()
  }
}

function filterOf(capabilities: JsonObject, uris: ReadonlySet<string>): Record<string, true | string[]> {
  const filter: Record<string, true | string[]> = {}
  for (const name of ['tools', 'prompts', 'resources']) {
    const capability = capabilities[name]
    if (isObject(capability) && capability.listChanged === true) filter[`${name}ListChanged`] = true
  }
  if (uris.size > 0) filter.resourceSubscriptions = [...uris]
  return filter
}
