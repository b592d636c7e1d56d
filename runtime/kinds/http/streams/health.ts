import type { Health } from '../../../contract/health.ts'
import type { ConnectionState } from './connection.ts'
import type { Stream } from './stream.ts'

/** How a connection stands, in words. */
export function connectionWords(state: ConnectionState): string {
  switch (state.type) {
    case 'idle':
      return 'it is not connected, since nobody wants it'
    case 'connecting':
      return 'it is being connected'
    case 'up':
      return `it is connected since ${iso(state.since)}`
    case 'waiting':
      return `it has no connection (${state.ending.words}); the next attempt is ${attemptWords(state.until)}`
    case 'denied':
      return `it is stopped: ${state.ending.words}`
  }
}

const attemptWords = (until: number): string => {
  const seconds = Math.ceil((until - Date.now()) / 1_000)
  return seconds > 0 ? `in ${seconds} s` : 'now'
}

/** How the streams of a connector stand; undefined where nobody wants any of them. */
export function streamsHealth(streams: Iterable<Stream>): Health | undefined {
  const found = [...streams].filter(({ connection }) => connection.type !== 'idle')
  if (found.length === 0) return undefined
  const isWell = found.every(({ connection }) => connection.type === 'up' || connection.type === 'connecting')
  return { state: isWell ? 'up' : 'degraded', detail: found.map(wordsOf).join('; ') }
}

function wordsOf({ settings, connection, lastRowAt, keys }: Stream): string {
  const last = lastRowAt === undefined ? 'no row came yet' : `the last row came at ${iso(lastRowAt)}`
  const rest = connection.type === 'up' ? `, ${keys.length} ${keys.length === 1 ? 'key' : 'keys'}, ${last}` : ''
  return `stream ${settings.name}: ${connectionWords(connection)}${rest}`
}

const iso = (ms: number): string => new Date(ms).toISOString()
