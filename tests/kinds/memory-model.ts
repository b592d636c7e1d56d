import type { Bounds } from '../../runtime/kinds/memory/config.ts'
import type { AnalysisQuery, SignalsWanted, Write } from '../../runtime/kinds/memory/store.ts'

interface Kept {
  readonly key: string
  readonly json: string
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly expiresAt: number | undefined
}
interface Analysed {
  readonly id: number
  readonly at: number
  readonly symbol: string
  readonly timeframe: string
  readonly kind: string
  readonly json: string
  readonly by: string
  readonly recordedAt: number
  readonly expiresAt: number
}
interface Sent {
  readonly channel: string
  readonly id: number
  readonly json: string
  readonly by: string
  readonly publishedAt: number
  readonly expiresAt: number
}

const size = (text: string): number => new TextEncoder().encode(text).length
const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right))
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** What one space of memory must do, written down as plainly as possible: lists, and nothing that is over is in them. */
export class Model {
  readonly #bounds: Bounds
  #state: Kept[] = []
  #analyses: Analysed[] = []
  #signals: Sent[] = []
  readonly #ends = new Map<string, number>()
  readonly #dropped = new Map<string, number>()
  readonly #newest = new Map<string, number>()
  readonly #marks = new Map<string, number>()
  #version = 0
  #analysis = 0
  #signal = 0

  constructor(bounds: Bounds) {
    this.#bounds = bounds
  }

  #forget(now: number): void {
    this.#state = this.#state.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
    this.#analyses = this.#analyses.filter(({ expiresAt }) => expiresAt > now)
    this.#signals = this.#signals.filter(({ expiresAt }) => expiresAt > now)
    for (const [channel, end] of this.#ends) if (end <= now) for (const map of [this.#ends, this.#dropped, this.#newest]) map.delete(channel)
  }

  get(now: number, key: string): object | undefined {
    this.#forget(now)
    const found = this.#state.find((one) => one.key === key)
    if (!found) return undefined
    const { key: _key, ...entry } = found
    return entry
  }

  set(now: number, { key, json, ttlMs, ifVersion }: Omit<Write, 'topic'>): object {
    this.#forget(now)
    const old = this.#state.find((one) => one.key === key)
    if (ifVersion !== undefined && ifVersion !== (old?.version ?? 0)) return { type: 'conflict', version: old?.version ?? 0 }
    const others = this.#state.filter((one) => one !== old)
    const bytes = sum(this.#state.map((one) => size(one.key) + size(one.json)))
    const after = sum(others.map((one) => size(one.key) + size(one.json))) + size(key) + size(json)
    const full = { type: 'full', keys: this.#state.length, bytes }
    if (!old && this.#state.length >= this.#bounds.keys) return { ...full, by: 'keys' }
    if (after > bytes && after > this.#bounds.bytes) return { ...full, by: 'bytes' }
    const expiresAt = ttlMs === 'keep' ? old?.expiresAt : ttlMs === undefined ? undefined : now + ttlMs
    this.#version += 1
    this.#state = [...others, { key, json, version: this.#version, createdAt: old?.createdAt ?? now, updatedAt: now, expiresAt }]
    return { type: 'done', version: this.#version, updatedAt: now, expiresAt }
  }

  delete(now: number, key: string, ifVersion: number | undefined): object {
    this.#forget(now)
    const old = this.#state.find((one) => one.key === key)
    const version = old?.version ?? 0
    const deleted = version > 0 && (ifVersion === undefined || ifVersion === version)
    if (deleted) this.#state = this.#state.filter((one) => one !== old)
    return { version, deleted }
  }

  list(now: number, prefix: string, after: string | undefined, limit: number): object {
    this.#forget(now)
    const found = this.#state
      .filter(({ key }) => key.startsWith(prefix) && (after === undefined || byBytes(key, after) > 0))
      .toSorted((left, right) => byBytes(left.key, right.key))
      .map(({ json, ...one }) => ({ ...one, bytes: size(one.key) + size(json) }))
    return {
      entries: found.slice(0, limit),
      more: found.length > limit,
      keys: this.#state.length,
      bytes: sum(this.#state.map(({ key, json }) => size(key) + size(json))),
    }
  }

  append(now: number, given: { symbol: string; timeframe: string; kind: string; json: string; by: string; at: number | undefined }): object {
    this.#forget(now)
    let dropped = 0
    const isFull = (): boolean =>
      this.#analyses.length + 1 > this.#bounds.analyses || sum(this.#analyses.map(({ json }) => size(json))) + size(given.json) > this.#bounds.bytes
    while (this.#analyses.length > 0 && isFull()) {
      this.#analyses = this.#analyses.slice(1)
      dropped += 1
    }
    this.#analysis += 1
    const analysis = { ...given, id: this.#analysis, at: given.at ?? now, recordedAt: now, expiresAt: now + this.#bounds.retentionMs }
    this.#analyses = [...this.#analyses, analysis]
    return { analysis, dropped }
  }

  query(now: number, { symbol, timeframe, kind, from, to, after, limit, bytes }: AnalysisQuery): object {
    this.#forget(now)
    const fits = this.#analyses
      .filter((one) => (symbol ?? one.symbol) === one.symbol && (timeframe ?? one.timeframe) === one.timeframe && (kind ?? one.kind) === one.kind)
      .filter((one) => (from ?? -Infinity) <= one.at && one.at < (to ?? Infinity))
      .toSorted((left, right) => right.at - left.at || right.id - left.id)
      .filter((one) => !after || one.at < after.at || (one.at === after.at && one.id < after.id))
    const kept = firstOf(fits, limit, bytes)
    return { analyses: kept, more: kept.length < fits.length }
  }

  publish(now: number, channel: string, json: string, by: string, ttlMs: number): object {
    this.#forget(now)
    if (!this.#ends.has(channel) && this.#ends.size >= this.#bounds.channels) return { type: 'full', by: 'channels', keys: this.#ends.size, bytes: 0 }
    const here = (): Sent[] => this.#signals.filter((one) => one.channel === channel)
    const isFull = (): boolean => here().length + 1 > this.#bounds.signals || sum(here().map((one) => size(one.json))) + size(json) > this.#bounds.backlogBytes
    while (here().length > 0 && isFull()) {
      const [oldest] = here() as [Sent]
      this.#signals = this.#signals.filter((one) => one !== oldest)
      this.#dropped.set(channel, oldest.id)
    }
    this.#signal += 1
    const signal = { id: this.#signal, json, by, publishedAt: now, expiresAt: now + ttlMs }
    this.#signals = [...this.#signals, { channel, ...signal }]
    this.#ends.set(channel, Math.max(this.#ends.get(channel) ?? 0, signal.expiresAt))
    this.#newest.set(channel, signal.id)
    return { type: 'done', signal }
  }

  read(now: number, channel: string, wanted: SignalsWanted): object {
    this.#forget(now)
    const since = wanted.type === 'after' ? wanted.cursor : wanted.type === 'unread' ? (this.#marks.get(`${channel} ${wanted.reader}`) ?? 0) : 0
    const behind = this.#signals.filter((one) => one.channel === channel && one.id > since).map(({ channel: _channel, ...signal }) => signal)
    const isNewest = wanted.type === 'newest'
    const kept = firstOf(isNewest ? behind.toReversed() : behind, wanted.limit, wanted.bytes)
    const signals = isNewest ? kept.toReversed() : kept
    const more = kept.length < behind.length
    const last = Math.max(this.#newest.get(channel) ?? 0, since)
    return { signals, more, cursor: more && !isNewest ? signals.at(-1)?.id : last, missed: since > 0 && since < (this.#dropped.get(channel) ?? 0) }
  }

  mark(channel: string, reader: string, cursor: number): number {
    const at = Math.max(this.#marks.get(`${channel} ${reader}`) ?? 0, Math.min(cursor, this.#signal))
    this.#marks.set(`${channel} ${reader}`, at)
    return at
  }

  channels(now: number, limit: number): readonly object[] {
    this.#forget(now)
    return [...this.#ends]
      .toSorted((left, right) => right[1] - left[1] || byBytes(right[0], left[0]))
      .slice(0, limit)
      .map(([channel, expiresAt]) => ({
        channel,
        signals: this.#signals.filter((one) => one.channel === channel).length,
        newest: this.#newest.get(channel),
        expiresAt,
      }))
  }
}

function firstOf<One extends { readonly json: string }>(all: readonly One[], limit: number, bytes: number): readonly One[] {
  let count = Math.min(limit, all.length)
  while (count > 1 && sum(all.slice(0, count).map(({ json }) => size(json))) > bytes) count -= 1
  return all.slice(0, count)
}
