import type { Json } from './json.ts'

/** Small values by key with a lifetime: what a kind may remember. Keys are namespaced per connector by the hub. */
export interface KeyedStore {
  get(key: string): Promise<Json | undefined>
  set(key: string, value: Json, ttlMs?: number): Promise<void>
  delete(key: string): Promise<void>
}

/** An answer as the cache keeps it. Times are epoch milliseconds. */
export interface CacheEntry<Value> {
  readonly value: Value
  readonly storedAt: number
  readonly freshUntil: number
  readonly staleUntil: number
  readonly bytes: number
  readonly tags: readonly string[]
}

/** Where answers are kept. The embedded one answers at once; a shared one with a promise. */
export interface CacheStore<Value> {
  get(key: string): CacheEntry<Value> | undefined | Promise<CacheEntry<Value> | undefined>
  set(key: string, entry: CacheEntry<Value>): void | Promise<void>
  /** Drops every entry under a tag. */
  dropTag(tag: string): void | Promise<void>
  clear(): void | Promise<void>
}

/** One line of the audit: who did what to what, with what outcome. Never holds a secret. */
export interface AuditLine {
  readonly callId: string
  readonly phase: 'intent' | 'outcome'
  /** ISO 8601. */
  readonly at: string
  readonly principal: string
  readonly organisation: string
  readonly credential: string
  readonly role: string
  readonly tool: string
  readonly connector: string
  readonly effect: string
  /** Scrubbed and bounded; for writes only. */
  readonly args?: Json
  /** ok, or the error code. */
  readonly status?: string
  readonly durationMs?: number
  readonly cache?: string
}

/** Where audit lines go. */
export interface AuditStore {
  /** Resolves once the line is durable; rejects when it could not be written. Used before every write. */
  write(line: AuditLine): Promise<void>
  /** Queues a line for the next batch; never blocks and never throws. Lines that cannot be written are counted and kept while they fit. */
  append(line: AuditLine): void
  flush(): Promise<void>
}

/** An API key as stored: the key itself is not kept, only its hash. Times are ISO 8601. */
export interface ApiKeyRecord {
  readonly id: string
  readonly name: string
  readonly hash: string
  readonly organisation: string
  readonly role: string
  readonly scopes: readonly string[]
  readonly createdAt: string
  readonly expiresAt?: string
  readonly revokedAt?: string
  readonly lastUsedAt?: string
}

/** Where API keys are kept. */
export interface ApiKeyStore {
  insert(record: ApiKeyRecord): Promise<void>
  find(id: string): Promise<ApiKeyRecord | undefined>
  list(): Promise<readonly ApiKeyRecord[]>
  revoke(id: string, at: string): Promise<boolean>
  touch(id: string, at: string): void
}
