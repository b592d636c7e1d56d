import type { Source } from '../../contract/flow.ts'
import { isObject, type JsonObject } from '../../contract/json.ts'
import { pollCandles } from './polling.ts'
import type { Streams, Watchable } from './streams.ts'
import type { Venues } from './venues.ts'
import { watchSource } from './watching.ts'

/** What a flow reads: streams of one exchange, or candles of several, asked for again and again. Throws HUB_ARGS_INVALID for an exchange that this connector does not have. */
export function sourceOf(spec: JsonObject, venues: Venues, streams: Streams): Source {
  const { candles } = spec
  if (isObject(candles)) {
    const exchanges = Array.isArray(candles['exchanges']) ? candles['exchanges'].map(String) : venues.all.map(({ id }) => id)
    for (const id of exchanges) venues.get(id)
    return pollCandles(venues, {
      exchanges,
      symbols: (candles['symbols'] as readonly string[]).map(String),
      timeframe: String(candles['timeframe'] ?? '1m'),
      every: String(candles['every'] ?? '5s'),
      ...(candles['since'] !== undefined && { since: String(candles['since']) }),
    })
  }
  const exchange = venues.get(String(spec['exchange'])).id
  return watchSource(venues, streams, {
    exchange,
    watch: spec['watch'] as Watchable,
    symbols: (spec['symbols'] as readonly string[]).map(String),
    timeframe: String(spec['timeframe'] ?? '1m'),
    depth: Number(spec['depth'] ?? 25),
  })
}
