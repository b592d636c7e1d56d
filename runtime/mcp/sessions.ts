import type { JsonObject } from '../contract/json.ts'
import type { Principal } from '../contract/principal.ts'

/** What the hub remembers of a legacy client between its requests. Plain data: it can be kept where every replica sees it. */
export interface SessionRecord {
  readonly id: string
  readonly endpoint: string
  readonly organisation: string
  readonly credential: string
  readonly principal: string
  readonly version: string
  readonly capabilities: JsonObject
  /** Set once the client asked for a level. */
  readonly logLevel?: string
  /** URIs the client watches, as it knows them. */
  readonly subscriptions: readonly string[]
}

/** Where legacy sessions are kept. The embedded one answers at once; a shared one with promises. */
export interface SessionStore {
  create(record: SessionRecord): void | Promise<void>
  /** The record, counted as used now; undefined when it ended, expired or never was. */
  read(id: string): SessionRecord | undefined | Promise<SessionRecord | undefined>
  write(record: SessionRecord): void | Promise<void>
  remove(id: string): void | Promise<void>
  /** Called with the id of a session the store ended by itself: idle too long, or pushed out. */
  onEnded(listener: (id: string) => void): void
  /** Ends what is idle too long. */
  sweep(): void
  readonly size: number
}

/** A store that answers at once. */
export interface MemorySessions extends SessionStore {
  create(record: SessionRecord): void
  read(id: string): SessionRecord | undefined
  write(record: SessionRecord): void
  remove(id: string): void
}

/** Bounds of the sessions kept in memory. */
export interface SessionBounds {
  readonly most: number
  /** Of one credential; its oldest gives way to its newest, so that no one caller can push out the others. */
  readonly mostOfOne: number
  readonly idleMs: number
}

/** True for the caller a session was opened by. A session id is no credential. */
export const isOwner = (record: SessionRecord, principal: Principal): boolean =>
  record.organisation === principal.organisation && record.credential === principal.credential && record.principal === principal.id

/** Sessions in the memory of this process. */
export function createMemorySessions(bounds: SessionBounds, now: () => number): MemorySessions {
  // In the order of their last use: the first is the one to give way.
  const kept = new Map<string, { record: SessionRecord; usedAt: number }>()
  const listeners: ((id: string) => void)[] = []

  const end = (id: string): void => {
    if (kept.delete(id)) for (const listener of listeners) listener(id)
  }
  const oldestOf = (record: SessionRecord): string | undefined => {
    let oldest: string | undefined
    let count = 0
    for (const [id, { record: other }] of kept) {
      if (other.organisation !== record.organisation || other.credential !== record.credential) continue
      oldest ??= id
      count += 1
    }
    return count >= bounds.mostOfOne ? oldest : undefined
  }

  return {
    create(record) {
      const oldest = oldestOf(record) ?? (kept.size >= bounds.most ? kept.keys().next().value : undefined)
      if (oldest !== undefined) end(oldest)
      kept.set(record.id, { record, usedAt: now() })
    },
    read(id) {
      const entry = kept.get(id)
      if (!entry) return undefined
      if (now() - entry.usedAt > bounds.idleMs) {
        end(id)
        return undefined
      }
      entry.usedAt = now()
      kept.delete(id)
      kept.set(id, entry)
      return entry.record
    },
    write(record) {
      const entry = kept.get(record.id)
      if (entry) entry.record = record
    },
    remove(id) {
      kept.delete(id)
    },
    onEnded(listener) {
      listeners.push(listener)
    },
    sweep() {
      for (const [id, { usedAt }] of kept) {
        if (now() - usedAt <= bounds.idleMs) return
        end(id)
      }
    },
    get size() {
      return kept.size
    },
  }
}
