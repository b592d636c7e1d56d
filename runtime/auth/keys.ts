import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { roles, type Principal, type Role } from '../contract/principal.ts'
import type { ApiKeyRecord, ApiKeyStore } from '../contract/store.ts'
import { refusal, unavailable } from './refusal.ts'

/** What every key begins with, so that people and scanners know one when they see it. */
export const keyPrefix = 'hub_'
const keyForm = /^hub_([0-9a-z]{16})_([0-9a-f]{64})$/

/** Revoking a key takes effect within 5 s in every process: this, and what a connection is trusted for. */
const trustMs = 3_000
const maxKnown = 10_000
const maxLookUps = 256

/** Makes a key: the record to store, and the key itself, which is shown once and kept nowhere. */
export function issueKey(options: {
  readonly name: string
  readonly role: Role
  readonly organisation: string
  readonly scopes: readonly string[]
  readonly expiresInMs?: number
  readonly now: () => number
}): { readonly record: ApiKeyRecord; readonly key: string } {
  const id = BigInt(`0x${randomBytes(11).toString('hex')}`)
    .toString(36)
    .padStart(16, '0')
    .slice(-16)
  const secret = randomBytes(32).toString('hex')
  const at = options.now()
  const record: ApiKeyRecord = {
    id,
    name: options.name,
    hash: hashOf(secret),
    organisation: options.organisation,
    role: options.role,
    scopes: options.scopes,
    createdAt: new Date(at).toISOString(),
    ...(options.expiresInMs !== undefined && { expiresAt: new Date(at + options.expiresInMs).toISOString() }),
  }
  return { record, key: `${keyPrefix}${id}_${secret}` }
}

// A slow hash protects secrets people think up. This one is 256 random bits: nobody guesses it from its SHA-256, and each call can afford one.
const hashOf = (secret: string): string => hash('sha256', secret)

interface Known {
  /** Undefined: there is no such key. */
  readonly key?: { readonly record: ApiKeyRecord; readonly hash: Buffer; readonly principal: Principal }
  readonly until: number
}

type LookUps = Map<string, Promise<Known>>

/** Checks keys of the form `hub_<id>_<secret>`: at once when the key was looked up in the last 3 s, with one query otherwise. Rejects or throws HUB_UNAUTHENTICATED, or HUB_STORE_DOWN when the store does not answer. */
export function createKeyCheck(store: ApiKeyStore, now: () => number): (credential: string) => Principal | Promise<Principal> {
  // Anybody can make up ids: what they cost, in places and in queries at one time, is not taken from the keys there are.
  const known = new LRUCache<string, Known>({ max: maxKnown })
  const nobody = new LRUCache<string, Known>({ max: maxKnown })
  const renewals: LookUps = new Map()
  const guesses: LookUps = new Map()

  const lookUp = (id: string): Promise<Known> => {
    const running = renewals.get(id) ?? guesses.get(id)
    if (running !== undefined) return running
    const lookUps = known.has(id) ? renewals : guesses
    if (lookUps === guesses && guesses.size >= maxLookUps)
      return Promise.reject(unavailable('HUB_STORE_DOWN', 'too many keys are being looked up; try again shortly', undefined))
    const begun = ask(id).finally(() => lookUps.delete(id))
    lookUps.set(id, begun)
    return begun
  }

  const ask = async (id: string): Promise<Known> => {
    const record = await store.find(id).catch((error: unknown) => {
      throw unavailable('HUB_STORE_DOWN', 'the key could not be checked because the hub’s store does not answer; try again shortly', error)
    })
    const answer: Known = {
      ...(record !== undefined && { key: { record, hash: Buffer.from(record.hash, 'hex'), principal: principalOf(record) } }),
      until: now() + trustMs,
    }
    const [into, from] = record === undefined ? [nobody, known] : [known, nobody]
    into.set(id, answer)
    from.delete(id)
    return answer
  }

  const decide = ({ key }: Known, secret: string): Principal => {
    const presented = Buffer.from(hashOf(secret), 'hex')
    // The same words for an unknown id and a wrong secret: nobody learns which ids exist.
    if (key === undefined || key.hash.length !== presented.length || !timingSafeEqual(key.hash, presented))
      throw refusal('unknown_key', 'this API key is not known here; hub keys create makes one')
    if (key.record.revokedAt !== undefined) throw refusal('revoked', `the API key ${key.record.id} was revoked`)
    if (key.principal.expiresAt !== undefined && key.principal.expiresAt <= now())
      throw refusal('expired', `the API key ${key.record.id} expired at ${key.record.expiresAt}`)
    return key.principal
  }

  return (credential) => {
    const [, id, secret] = keyForm.exec(credential) ?? []
    if (id === undefined || secret === undefined) throw refusal('malformed', 'this is not an API key of a hub, which has the form hub_<id>_<secret>')
    const found = known.get(id) ?? nobody.get(id)
    if (found !== undefined && found.until > now()) return decide(found, secret)
    return lookUp(id).then((answer) => {
      const principal = decide(answer, secret)
      store.touch(id, new Date(now()).toISOString())
      return principal
    })
  }
}

function principalOf(record: ApiKeyRecord): Principal {
  const role = roles.find((name) => name === record.role)
  if (role === undefined) throw refusal('claims', `the API key ${record.id} has a role this hub does not know`)
  return Object.freeze({
    id: `key:${record.id}`,
    organisation: record.organisation,
    credential: record.id,
    role,
    scopes: new Set(record.scopes),
    via: 'key',
    ...(record.expiresAt !== undefined && { expiresAt: Date.parse(record.expiresAt) }),
  })
}
