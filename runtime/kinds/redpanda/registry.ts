import { LRUCache } from 'lru-cache'
import { HubError } from '../../contract/errors.ts'
import { isObject, parseJson, type Json, type JsonObject } from '../../contract/json.ts'
import type { Egress } from '../../contract/kind.ts'
import { withoutTrailing } from '../../contract/trailing.ts'
import type { Coder, RegisteredSchema } from './registered.ts'

/** Where the registry is, and who the hub is to it. */
export interface RegistryAccess {
  readonly url: string
  /** The whole `authorization` header. */
  readonly authorization?: string
  readonly egress: Egress
  readonly timeoutMs: number
}

const headLength = 5
const mostSchemas = 1_000
const mostSchemaBytes = 1_048_576
const freshMs = 60_000
const deepest = 8

/** True where asking the registry again may end otherwise: it is then the registry that fails, and not the message. */
export const isRegistryFault = (error: unknown): boolean =>
  error instanceof HubError && error.details['missing'] === undefined && error.details['schemaId'] === undefined

/** A schema registry of Confluent’s REST API: values are read by the id before them, and written by the latest schema of a subject. */
export class Registry {
  readonly #access: RegistryAccess
  readonly #byId = new LRUCache<number, Promise<Coder>>({ max: mostSchemas })
  readonly #latest = new LRUCache<string, Promise<{ readonly id: number; readonly coder: Coder }>>({ max: mostSchemas, ttl: freshMs })

  constructor(access: RegistryAccess) {
    this.#access = access
  }

  /** A value and what it was written in. Rejects an Error that says why it cannot be read. */
  async decode(bytes: Buffer): Promise<{ readonly value: Json; readonly format: string }> {
    const id = bytes.readInt32BE(1)
    const coder = await kept(this.#byId, id, () => this.#coderOf(id))
    try {
      return { value: coder.decode(bytes.subarray(headLength)), format: coder.format }
    } catch (error) {
      throw new Error(`it is not what schema ${id} (${coder.format}) says: ${(error as Error).message}`, { cause: error })
    }
  }

  /** A value as the latest schema of a subject writes it, its id before it. Rejects HUB_ARGS_INVALID where it does not fit. */
  async encode(subject: string, value: Json): Promise<Buffer> {
    const { id, coder } = await kept(this.#latest, subject, () => this.#latestOf(subject))
    try {
      const head = Buffer.alloc(headLength)
      head.writeInt32BE(id, 1)
      return Buffer.concat([head, coder.encode(value)])
    } catch (error) {
      throw new HubError('HUB_ARGS_INVALID', `the value does not fit schema ${id} of subject "${subject}" (${coder.format}): ${(error as Error).message}`, {
        subject,
        schemaId: id,
      })
    }
  }

  async #coderOf(id: number): Promise<Coder> {
    const found = await this.#get(`/schemas/ids/${id}`, `schema ${id}`)
    return this.#coder(id, found)
  }

  async #latestOf(subject: string): Promise<{ readonly id: number; readonly coder: Coder }> {
    const found = await this.#get(`/subjects/${encodeURIComponent(subject)}/versions/latest`, `subject "${subject}"`)
    const id = Number(found['id'])
    return { id, coder: await kept(this.#byId, id, () => this.#coder(id, found)) }
  }

  async #coder(id: number, found: JsonObject): Promise<Coder> {
    const type = (found['schemaType'] ?? 'AVRO') as RegisteredSchema['type']
    const registered = { id, type, schema: String(found['schema']), references: await this.#referencesOf(found, 0) }
    const { coderOf } = await import('./coder.ts')
    try {
      return coderOf(registered)
    } catch (error) {
      throw new HubError('HUB_UPSTREAM_FAILED', `schema ${id} of the registry (${type}) cannot be used: ${(error as Error).message}`, { schemaId: id })
    }
  }

  async #referencesOf(found: JsonObject, depth: number): Promise<RegisteredSchema['references']> {
    const { references } = found
    if (!Array.isArray(references) || references.length === 0) return []
    if (depth >= deepest) throw new HubError('HUB_UPSTREAM_FAILED', `the registry’s schemas refer to each other more than ${deepest} deep`)
    return Promise.all(
      references.filter(isObject).map(async ({ name, subject, version }) => {
        const inner = await this.#get(
          `/subjects/${encodeURIComponent(String(subject))}/versions/${encodeURIComponent(String(version))}`,
          `subject "${String(subject)}"`,
        )
        return { name: String(name), schema: String(inner['schema']), references: await this.#referencesOf(inner, depth + 1) }
      }),
    )
  }

  async #get(path: string, what: string): Promise<JsonObject> {
    const { url, authorization, egress, timeoutMs } = this.#access
    const headers = { accept: 'application/vnd.schemaregistry.v1+json, application/json', ...(authorization !== undefined && { authorization }) }
    const response = await egress.fetch(withoutTrailing(url, '/') + path, { headers, signal: AbortSignal.timeout(timeoutMs) }).catch((error: unknown) => {
      if (error instanceof HubError) throw error
      throw new HubError('HUB_CONNECTOR_DOWN', 'the schema registry does not answer', { retryAfterMs: 1_000 })
    })
    const text = await boundedText(response)
    if (response.status === 404) throw new HubError('HUB_UPSTREAM_FAILED', `the schema registry has no ${what}`, { missing: what })
    if (response.status === 401 || response.status === 403)
      throw new HubError('HUB_UPSTREAM_FAILED', `the schema registry refuses the hub (status ${response.status}); its operator checks registry in the manifest`)
    if (response.status >= 500)
      throw new HubError('HUB_CONNECTOR_DOWN', `the schema registry does not answer (status ${response.status})`, { retryAfterMs: 1_000 })
    const body = response.ok ? parsed(text) : undefined
    if (!isObject(body) || typeof body['schema'] !== 'string')
      throw new HubError('HUB_UPSTREAM_FAILED', `the schema registry answered what is no schema (status ${response.status})`)
    return body
  }
}

/** The same promise for everyone who asks; one that failed is forgotten. */
function kept<Key extends {}, Value>(cache: LRUCache<Key, Promise<Value>>, key: Key, make: () => Promise<Value>): Promise<Value> {
  const known = cache.get(key)
  if (known !== undefined) return known
  const made = make()
  cache.set(key, made)
  made.catch(() => cache.delete(key))
  return made
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length
    if (bytes > mostSchemaBytes) throw new HubError('HUB_UPSTREAM_FAILED', `the schema registry’s answer is longer than ${mostSchemaBytes} bytes`)
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
