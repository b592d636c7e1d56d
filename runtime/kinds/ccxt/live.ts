import type { Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { LiveResources } from '../../contract/live.ts'
import { methods, type Method } from './methods.ts'
import { read, shapeReading } from './reading.ts'
import type { Streams, StreamSpec } from './streams.ts'
import type { Venues } from './venues.ts'

/** What has an address, the method that asks for it, and what a model is told of it. */
const parts = {
  ticker: { method: 'fetchTicker', name: 'Ticker', description: 'The latest price of one market with bid, ask and the last day; subscribe to follow it.' },
  orderbook: { method: 'fetchOrderBook', name: 'Order book', description: 'The best 25 prices on both sides of one market; subscribe to follow them.' },
  trades: { method: 'fetchTrades', name: 'Trades', description: 'The latest trades of one market, oldest first; subscribe to follow them.' },
} as const
type Part = keyof typeof parts

const depth = 25
const tradesAtMost = 100

/** The resources of a connector: prices by address, followed over one WebSocket for all who watch. */
export function liveResources(connector: string, venues: Venues, streams: Streams): LiveResources {
  // An underscore is no part of a URI's scheme.
  const scheme = connector.replaceAll('_', '-')
  const recent = new Map<string, readonly unknown[]>()

  function specOf(uri: string): StreamSpec & { readonly watch: Part } {
    const [, named, exchange, part, symbol] = /^([a-z][a-z0-9+.-]*):\/\/([a-z0-9]+)\/([a-z]+)\/([^/?#]+)$/.exec(uri) ?? []
    if (named !== scheme || part === undefined || !(part in parts) || !venues.has(exchange ?? '')) throw unknown(scheme, uri)
    try {
      return { exchange: exchange as string, watch: part as Part, symbols: [decodeURIComponent(symbol as string)] }
    } catch {
      throw unknown(scheme, uri)
    }
  }

  async function readOne(uri: string, run: Run): Promise<readonly JsonObject[]> {
    const spec = specOf(uri)
    const { method } = parts[spec.watch]
    const [symbol = ''] = spec.symbols
    const asked = { symbol, params: {}, ...(spec.watch === 'orderbook' && { limit: depth }), ...(spec.watch === 'trades' && { limit: tradesAtMost }) }
    const streamed = spec.watch === 'trades' ? recent.get(uri) : streams.latest(spec)
    const { data } =
      streamed === undefined
        ? await read(venues, venues.get(spec.exchange), method, asked, { rows: tradesAtMost }, run)
        : shapeReading(spec.exchange, methods[method] as Method, asked, streamed, [], tradesAtMost)
    return [{ uri, mimeType: 'application/json', text: JSON.stringify({ ...data, symbol }) }]
  }

  return {
    templates: Object.entries(parts).map(([part, { name, description }]) => ({
      uriTemplate: `${scheme}://{exchange}/${part}/{symbol}`,
      name,
      description: `${description} exchange is one of ${venues.all.map(({ id }) => id).join(', ')}; symbol is percent-encoded: BTC%2FUSDT.`,
      mimeType: 'application/json',
    })),
    read: readOne,
    async watch(uri, _principal, changed) {
      const spec = specOf(uri)
      const onValue = (value: unknown): void => {
        // A stream tells the new trades only; who reads wants the last ones.
        if (spec.watch === 'trades') recent.set(uri, [...(recent.get(uri) ?? []), ...(value as readonly unknown[])].slice(-tradesAtMost))
        changed()
      }
      const stop = await streams.follow(spec, { onValue, onGap: () => recent.delete(uri), onEnd: changed }, venues.get(spec.exchange).closing)
      return () => {
        recent.delete(uri)
        stop()
      }
    },
  }
}

function unknown(scheme: string, uri: string): HubError {
  return new HubError(
    'HUB_RESOURCE_UNKNOWN',
    `there is no ${uri.slice(0, 200)}; addresses are ${scheme}://{exchange}/ticker/{symbol}, …/orderbook/… and …/trades/…`,
  )
}
