import { isObject } from '../../contract/json.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Secrets } from '../../contract/secret.ts'
import { scrubbed } from '../../guards/content.ts'
import type { Session } from './session.ts'

/** The lists an upstream has, by the method that asks for them. */
export const listKeys = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
} as const
/** A method that asks for a list. */
export type ListMethod = keyof typeof listKeys

const pagesAtMost = 100
const itemsAtMost = 10_000
const keptMs = 30_000

/** All pages of one list, merged and bounded. */
export async function listAll(session: Session, method: ListMethod, signal: AbortSignal): Promise<readonly JsonObject[]> {
  const items: JsonObject[] = []
  let cursor: string | undefined
  for (let page = 0; page < pagesAtMost; page++) {
    const result = await session.request(method, cursor === undefined ? {} : { cursor }, signal)
    const part = result[listKeys[method]]
    if (!Array.isArray(part)) throw new TypeError(`${method} answered without a list`)
    items.push(...(part as readonly unknown[]).filter(isObject))
    const { nextCursor } = result
    if (typeof nextCursor !== 'string' || nextCursor === cursor || items.length >= itemsAtMost) break
    cursor = nextCursor
  }
  return items.slice(0, itemsAtMost)
}

/** The lists of one session, scrubbed of secrets, asked for once and kept until the upstream says they changed, or for half a minute where it does not say. */
export class Lists {
  readonly #kept = new Map<ListMethod, { readonly session: Session; readonly until: number; readonly items: Promise<readonly JsonObject[]> }>()
  readonly #secrets: Secrets

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  get(session: Session, method: ListMethod): Promise<readonly JsonObject[]> {
    const kept = this.#kept.get(method)
    if (kept !== undefined && kept.session === session && kept.until > performance.now()) return kept.items
    const items = this.#fetch(session, method)
    const until = performance.now() + (tells(session, method) ? Number.POSITIVE_INFINITY : keptMs)
    this.#kept.set(method, { session, until, items })
    items.catch(() => this.#kept.delete(method))
    return items
  }

  drop(...methods: readonly ListMethod[]): void {
    for (const method of methods) this.#kept.delete(method)
  }

  async #fetch(session: Session, method: ListMethod): Promise<readonly JsonObject[]> {
    const items = await listAll(session, method, AbortSignal.timeout(keptMs))
    // Tools are compared with their pinned definitions, word for word, and handed to nobody.
    return method === 'tools/list' ? items : scrubbed(items, this.#secrets)
  }
}

function tells(session: Session, method: ListMethod): boolean {
  const capability = session.capabilities[method === 'resources/templates/list' ? 'resources' : listKeys[method]]
  return isObject(capability) && capability.listChanged === true
}
