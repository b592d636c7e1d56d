import type { Capabilities, Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Slot } from './slot.ts'

/** How many callers one upstream keeps sessions for; the one used longest ago makes room. */
export const callersAtMost = 64
const forwarded = ['elicitation', 'sampling', 'roots'] as const

/** The sessions of `session: caller`: one for each credential, and for each set of things its client can do. */
export class Callers {
  readonly #slots = new Map<string, Slot>()
  readonly #open: (capabilities: JsonObject) => Slot

  constructor(open: (capabilities: JsonObject) => Slot) {
    this.#open = open
  }

  get slots(): Iterable<Slot> {
    return this.#slots.values()
  }

  /** The slot of a call's caller. Throws HUB_LIMITED when every slot is at work for another. */
  of(run: Run): Slot {
    const capabilities = bridged(run.callerCapabilities)
    const key = JSON.stringify([run.principal.organisation, run.principal.credential, capabilities])
    const known = this.#slots.get(key)
    if (known !== undefined) {
      // Last in the map is last used.
      this.#slots.delete(key)
      this.#slots.set(key, known)
      return known
    }
    if (this.#slots.size >= callersAtMost) this.#makeRoom()
    const slot = this.#open(capabilities)
    this.#slots.set(key, slot)
    return slot
  }

  async close(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.close()))
  }

  #makeRoom(): void {
    for (const [key, slot] of this.#slots) {
      if (slot.state.state === 'starting' || (slot.session?.flights.calls ?? 0) > 0) continue
      this.#slots.delete(key)
      void slot.close()
      return
    }
    throw new HubError('HUB_LIMITED', `${callersAtMost} callers are at work on this upstream; try again in 1 s`, { retryAfterMs: 1000 })
  }
}

function bridged(capabilities: Capabilities): JsonObject {
  return Object.fromEntries(forwarded.flatMap((name) => (capabilities[name] === undefined ? [] : [[name, capabilities[name]]])))
}
