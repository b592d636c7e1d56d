import type { Answer } from '../../contract/answer.ts'
import type { Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { parseJson, type Json } from '../../contract/json.ts'
import type { ToolPolicy } from '../../contract/tool.ts'
import { fitting, notesOf, type Asked, type Memory } from './asked.ts'
import { checkKey, topicOf, type Space } from './names.ts'
import { mergePatch } from './patch.ts'
import type { Entry, Full, Written } from './store.ts'
import { iso, textOf, ttlOf } from './values.ts'

const mostMerges = 100
const longestPauseMs = 50

/** The time of an entry's end as an answer tells it. */
const ending = (expiresAt: number | undefined): { readonly expiresAt?: string } => (expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) })

/** One entry as answers tell it. */
export function told(namespace: string, key: string, entry: Entry | undefined): { readonly [name: string]: Json } {
  if (entry === undefined) return { namespace, key, found: false }
  const { json, version, createdAt, updatedAt, expiresAt } = entry
  return { namespace, key, found: true, value: parseJson(json), version, createdAt: iso(createdAt), updatedAt: iso(updatedAt), ...ending(expiresAt) }
}

/** get_state. */
export async function get(memory: Memory, asked: Asked, run: Run, { result }: ToolPolicy): Promise<Answer> {
  const { namespace, space } = asked.place(run, memory.settings)
  const key = checkKey(asked.text('key'))
  const entry = await memory.store.get(space, key, run)
  if (entry !== undefined && entry.json.length > result.bytes) {
    throw new HubError(
      'HUB_LIMITED',
      `the value under this key has ${entry.json.length} characters, more than the ${result.bytes} bytes this tool answers; get_state answers more, or keep it under several keys`,
      {
        characters: entry.json.length,
        most: result.bytes,
      },
    )
  }
  return { type: 'data', data: told(namespace, key, entry) }
}

/** set_state. */
export async function set(memory: Memory, asked: Asked, run: Run): Promise<Answer> {
  const { store, settings } = memory
  const { namespace, space } = asked.place(run, settings)
  const key = checkKey(asked.text('key'))
  const json = textOf(asked.value('value'), 'value', settings.bounds.valueBytes)
  const ttl = asked.optional('ttl')
  const ttlMs = ttl === undefined ? settings.stateTtlMs : ttlOf(ttl)
  const written = await store.set(space, { key, json, ttlMs, ifVersion: asked.version(), topic: topicOf(settings.prefix, 'state', space, key) }, run)
  return answerOf(memory, namespace, key, written)
}

/** merge_state. */
export async function merge(memory: Memory, asked: Asked, run: Run): Promise<Answer> {
  const { settings } = memory
  const { namespace, space } = asked.place(run, settings)
  const key = checkKey(asked.text('key'))
  const patch = asked.value('patch')
  textOf(patch, 'patch', settings.bounds.valueBytes)
  const ttl = asked.optional('ttl')
  const written = await mergeOver(memory, { space, key, patch, ttlMs: ttl === undefined ? undefined : ttlOf(ttl), ifVersion: asked.version() }, run)
  return answerOf(memory, namespace, key, written)
}

interface Merge {
  readonly space: Space
  readonly key: string
  readonly patch: Json
  readonly ttlMs: number | undefined
  readonly ifVersion: number | undefined
}

/** Merges over the version it read, and again when another was faster. */
async function mergeOver({ store, settings }: Memory, { space, key, patch, ttlMs, ifVersion }: Merge, run: Run): Promise<Written> {
  const topic = topicOf(settings.prefix, 'state', space, key)
  for (let attempt = 1; attempt <= mostMerges; attempt += 1) {
    const entry = await store.get(space, key, run)
    const version = entry?.version ?? 0
    if (ifVersion !== undefined && ifVersion !== version) return { type: 'conflict', version }
    const json = textOf(mergePatch(entry && parseJson(entry.json), patch), 'value', settings.bounds.valueBytes)
    const written = await store.set(space, { key, json, ttlMs: ttlMs ?? (entry ? 'keep' : settings.stateTtlMs), ifVersion: version, topic }, run)
    if (written.type !== 'conflict' || ifVersion !== undefined) return written
    await pause(Math.random() * Math.min(attempt * 2, longestPauseMs))
  }
  throw new HubError('HUB_LIMITED', `too many write this key at the same time; nothing was changed in ${mostMerges} attempts`, { retryAfterMs: 1_000 })
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function answerOf(memory: Memory, namespace: string, key: string, written: Written): Answer {
  if (written.type === 'conflict') throw conflict(written.version)
  if (written.type === 'full') throw fullError(written, memory)
  const { version, updatedAt, expiresAt } = written
  return { type: 'data', data: { namespace, key, version, updatedAt: iso(updatedAt), ...ending(expiresAt) }, ...notesOf(memory) }
}

function conflict(version: number): HubError {
  const there = version === 0 ? 'nothing is under this key now' : `version ${version} is under this key now`
  return new HubError('HUB_ARGS_INVALID', `nothing was changed: ${there}, not the one in ifVersion; get_state it again, and decide again`, { version })
}

/** A bound that was met, with what to do. */
export function fullError({ by, keys, bytes }: Full, { settings }: Memory): HubError {
  const { bounds } = settings
  if (by === 'keys') {
    return new HubError(
      'HUB_LIMITED',
      `this namespace is full: ${keys} of ${bounds.keys} keys; delete_state keys that are no longer needed (list_state names them), or write with a ttl`,
      {
        keys,
        maxKeys: bounds.keys,
      },
    )
  }
  if (by === 'bytes') {
    return new HubError(
      'HUB_LIMITED',
      `this namespace is full: ${bytes} of ${bounds.bytes} bytes; delete_state the largest keys that are no longer needed (list_state names them with their sizes), or write less`,
      { bytes, maxBytes: bounds.bytes },
    )
  }
  if (by === 'channels') {
    return new HubError(
      'HUB_LIMITED',
      `${keys} of ${bounds.channels} channels have signals; use one of them (list_channels names them), or wait until signals of another are forgotten`,
      {
        channels: keys,
        maxChannels: bounds.channels,
      },
    )
  }
  return new HubError(
    'HUB_LIMITED',
    `the memory of the hub’s process is full (${bytes} bytes over all agents); delete_state what is no longer needed, or its operator sets a store`,
    { bytes },
  )
}

/** delete_state. */
export async function remove(memory: Memory, asked: Asked, run: Run): Promise<Answer> {
  const { namespace, space } = asked.place(run, memory.settings)
  const key = checkKey(asked.text('key'))
  const ifVersion = asked.version()
  const { version, deleted } = await memory.store.delete(space, key, ifVersion, topicOf(memory.settings.prefix, 'state', space, key), run)
  if (!deleted && ifVersion !== undefined && ifVersion !== version) throw conflict(version)
  return { type: 'data', data: { namespace, key, deleted } }
}

/** list_state. */
export async function list(memory: Memory, asked: Asked, run: Run, { result }: ToolPolicy): Promise<Answer> {
  const { store, settings } = memory
  const { namespace, space } = asked.place(run, settings)
  const prefix = asked.optional('prefix')
  const after = asked.optional('after')
  if (prefix !== undefined) checkKey(prefix, 'prefix')
  if (after !== undefined) checkKey(after, 'after')
  const page = await store.list(space, prefix ?? '', after, asked.limit(result.rows, 100), run)
  const rows = fitting(
    page.entries.map(({ key, version, bytes, createdAt, updatedAt, expiresAt }) => ({
      key,
      version,
      bytes,
      createdAt: iso(createdAt),
      updatedAt: iso(updatedAt),
      ...ending(expiresAt),
    })),
    result.bytes,
  )
  const { bounds } = settings
  const isCut = page.more || rows.length < page.entries.length
  const usage = { keys: page.keys, maxKeys: bounds.keys, bytes: page.bytes, maxBytes: bounds.bytes }
  const nothing = prefix === undefined ? `nothing is kept in ${namespace}` : `no key in ${namespace} begins like this`
  return {
    type: 'data',
    data: { rows, ...(isCut && { next: (rows.at(-1) as { readonly key: string }).key }), usage },
    ...(rows.length === 0 && { notes: [nothing] }),
  }
}
