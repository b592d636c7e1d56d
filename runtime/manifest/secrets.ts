import { resolve } from 'node:path'
import { isObject, type Json } from '../contract/json.ts'
import { Secret, type SecretReference, type SecretStore } from '../contract/secret.ts'
import { readText } from './read.ts'
import type { Path } from './source.ts'
import { listed, suggest } from './suggest.ts'

const mostBytes = 65_536

/** Secrets from environment variables: `{ secret: NAME }`. An empty variable counts as none. */
export function environmentStore(env: Readonly<Record<string, string | undefined>>): SecretStore {
  return { name: 'env', read: (key) => Promise.resolve(env[key] === '' ? undefined : env[key]) }
}

/** Why a store of the hub’s own has a value and cannot give it, in words that may be told. */
class Unreadable extends Error {
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** Secrets from files, as Kubernetes and Docker mount them: `{ secret: { file: PATH } }`, from `directory` where the path is relative. The last line break is not part of the value. */
export function fileStore(directory: string): SecretStore {
  return {
    name: 'file',
    read: async (key) => {
      const { text, finding, absent } = await readText(resolve(directory, key), mostBytes)
      if (finding !== undefined && !absent)
        throw new Unreadable(`the secret file ${key}: ${finding.message}`, 'a secret’s file holds the value alone, as UTF-8 text')
      const value = text?.replace(/\r?\n$/, '')
      return value === '' ? undefined : value
    },
  }
}

/** A secret reference where it stands in plain data. */
export interface Reference extends SecretReference {
  readonly path: Path
}

/** Every secret reference in plain data. `{ secret: { x: … } }` with a single text inside is a reference to the store `x`, known or not. */
export function findReferences(value: Json, path: Path = []): readonly Reference[] {
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => findReferences(item, [...path, index]))
  if (!isObject(value)) return []
  const reference = referenceIn(value)
  if (reference) return [{ ...reference, path }]
  return Object.entries(value).flatMap(([key, inner]) => findReferences(inner, [...path, key]))
}

function referenceIn(value: { readonly [key: string]: Json }): SecretReference | undefined {
  const { secret, optional = false, ...rest } = value
  if (secret === undefined || Object.keys(rest).length > 0 || typeof optional !== 'boolean') return undefined
  if (typeof secret === 'string') return { store: 'env', key: secret, optional }
  const [[store, key] = [], second] = isObject(secret) ? Object.entries(secret) : []
  // { secret: { secret: NAME } } is a field called secret that holds a reference.
  if (store === undefined || second !== undefined || typeof key !== 'string' || store === 'secret') return undefined
  return { store, key, optional }
}

/** How messages and `needs` name a reference: `NAME` for the environment, `file:/run/secrets/x`, `vault:path`. */
export const referenceName = ({ store, key }: SecretReference): string => (store === 'env' ? key || 'a secret without a name' : `${store}:${key}`)

/** What a store had under a reference: a secret, or why there is none. */
export interface Found {
  readonly reference: Reference
  readonly secret?: Secret
  /** What to say of it, where it is not merely absent. */
  readonly fault?: { readonly message: string; readonly hint?: string }
  readonly isStoreUnknown?: boolean
}

/** Reads every reference from its store; a store that fails counts as one that has nothing, and says so. */
export async function readSecrets(references: readonly Reference[], stores: readonly SecretStore[]): Promise<readonly Found[]> {
  return Promise.all(references.map((reference) => readSecret(reference, stores)))
}

async function readSecret(reference: Reference, stores: readonly SecretStore[]): Promise<Found> {
  const store = stores.find(({ name }) => name === reference.store)
  if (!store) {
    const names = stores.map(({ name }) => name)
    return {
      reference,
      isStoreUnknown: true,
      fault: { message: `there is no secret store "${reference.store}"`, hint: suggest(reference.store, names) ?? `stores: ${listed(names)}` },
    }
  }
  if (reference.key === '')
    return { reference, fault: { message: 'this secret has no name', hint: 'write { secret: NAME }, with the name of an environment variable' } }
  try {
    const value = await store.read(reference.key)
    return value === undefined ? { reference } : { reference, secret: new Secret(value, `${reference.store}:${reference.key}`) }
  } catch (error) {
    if (error instanceof Unreadable) return { reference, fault: { message: error.message, ...(error.hint !== undefined && { hint: error.hint }) } }
    // Nothing of the store's own words: they may hold an address with a password, or the value.
    return { reference, fault: { message: `the secret store "${reference.store}" did not answer for ${referenceName(reference)}` } }
  }
}
