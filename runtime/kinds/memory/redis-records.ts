import { epochShift } from './scripts-history.ts'
import type { Analysis, Entry, Full, Signal } from './store.ts'

/** A value of state as scripts write it: version, updated, created, end or 0, JSON, with a space between. */
export function entryOf(record: string): Entry {
  const first = record.indexOf(' ')
  const second = record.indexOf(' ', first + 1)
  const third = record.indexOf(' ', second + 1)
  const fourth = record.indexOf(' ', third + 1)
  return {
    version: Number(record.slice(0, first)),
    updatedAt: Number(record.slice(first + 1, second)),
    createdAt: Number(record.slice(second + 1, third)),
    expiresAt: Number(record.slice(third + 1, fourth)) || undefined,
    json: record.slice(fourth + 1),
  }
}

/** An analysis as scripts write it: eight fields with NUL between them, JSON last. */
export function analysisOf([id, record]: readonly [string, string]): Analysis {
  const [at, recordedAt, expiresAt, symbol = '', timeframe = '', kind = '', by = '', , json = ''] = record.split('\0')
  return { id: Number(id), at: Number(at) - epochShift, recordedAt: Number(recordedAt), expiresAt: Number(expiresAt), symbol, timeframe, kind, by, json }
}

/** Where in the index a time is, or one analysis of that time. */
export function placeOf(at: number, id?: number): string {
  const wide = (value: number): string => String(value).padStart(16, '0')
  return wide(at + epochShift) + (id === undefined ? '' : wide(id))
}

/** A signal as the script answers it: id, JSON, writer, published, end. */
export type SignalReply = readonly [string, string, string, string, string]

/** A signal as it is handed on. */
export const signalOf = ([id, json, by, publishedAt, expiresAt]: SignalReply): Signal => ({
  id: Number(id),
  json,
  by,
  publishedAt: Number(publishedAt),
  expiresAt: Number(expiresAt),
})

/** Which bound a script met. */
export const fullOf = (by: unknown, keys: unknown, bytes: unknown): Full => ({ type: 'full', by: by as Full['by'], keys: Number(keys), bytes: Number(bytes) })
