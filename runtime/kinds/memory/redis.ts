import type { Redis } from 'ioredis'
import type { Logger } from '../../contract/telemetry.ts'
import type { Space } from './names.ts'
import { RedisLink, type MakeClient } from './redis-link.ts'
import { RedisNews } from './redis-news.ts'
import { analysisOf, entryOf, fullOf, placeOf, signalOf, type SignalReply } from './redis-records.ts'
import { appendAnalysis, queryAnalyses } from './scripts-history.ts'
import { listChannels, markSignals, publishSignal, readSignals } from './scripts-signals.ts'
import { deleteState, listState, setState } from './scripts-state.ts'
import type { Script } from './scripts.ts'
import { markMs, type Entry, type MemoryStore, type StoreParts, type Waiting } from './store.ts'

/** Memory in Redis 6.2 and later, or Valkey. Every write is one script; all keys of a space lie in one hash slot. */
export function createRedisStore(make: MakeClient, { bounds, prefix, clock }: StoreParts, log: Logger): MemoryStore {
  const link = new RedisLink(make, log)
  const news = new RedisNews(make, log)
  const now = (): string => (clock === undefined ? '' : String(clock()))

  const key = (space: Space, rest: string): string => `${prefix}:{${space}}:${rest}`
  const run = (script: Script, keys: readonly string[], args: readonly (string | number)[], waiting: Waiting): Promise<readonly [string, ...unknown[]]> =>
    link.script(script, keys, now(), args, waiting)
  const stateKeys = (space: Space, name: string): readonly string[] => [`v:${name}`, 'm', 'k', 'e', 'z'].map((rest) => key(space, rest))
  const historyKeys = (space: Space): readonly string[] => ['m', 'a', 'ax', 'ae'].map((rest) => key(space, rest))
  const signalKeys = (space: Space, channel: string): readonly string[] =>
    ['m', 'c', `s:${channel}`, `h:${channel}`, `x:${channel}`, `r:${channel}`].map((rest) => key(space, rest))

  function living(record: string | null): Entry | undefined {
    if (record === null) return undefined
    const entry = entryOf(record)
    return clock !== undefined && entry.expiresAt !== undefined && entry.expiresAt <= clock() ? undefined : entry
  }

  return {
    get: (space, name, waiting) => link.get(key(space, `v:${name}`), waiting).then(living),

    async set(space, { key: name, json, ttlMs, ifVersion, topic }, waiting) {
      const bytes = Buffer.byteLength(name) + Buffer.byteLength(json)
      const args = [name, topic, key(space, 'v:'), json, bytes, ttlMs ?? '', ifVersion ?? '', bounds.keys, bounds.bytes]
      const [word, first, second, third] = await run(setState, stateKeys(space, name), args, waiting)
      if (word === 'conflict') return { type: 'conflict', version: Number(first) }
      if (word === 'full') return fullOf(first, second, third)
      return { type: 'done', version: Number(first), updatedAt: Number(second), expiresAt: Number(third) || undefined }
    },

    async delete(space, name, ifVersion, topic, waiting) {
      const [word, version] = await run(deleteState, stateKeys(space, name), [name, topic, key(space, 'v:'), ifVersion ?? ''], waiting)
      return { version: Number(version), deleted: word === 'done' }
    },

    async list(space, start, after, limit, waiting) {
      const args = [start, after ?? '', key(space, 'v:'), limit]
      const [, keys, bytes, more, found] = await run(listState, stateKeys(space, ''), args, waiting)
      const entries = (found as readonly (readonly string[])[]).map(([name = '', version, updated, created, ends, size]) => ({
        key: name,
        version: Number(version),
        bytes: Number(size),
        createdAt: Number(created),
        updatedAt: Number(updated),
        expiresAt: Number(ends) || undefined,
      }))
      return { entries, more: more === 1, keys: Number(keys), bytes: Number(bytes) }
    },

    async append(space, analysis, waiting) {
      const { symbol, timeframe, kind, json, by, at } = analysis
      const args = [at ?? '', symbol, timeframe, kind, by, json, Buffer.byteLength(json), bounds.retentionMs, bounds.analyses, bounds.bytes]
      const [, id, moment, recorded, ends, dropped] = await run(appendAnalysis, historyKeys(space), args, waiting)
      return {
        analysis: { ...analysis, id: Number(id), at: Number(moment), recordedAt: Number(recorded), expiresAt: Number(ends) },
        dropped: Number(dropped),
      }
    },

    async query(space, { symbol = '', timeframe = '', kind = '', from, to, after, limit, bytes }, waiting) {
      const args = [
        symbol,
        timeframe,
        kind,
        from === undefined ? '' : placeOf(from),
        to === undefined ? '' : placeOf(to),
        after ? placeOf(after.at, after.id) : '',
        limit,
        bytes,
      ]
      const [, more, found] = await run(queryAnalyses, historyKeys(space), args, waiting)
      return { analyses: (found as readonly (readonly [string, string])[]).map(analysisOf), more: more === 1 }
    },

    async publish(space, { channel, json, by, ttlMs, topic }, waiting) {
      const prefixes = ['s:', 'h:', 'x:'].map((rest) => key(space, rest))
      const args = [channel, ...prefixes, json, by, Buffer.byteLength(json), ttlMs, bounds.signals, bounds.backlogBytes, bounds.channels, topic]
      const [word, first, second, third] = await run(publishSignal, signalKeys(space, channel), args, waiting)
      if (word === 'full') return fullOf(first, second, third)
      return { type: 'done', signal: { id: Number(first), json, by, publishedAt: Number(second), expiresAt: Number(third) } }
    },

    async read(space, channel, wanted, waiting) {
      const cursor = wanted.type === 'after' ? wanted.cursor : 0
      const reader = wanted.type === 'unread' ? wanted.reader : ''
      const args = [channel, wanted.type, cursor, reader, wanted.limit, wanted.bytes]
      const [, last, more, missed, found] = await run(readSignals, signalKeys(space, channel), args, waiting)
      const signals = (found as readonly SignalReply[]).map(signalOf)
      if (wanted.type === 'newest') signals.reverse()
      const cut = more === 1 && wanted.type !== 'newest' ? signals.at(-1)?.id : undefined
      return { signals, more: more === 1, cursor: cut ?? Number(last), missed: missed === 1 }
    },

    async mark(space, channel, reader, cursor, waiting) {
      const [, at] = await run(markSignals, signalKeys(space, channel), [reader, cursor, markMs], waiting)
      return Number(at)
    },

    async channels(space, limit, waiting) {
      const [, rows] = await run(listChannels, signalKeys(space, ''), [limit, key(space, 'h:'), key(space, 'x:')], waiting)
      return (rows as readonly (readonly unknown[])[]).map(([channel, signals, newest, ends]) => ({
        channel: String(channel),
        signals: Number(signals),
        newest: Number(newest),
        expiresAt: Number(ends),
      }))
    },

    watch: (topic, changed) => news.watch(topic, changed),

    async version(waiting) {
      const [server, memory, replication] = await Promise.all(
        ['server', 'memory', 'replication'].map((section) => link.command((client: Redis) => client.info(section), waiting)),
      )
      const valkey = fieldOf(server, 'valkey_version')
      const version = valkey === undefined ? `Redis ${fieldOf(server, 'redis_version') ?? 'of an unknown version'}` : `Valkey ${valkey}`
      const policy = fieldOf(memory, 'maxmemory_policy')
      if (fieldOf(replication, 'role') === 'slave') return { version, degraded: 'this Redis is a read-only replica: nothing can be written' }
      if (policy !== undefined && policy !== 'noeviction' && fieldOf(memory, 'maxmemory') !== '0') {
        return { version, degraded: `this Redis throws memory away when it is full (maxmemory-policy ${policy}); noeviction would refuse instead` }
      }
      return { version }
    },

    async close() {
      await Promise.all([link.close(), news.close()])
    },
  }
}

const fieldOf = (info: string | undefined, name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info ?? '')?.[1]
