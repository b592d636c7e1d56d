import type { Bounds } from './config.ts'
import { processBytes, type Usage } from './process-usage.ts'
import type { Entry, ListPage, Write, Written } from './store.ts'

type Kept = Entry & { readonly bytes: number }

/** The state of one space. */
export interface ProcessState {
  readonly entries: Map<string, Kept>
  bytes: number
  /** The newest version there ever was. */
  version: number
}

const isOver = (entry: { readonly expiresAt: number | undefined }, now: number): boolean => entry.expiresAt !== undefined && entry.expiresAt <= now

function remove(state: ProcessState, key: string, bytes: number, usage: Usage): void {
  state.entries.delete(key)
  state.bytes -= bytes
  usage.bytes -= bytes
}

function sweep(state: ProcessState, usage: Usage, now: number): void {
  for (const [key, entry] of state.entries) if (isOver(entry, now)) remove(state, key, entry.bytes, usage)
}

/** The value under a key. */
export function getFrom(state: ProcessState, key: string, now: number): Entry | undefined {
  const entry = state.entries.get(key)
  return entry === undefined || isOver(entry, now) ? undefined : entry
}

/** Writes a value, if version and bounds allow. */
export function setIn(state: ProcessState, { key, json, ttlMs, ifVersion }: Write, bounds: Bounds, usage: Usage, now: number): Written {
  sweep(state, usage, now)
  const old = state.entries.get(key)
  const version = old?.version ?? 0
  if (ifVersion !== undefined && ifVersion !== version) return { type: 'conflict', version }
  const bytes = Buffer.byteLength(key) + Buffer.byteLength(json)
  const more = bytes - (old?.bytes ?? 0)
  const counts = { keys: state.entries.size, bytes: state.bytes }
  if (old === undefined && counts.keys >= bounds.keys) return { type: 'full', by: 'keys', ...counts }
  if (more > 0 && counts.bytes + more > bounds.bytes) return { type: 'full', by: 'bytes', ...counts }
  if (more > 0 && usage.bytes + more > processBytes) return { type: 'full', by: 'process', keys: counts.keys, bytes: usage.bytes }
  const expiresAt = ttlMs === 'keep' ? old?.expiresAt : ttlMs === undefined ? undefined : now + ttlMs
  state.version += 1
  state.bytes += more
  usage.bytes += more
  state.entries.set(key, { json, version: state.version, createdAt: old?.createdAt ?? now, updatedAt: now, expiresAt, bytes })
  return { type: 'done', version: state.version, updatedAt: now, expiresAt }
}

/** Removes a value, if the version allows. */
export function deleteFrom(
  state: ProcessState,
  key: string,
  ifVersion: number | undefined,
  usage: Usage,
  now: number,
): { readonly version: number; readonly deleted: boolean } {
  sweep(state, usage, now)
  const entry = state.entries.get(key)
  const version = entry?.version ?? 0
  if (entry === undefined || (ifVersion !== undefined && ifVersion !== version)) return { version, deleted: false }
  remove(state, key, entry.bytes, usage)
  return { version, deleted: true }
}

/** Keys with a prefix, in order of their bytes. */
export function listOf(state: ProcessState, prefix: string, after: string | undefined, limit: number, usage: Usage, now: number): ListPage {
  sweep(state, usage, now)
  const start = after === undefined ? undefined : Buffer.from(after)
  const found = [...state.entries]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, entry]) => ({ order: Buffer.from(key), key, entry }))
    .filter(({ order }) => start === undefined || Buffer.compare(order, start) > 0)
    .toSorted((left, right) => Buffer.compare(left.order, right.order))
  const entries = found
    .slice(0, limit)
    .map(({ key, entry: { version, bytes, createdAt, updatedAt, expiresAt } }) => ({ key, version, bytes, createdAt, updatedAt, expiresAt }))
  return { entries, more: found.length > limit, keys: state.entries.size, bytes: state.bytes }
}
