import type { Capabilities, Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject } from '../../contract/json.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Slot } from './slot.ts'

/** How many callers one upstream keeps sessions for; the one used longest ago makes room. */
export const callersAtMost = 64
/** How many of them one credential may have, for clients that can do different things. */
export const clientsAtMost = 8
/** What of a client's capabilities an upstream is told, with the parts that make a difference; whatever else a client declares makes no session of its own. */
const forwarded = { elicitation: ['form', 'url'], sampling: ['tools', 'context'], roots: [] } as const

interface Kept {
  readonly owner: string
  readonly slot: Slot
}

/** The sessions of `session: caller`: one for each credential, and for each set of things its client can do. */
export class Callers {
  readonly #kept = new Map<string, Kept>()
  readonly #open: (capabilities: JsonObject) => Slot

  constructor(open: (capabilities: JsonObject) => Slot) {
    this.#open = open
  }

  get slots(): Iterable<Slot> {
    return [...this.#kept.values()].map(({ slot }) => slot)
  }

  /** The slot of a call's caller. Throws HUB_LIMITED when every slot is at work for another. */
  of(run: Run): Slot {
    const { organisation, credential } = run.principal
    const capabilities = bridged(run.callerCapabilities)
    const owner = JSON.stringify([organisation, credential])
    const key = owner + JSON.stringify(capabilities)
    const known = this.#kept.get(key)
    if (known !== undefined) {
      // Last in the map is last used.
      this.#kept.delete(key)
      this.#kept.set(key, known)
      return known.slot
    }
    if (this.#count(owner) >= clientsAtMost) this.#makeRoom('sorts of client are at work with this credential', clientsAtMost, owner)
    else if (this.#kept.size >= callersAtMost) this.#makeRoom('callers are at work', callersAtMost)
    const slot = this.#open(capabilities)
    this.#kept.set(key, { owner, slot })
    return slot
  }

  async close(): Promise<void> {
    await Promise.all([...this.slots].map((slot) => slot.close()))
  }

  #count(owner: string): number {
    let count = 0
    for (const kept of this.#kept.values()) if (kept.owner === owner) count++
    return count
  }

  /** Ends the session used longest ago, of this owner where one is given. */
  #makeRoom(what: string, atMost: number, owner?: string): void {
    for (const [key, { owner: itsOwner, slot }] of this.#kept) {
      if (owner !== undefined && itsOwner !== owner) continue
      if (slot.state.state === 'starting' || (slot.session?.flights.calls ?? 0) > 0) continue
      this.#kept.delete(key)
      void slot.close()
      return
    }
    throw new HubError('HUB_LIMITED', `${atMost} ${what} on this upstream; try again in 1 s`, { retryAfterMs: 1000 })
  }
}

/** A bare `elicitation: {}` stays one: it means forms, and upstreams of before 2025-11-25 know no other. */
function bridged(capabilities: Capabilities): JsonObject {
  const told: Record<string, JsonObject> = {}
  for (const [name, parts] of Object.entries(forwarded)) {
    const given = capabilities[name]
    if (isObject(given)) told[name] = Object.fromEntries(parts.filter((part) => isObject(given[part])).map((part) => [part, {}]))
  }
  return told
}
