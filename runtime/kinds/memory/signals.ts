import type { Answer } from '../../contract/answer.ts'
import type { Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { parseJson, type Json } from '../../contract/json.ts'
import type { ToolPolicy } from '../../contract/tool.ts'
import { fitting, notesOf, type Asked, type Memory } from './asked.ts'
import { checkChannel, readerOf, signalSpace, signalSpaces, topicOf, writerOf } from './names.ts'
import { fullError } from './state.ts'
import type { Signal, SignalPage, SignalsWanted } from './store.ts'
import { cursorOf, iso, textOf, ttlOf } from './values.ts'

type Row = { readonly [name: string]: Json }

function told({ id, json, by, publishedAt, expiresAt }: Signal): Row {
  return { cursor: String(id), body: parseJson(json), by, publishedAt: iso(publishedAt), expiresAt: iso(expiresAt) }
}

/** publish_signal. */
export async function publish(memory: Memory, asked: Asked, run: Run): Promise<Answer> {
  const { store, settings } = memory
  const channel = checkChannel(asked.text('channel'))
  const json = textOf(asked.value('body'), 'body', settings.bounds.valueBytes)
  const ttl = asked.optional('ttl')
  const space = signalSpace(channel, run.principal)
  const ttlMs = ttl === undefined ? settings.signalTtlMs : ttlOf(ttl)
  const published = await store.publish(
    space,
    { channel, json, by: writerOf(run.principal), ttlMs, topic: topicOf(settings.prefix, 'signals', space, channel) },
    run,
  )
  if (published.type === 'full') throw fullError(published, memory)
  const { id, publishedAt, expiresAt } = published.signal
  return { type: 'data', data: { channel, cursor: String(id), publishedAt: iso(publishedAt), expiresAt: iso(expiresAt) }, ...notesOf(memory) }
}

/** read_signals. */
export async function read(memory: Memory, asked: Asked, run: Run, { result }: ToolPolicy): Promise<Answer> {
  const channel = checkChannel(asked.text('channel'))
  const after = asked.optional('after')
  const isUnread = asked.flag('unread')
  if (after !== undefined && isUnread)
    throw new HubError('HUB_ARGS_INVALID', 'after and unread do not go together: after is a cursor of yours, unread goes by your mark')
  const bounds = { limit: asked.limit(result.rows, 50), bytes: result.bytes }
  const wanted: SignalsWanted =
    after !== undefined
      ? { type: 'after', cursor: cursorOf(after), ...bounds }
      : isUnread
        ? { type: 'unread', reader: readerOf(run.principal), ...bounds }
        : { type: 'newest', ...bounds }
  const page = await memory.store.read(signalSpace(channel, run.principal), channel, wanted, run)
  const notes = page.missed
    ? ['signals after this cursor gave way to newer ones before they were read']
    : page.signals.length === 0
      ? ['there is no such signal now']
      : []
  return { type: 'data', data: pageTold(page, wanted.type === 'newest', result.bytes), ...(notes.length > 0 && { notes }) }
}

/** A page of signals as answers tell it, in so many bytes: the newest are cut at their old end, others at their new one. */
export function pageTold({ signals, more, cursor, missed }: SignalPage, isNewest: boolean, mostBytes: number): Row {
  const all = signals.map(told)
  const kept = isNewest ? fitting(all.toReversed(), mostBytes).toReversed() : fitting(all, mostBytes)
  const isCut = kept.length < all.length
  const next = isCut && !isNewest ? String((kept.at(-1) as Row)['cursor']) : String(cursor)
  return { rows: kept, next, more: more || isCut, missed }
}

/** mark_signals_read. */
export async function mark({ store }: Memory, asked: Asked, run: Run): Promise<Answer> {
  const channel = checkChannel(asked.text('channel'))
  const at = await store.mark(signalSpace(channel, run.principal), channel, readerOf(run.principal), cursorOf(asked.text('cursor')), run)
  return { type: 'data', data: { channel, cursor: String(at) } }
}

/** list_channels. */
export async function channels({ store }: Memory, asked: Asked, run: Run, { result }: ToolPolicy): Promise<Answer> {
  const limit = asked.limit(result.rows, 100)
  const found = await Promise.all(signalSpaces(run.principal).map((space) => store.channels(space, limit, run)))
  const rows = found
    .flat()
    .slice(0, limit)
    .map(({ channel, signals, newest, expiresAt }) => ({ channel, signals, newest: String(newest), expiresAt: iso(expiresAt) }))
  return { type: 'data', data: { rows: fitting(rows, result.bytes) }, ...(rows.length === 0 && { notes: ['no channel has signals now'] }) }
}
