import { createSecrets } from '../../runtime/guards/content.ts'
import { createEgress } from '../../runtime/guards/egress.ts'
import type { Answer } from '../../runtime/contract/answer.ts'
import type { Args } from '../../runtime/contract/call.ts'
import type { Json, JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { ccxt } from '../../runtime/kinds/ccxt/kind.ts'
import { used } from '../components/used.ts'
import { binanceKey } from '../fixtures/exchanges/binance.ts'
import { krakenKey } from '../fixtures/exchanges/kraken.ts'
import { startExchanges, type Exchanges } from '../fixtures/exchanges/server.ts'
import { tool } from '../fixtures/plan.ts'
import { lend, runWith, type Lent } from './lent.ts'

/** A connector of kind ccxt over exchanges on loopback. */
export interface TestExchanges extends Exchanges {
  readonly connector: Connector
  readonly lent: Lent
  /** Calls a standard tool, or one of an operation. */
  call(what: string | JsonObject, args?: Args, run?: ReturnType<typeof runWith>, over?: Parameters<typeof tool>[2]): Promise<Data>
  /** Opens another connector over the same exchanges. */
  another(over?: JsonObject): Promise<Connector>
  end(): Promise<void>
}
/** An answer of data. */
export type Data = Extract<Answer, { type: 'data' }> & { readonly data: JsonObject }

/** The real guard, loopback let through. */
export function lendExchanges(over: Partial<Lent> = {}): Lent & { close(): Promise<void> } {
  const egress = createEgress({ allow: ['127.0.0.1'] })
  const secrets = createSecrets()
  const kept = new Map<string, Json>()
  const store = {
    get: async (key: string) => kept.get(key),
    set: async (key: string, value: Json) => void kept.set(key, value),
    delete: async (key: string) => void kept.delete(key),
  }
  return { ...lend('exchanges'), egress, secrets, store, ...over, close: () => egress.close() }
}

const secret = (value: string): JsonObject => new Secret(value, 'env:TEST') as unknown as JsonObject
const quick = { backoff: { base: 1, factor: 1 }, cost: 0 }

/** The config of both exchanges, where they listen, as fast as they may be asked. */
export function configOf(url: string, over: JsonObject = {}): JsonObject {
  return {
    exchanges: ['kraken', 'binance'],
    credentials: {
      kraken: { apiKey: secret(krakenKey.apiKey), secret: secret(krakenKey.secret) },
      binance: { apiKey: secret(binanceKey.apiKey), secret: secret(binanceKey.secret) },
    },
    venues: {
      kraken: { urls: url, rateLimit: '0ms', options: { ws: quick } },
      binance: { urls: url, rateLimit: '0ms', options: { ws: quick, watchTickers: { name: 'ticker' }, fetchMarkets: { types: ['spot', 'linear'] } } },
    },
    account: true,
    ...over,
  }
}

/** The spec of a standard tool, as the compiler would make it. */
export function standard(name: string, over: Parameters<typeof tool>[2] = {}): ToolSpec {
  const found = ccxt.standardTools?.find((one) => one.name === name)
  if (!found) throw new Error(`no standard tool ${name}`)
  return tool('exchanges', name, { input: found.input, operation: found.operation, ...over })
}

/** Starts exchanges and a connector over them. */
export async function startTest(over: JsonObject = {}, lentOver: Partial<Lent> = {}): Promise<TestExchanges> {
  used('ccxt against a loopback exchange')
  const exchanges = await startExchanges()
  const lent = lendExchanges(lentOver)
  const opened: Connector[] = []
  const another = async (more: JsonObject = {}): Promise<Connector> => {
    const connector = await ccxt.open(configOf(exchanges.url, { ...over, ...more }) as never, lent)
    opened.push(connector)
    return connector
  }
  const connector = await another()
  return {
    ...exchanges,
    connector,
    lent,
    another,
    call: (what, args = {}, run = runWith(), specOver = {}) => {
      const spec = typeof what === 'string' ? standard(what, specOver) : tool('exchanges', 'declared', { operation: what, ...specOver })
      return connector.bind(spec)(args, run) as Promise<Data>
    },
    async end() {
      for (const one of opened) await one.close()
      await lent.close()
      await exchanges.stop()
    },
  }
}
