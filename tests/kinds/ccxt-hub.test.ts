import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { used } from '../components/used.ts'
import { binanceKey } from '../fixtures/exchanges/binance.ts'
import { startExchanges, type Exchanges } from '../fixtures/exchanges/server.ts'
import { serveHub, type ServedHub } from '../hub/serve.ts'
import { until } from './conformance.ts'

let stores: RunningPostgres
let exchanges: Exchanges
let served: ServedHub
const clients: Client[] = []

const shipped = (name: string) => readFile(join(import.meta.dirname, '..', '..', 'connectors', name), 'utf8')
const config =
  'hub: { name: served, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "${DATABASE_URL}" }\negress: { allow: [127.0.0.1] }\n'
const account = `
connector: ours
kind: ccxt
summary: Our account.
config:
  exchanges: [binance]
  credentials: { binance: { apiKey: { secret: BINANCE_KEY }, secret: { secret: BINANCE_SECRET } } }
  venues: { binance: { urls: '\${EXCHANGES_PROXY}' } }
  account: true
`

beforeAll(async () => {
  used('ccxt against a loopback exchange')
  ;[stores, exchanges] = await Promise.all([startPostgres(), startExchanges()])
  const files = {
    'hub.config.yaml': config,
    'connectors/exchanges.yaml': await shipped('exchanges.yaml'),
    'connectors/shared.yaml': await shipped('shared.yaml'),
    'connectors/ours.yaml': account,
  }
  const env = { DATABASE_URL: stores.url, EXCHANGES_PROXY: exchanges.url, BINANCE_KEY: binanceKey.apiKey, BINANCE_SECRET: binanceKey.secret }
  served = await serveHub(files, env)
  expect(served.problems).toEqual([])
})
afterAll(async () => {
  for (const client of clients) await client.close()
  await served?.close()
  await exchanges?.stop()
  await stores?.stop()
})

async function connect(path: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  clients.push(client)
  await client.connect(new StreamableHTTPClientTransport(new URL(`${served.hub.url}${path}`)))
  return client
}

test('a client lists, calls a standard tool and a declared one of the shipped manifest, and gets every digit', async () => {
  const client = await connect('/mcp')
  const { tools } = await client.listTools()
  const names = tools.map(({ name }) => name).filter((name) => name.startsWith('exchanges_'))
  expect(names).toContain('exchanges_candles')
  expect(names).toContain('exchanges_price')
  // Nobody said account: true.
  expect(names).not.toContain('exchanges_balances')

  const book = await client.callTool({ name: 'exchanges_order_book', arguments: { symbol: 'BTC/USDT', limit: 1 } })
  expect(book.structuredContent).toMatchObject({ exchange: 'binance', bids: [['10.25', '2.00']], asks: [['10.5', '3']] })
  const price = await client.callTool({ name: 'exchanges_price', arguments: { symbol: 'BTC/USD' } })
  expect(price.structuredContent).toMatchObject({
    exchange: 'kraken',
    last: '40000.10',
    baseVolume: '9007199254740993.123456789012345678',
    divergence: { limit: '0.5%', compared: [] },
  })
  expect(JSON.stringify(price.content)).toContain('answered by kraken')
  const daily = await client.callTool({ name: 'exchanges_daily_candles', arguments: { symbol: 'BTC/USDT', since: '2024-01-01', until: '2024-01-31' } })
  expect((daily.structuredContent as { rows: unknown[] }).rows).toHaveLength(31)
  const wrong = await client.callTool({ name: 'exchanges_ticker', arguments: { symbol: 'BTC/EUR' } })
  expect(wrong).toMatchObject({ isError: true })
  expect(JSON.stringify(wrong.content)).toContain('with BTC it has BTC/USDT')
})

test('an account is read by an operator, and no key is told', async () => {
  const client = await connect('/mcp')
  const balances = await client.callTool({ name: 'ours_balances', arguments: {} })
  expect(balances.structuredContent).toMatchObject({ exchange: 'binance', rows: [{ currency: 'BTC', total: '1.123456789012345678' }] })
  expect(JSON.stringify(balances)).not.toContain('nobody-may-see')
})

test('resources are read, and followed while they change', async () => {
  const client = await connect('/mcp/connectors/exchanges')
  const venues = await client.readResource({ uri: 'exchanges://venues' })
  expect(JSON.parse((venues.contents[0] as { text: string }).text)).toMatchObject({
    rows: [{ exchange: 'binance' }, { exchange: 'coinbase' }, { exchange: 'kraken' }],
  })
  const { resourceTemplates } = await client.listResourceTemplates()
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain('exchanges://{exchange}/ticker/{symbol}')

  const uri = 'exchanges://binance/ticker/BTC%2FUSDT'
  let tell!: (uri: string) => void
  const updated = new Promise<string>((resolve) => (tell = resolve))
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => tell(params.uri))
  await client.listen({ resourceSubscriptions: [uri] })
  await until(async () => exchanges.binance.listeners('btcusdt@ticker') === 1)
  exchanges.binance.ticker('BTCUSDT', '43210.123456789012345678')
  expect(await updated).toBe(uri)
  await until(async () => ((await client.readResource({ uri })).contents[0] as { text: string }).text.includes('"last":"43210.123456789012345678"'))
})
