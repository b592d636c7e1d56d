import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { serveHub, type ServedHub } from '../hub/serve.ts'
import { until } from './conformance.ts'
import { startStreamService, type StreamService } from './http-stream-service.ts'

let stores: RunningPostgres
let service: StreamService
let served: ServedHub
const clients: Client[] = []

const manifest = `
connector: shop
kind: http
summary: A shop.
config:
  base: \${SHOP_URL}
  streamLatest: true
  streams:
    prices:
      summary: Prices as they change.
      url: \${SHOP_STREAM_URL}?token={token}
      secrets: { token: { secret: SHOP_TOKEN } }
      subscribe: { action: subscribe, symbols: '{keys}' }
      unsubscribe: { action: unsubscribe, symbols: '{keys}' }
      accepted: { pointer: /event, equals: status, keys: /success }
      refused: { pointer: /event, equals: status, keys: /fails, key: /symbol, message: /message }
      rows: { where: { pointer: /event, equals: price } }
      key: /symbol
      time: { pointer: /at, unit: ms }
      idle: 50ms
tools:
  live:
    summary: The latest prices.
    effect: read
    input: { type: object, required: [symbols], properties: { symbols: { type: array, items: { type: string } } } }
    operation: { collect: { stream: prices, want: symbols, atMost: 300ms } }
`
const config =
  'hub: { name: served, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "${DATABASE_URL}" }\negress: { allow: [127.0.0.1] }\n'

beforeAll(async () => {
  ;[stores, service] = await Promise.all([startPostgres(), startStreamService()])
  service.manners.refuses = (key) => key === 'NO/PE'
  service.manners.message = (client, text) => {
    if (text.includes('"subscribe"')) setImmediate(() => client.keys.has('BTC/USD') && service.tick('BTC/USD', 1_700_000_000_000, 9))
    return false
  }
  const env = { DATABASE_URL: stores.url, SHOP_URL: service.url, SHOP_STREAM_URL: service.webSocketUrl, SHOP_TOKEN: 'token-of-the-shop' }
  served = await serveHub({ 'hub.config.yaml': config, 'connectors/shop.yaml': manifest }, env)
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})
afterAll(async () => {
  await served?.close()
  await until(async () => service.clients.size === 0)
  await service?.stop()
  await stores?.stop()
})

describe.each(['legacy', 'auto'] as const)('a stream over MCP, version negotiation %s', (mode) => {
  async function connect(path: string): Promise<Client> {
    const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } })
    clients.push(client)
    await client.connect(new StreamableHTTPClientTransport(new URL(served.hub.url + path)))
    return client
  }

  test('the standard tool and a declared one collect what comes', async () => {
    const client = await connect('/mcp')
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['shop_live', 'shop_stream_latest']))
    const live = await client.callTool({ name: 'shop_live', arguments: { symbols: ['BTC/USD', 'NO/PE'] } })
    expect(live.structuredContent).toMatchObject({ rows: [{ symbol: 'BTC/USD', at: '2023-11-14T22:13:20.000Z', price: 9 }], missing: [{ key: 'NO/PE' }] })
    const latest = await client.callTool({ name: 'shop_stream_latest', arguments: { stream: 'prices', keys: ['BTC/USD'] } })
    expect(latest.structuredContent).toEqual({ rows: [{ event: 'price', symbol: 'BTC/USD', at: '2023-11-14T22:13:20.000Z', price: 9 }], missing: [] })
    const refused = await client.callTool({ name: 'shop_stream_latest', arguments: { stream: 'prices', keys: ['NO/PE'] } })
    expect(JSON.stringify(refused)).toContain('HUB_UPSTREAM_FAILED: the service refuses')
    expect(JSON.stringify([live, refused, service.joined.at(-1)?.request.url])).toContain('token-of-the-shop')
    expect(JSON.stringify([live, latest, refused])).not.toContain('token-of-the-shop')
  })

  test.each([
    ['/mcp', 'hub://shop/shop://streams/prices/'],
    ['/mcp/connectors/shop', 'shop://streams/prices/'],
  ])('on %s a resource is listed, read and watched, and let go with its client', async (path, base) => {
    const client = await connect(path)
    expect((await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain(`${base}{key}`)
    const uri = `${base}BTC%2FUSD`
    const news: string[] = []
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void news.push(params.uri))
    if (mode === 'auto') await client.listen({ resourceSubscriptions: [uri] })
    else await client.subscribeResource({ uri })
    await until(async () => [...service.clients].some(({ keys }) => keys.has('BTC/USD')))
    const before = news.length
    service.tick('BTC/USD', 1_700_000_000_001, 10)
    await until(async () => news.length > before)
    expect(news.at(-1)).toBe(uri)
    const rows = async () => {
      const [content] = (await client.readResource({ uri })).contents as { uri: string; text: string }[]
      expect(content?.uri).toBe(uri)
      return (JSON.parse(content?.text ?? '') as { rows: { price: number }[] }).rows.map(({ price }) => price)
    }
    await until(async () => (await rows()).length === 2)
    expect(await rows()).toEqual([10, 9])
    // A session of the older protocol outlives its client.
    if (mode === 'legacy') await client.unsubscribeResource({ uri })
    else await client.close()
    await until(async () => service.clients.size === 0)
  })
})
