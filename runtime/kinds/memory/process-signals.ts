import type { Bounds } from './config.ts'
import { processBytes, type Usage } from './process-usage.ts'
import { markMs, type Channel, type Full, type NewSignal, type Signal, type SignalPage, type SignalsWanted } from './store.ts'

interface Backlog {
  signals: readonly Signal[]
  bytes: number
  /** The newest that gave way to others. */
  dropped: number
  newest: number
  expiresAt: number
}

/** The channels of one space. */
export interface ProcessChannels {
  readonly channels: Map<string, Backlog>
  /** By channel and reader. */
  readonly marks: Map<string, { readonly cursor: number; readonly expiresAt: number }>
  /** The newest signal of all channels. */
  newest: number
}

const mostMarks = 10_000
const sizeOf = ({ json }: Signal): number => Buffer.byteLength(json)
const markName = (channel: string, reader: string): string => JSON.stringify([channel, reader])

function forget(here: ProcessChannels, usage: Usage, now: number): void {
  for (const [name, backlog] of here.channels) {
    if (backlog.expiresAt > now) continue
    usage.bytes -= backlog.bytes
    here.channels.delete(name)
  }
}

/** Adds a signal; what is over, and the oldest where there is no room, gives way. */
export function publishTo(
  here: ProcessChannels,
  { channel, json, by, ttlMs }: NewSignal,
  bounds: Bounds,
  usage: Usage,
  now: number,
): { readonly type: 'done'; readonly signal: Signal } | Full {
  forget(here, usage, now)
  const old = here.channels.get(channel)
  if (old === undefined && here.channels.size >= bounds.channels) return { type: 'full', by: 'channels', keys: here.channels.size, bytes: 0 }
  let signals = (old?.signals ?? []).filter(({ expiresAt }) => expiresAt > now)
  let kept = signals.reduce((sum, one) => sum + sizeOf(one), 0)
  let dropped = old?.dropped ?? 0
  const bytes = Buffer.byteLength(json)
  while (signals.length > 0 && (signals.length + 1 > bounds.signals || kept + bytes > bounds.backlogBytes)) {
    const [oldest, ...rest] = signals as [Signal, ...Signal[]]
    kept -= sizeOf(oldest)
    dropped = oldest.id
    signals = rest
  }
  const total = usage.bytes - (old?.bytes ?? 0) + kept + bytes
  if (total > processBytes) return { type: 'full', by: 'process', keys: here.channels.size, bytes: usage.bytes }
  usage.bytes = total
  here.newest += 1
  const signal: Signal = { id: here.newest, json, by, publishedAt: now, expiresAt: now + ttlMs }
  here.channels.set(channel, {
    signals: [...signals, signal],
    bytes: kept + bytes,
    dropped,
    newest: signal.id,
    expiresAt: Math.max(old?.expiresAt ?? 0, signal.expiresAt),
  })
  return { type: 'done', signal }
}

/** Signals of one channel. */
export function readFrom(here: ProcessChannels, channel: string, wanted: SignalsWanted, now: number): SignalPage {
  const cursor = cursorOf(here, channel, wanted, now)
  const backlog = here.channels.get(channel)
  if (backlog === undefined || backlog.expiresAt <= now) return { signals: [], more: false, cursor, missed: false }
  const isNewest = wanted.type === 'newest'
  const living = backlog.signals.filter(({ id, expiresAt }) => expiresAt > now && (isNewest || id > cursor))
  const signals: Signal[] = []
  let bytes = 0
  for (const one of isNewest ? living.toReversed() : living) {
    bytes += sizeOf(one)
    if (signals.length === wanted.limit || (signals.length > 0 && bytes > wanted.bytes)) break
    signals.push(one)
  }
  const more = signals.length < living.length
  if (isNewest) signals.reverse()
  const cut = more && !isNewest ? signals.at(-1)?.id : undefined
  return { signals, more, cursor: cut ?? Math.max(backlog.newest, cursor), missed: !isNewest && cursor > 0 && cursor < backlog.dropped }
}

function cursorOf(here: ProcessChannels, channel: string, wanted: SignalsWanted, now: number): number {
  if (wanted.type === 'after') return wanted.cursor
  return wanted.type === 'unread' ? markOf(here, channel, wanted.reader, now) : 0
}

function markOf(here: ProcessChannels, channel: string, reader: string, now: number): number {
  const mark = here.marks.get(markName(channel, reader))
  return mark === undefined || mark.expiresAt <= now ? 0 : mark.cursor
}

/** Sets a reader's mark; the one that was set longest ago gives way where there are too many. */
export function markIn(here: ProcessChannels, channel: string, reader: string, cursor: number, now: number): number {
  const name = markName(channel, reader)
  const at = Math.max(markOf(here, channel, reader, now), Math.min(cursor, here.newest))
  here.marks.delete(name)
  const [oldest] = here.marks.keys()
  if (here.marks.size >= mostMarks && oldest !== undefined) here.marks.delete(oldest)
  here.marks.set(name, { cursor: at, expiresAt: now + markMs })
  return at
}

/** Channels with signals, those whose signals live longest first. */
export function channelsOf(here: ProcessChannels, limit: number, now: number): readonly Channel[] {
  return [...here.channels]
    .filter(([, { expiresAt }]) => expiresAt > now)
    .map(([channel, { signals, newest, expiresAt }]) => ({ channel, signals: signals.filter((one) => one.expiresAt > now).length, newest, expiresAt }))
    .toSorted((left, right) => right.expiresAt - left.expiresAt || Buffer.compare(Buffer.from(right.channel), Buffer.from(left.channel)))
    .slice(0, limit)
}
