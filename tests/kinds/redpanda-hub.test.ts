import { readFile } from 'node:fs/promises'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { kafkaMissing, startKafka, type RunningKafka } from '../components/kafka.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { serveHub, type ServedHub } from '../hub/serve.ts'
import type { Loose } from './redpanda.ts'

const missing = await kafkaMissing()

describe.skipIf(missing !== undefined)(`a hub with the bus as it is shipped${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let kafka: RunningKafka
  let stores: RunningPostgres
  let served: ServedHub
  const ending: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    ;[kafka, stores] = await Promise.all([startKafka(), startPostgres()])
    const read = (name: string): Promise<string> => readFile(new URL(`../../connectors/${name}`, import.meta.url), 'utf8')
    served = await serveHub(
      { 'connectors/bus.yaml': await read('bus.yaml'), 'connectors/shared.yaml': await read('shared.yaml') },
      { DATABASE_URL: stores.url, KAFKA_BROKERS: kafka.broker },
    )
  })
  afterEach(async () => {
    for (const end of ending.splice(0).toReversed()) await end()
  })
  afterAll(async () => {
    await served?.close()
    await stores?.stop()
    await kafka?.stop()
  })

  describe.each(['legacy', 'auto'] as const)('the SDK’s client, version negotiation %s', (mode) => {
    async function open(path: string): Promise<Client> {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
      await client.connect(new StreamableHTTPClientTransport(new URL(`${served.hub.url}${path}`)))
      ending.push(() => client.close())
      return client
    }
    const content = async (client: Client, name: string, args: Record<string, unknown>): Promise<Loose> =>
      (await client.callTool({ name, arguments: args })).structuredContent

    test('standard tools, declared tools, a prompt and a resource', async () => {
      const client = await open('/mcp')
      const names = (await client.listTools()).tools.map(({ name }) => name)
      const standard = [
        'list_topics',
        'describe_topic',
        'create_topic',
        'delete_topic',
        'add_partitions',
        'describe_configs',
        'list_groups',
        'describe_group',
        'consumer_lag',
        'reset_offsets',
        'read_messages',
        'collect_latest',
        'produce',
      ]
      expect(names).toEqual(
        expect.arrayContaining(
          [...standard, 'live_prices', 'order_books', 'publish_signal', 'latest_signals', 'publish_analysis', 'latest_analyses'].map((name) => `bus_${name}`),
        ),
      )
      const agent = `momentum-${mode}`
      const signal = { agent, symbol: 'BTC/USDT', signal: 'breakout', strength: 0.75, price: '50000.123456789012345678' }
      expect(await content(client, 'bus_publish_signal', signal)).toMatchObject({ topic: `crypto.signals.${agent}`, partition: 0, offset: 0 })
      expect((await content(client, 'bus_latest_signals', { agent, symbol: 'BTC/USDT' })).rows).toMatchObject([
        { key: 'BTC/USDT', value: signal, format: 'json' },
      ])
      expect(await client.callTool({ name: 'bus_publish_signal', arguments: { ...signal, strength: 'strong' } })).toMatchObject({ isError: true })
      expect(await client.callTool({ name: 'bus_produce', arguments: { topic: `crypto.signals.${agent}`, value: { agent } } })).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining('does not fit the schema of topic') as string }],
      })
      await content(client, 'bus_publish_analysis', { agent, symbol: 'BTC/USDT', timeframe: '1h', analysis: 'trend', summary: 'Up.' })
      expect((await content(client, 'bus_latest_analyses', { timeframe: '1h' })).rows.at(-1)).toMatchObject({ headers: { agent }, value: { summary: 'Up.' } })
      await content(client, 'bus_create_topic', { topic: 'crypto.market.data.kraken.BTC-USDT' })
      await content(client, 'bus_produce', { topic: 'crypto.market.data.kraken.BTC-USDT', value: { symbol: 'BTC/USDT', price: '1.5' } })
      expect(await content(client, 'bus_live_prices', { symbols: ['BTC/USDT'] })).toMatchObject({
        rows: [{ by: 'BTC/USDT', value: { price: '1.5' } }],
        missing: [],
        complete: true,
      })
      expect((await content(client, 'bus_list_topics', { like: 'crypto.signals.*' })).rows).toContainEqual({
        name: `crypto.signals.${agent}`,
        partitions: 1,
        replicas: 1,
      })
      expect((await content(client, 'bus_list_groups', {})).rows).toEqual([])
      const declared = (await client.readResource({ uri: `bus://signals/${agent}` })).contents[0] as { text: string }
      expect(JSON.parse(declared.text).rows).toHaveLength(1)
      const listed = (await client.listResources()).resources.find(({ uri }) => uri.endsWith(`kafka://topics/crypto.signals.${agent}`))
      const live = (await client.readResource({ uri: listed?.uri as string })).contents[0] as { text: string }
      expect(JSON.parse(live.text).rows[0].value).toEqual(signal)
      expect(JSON.stringify((await client.getPrompt({ name: 'bus_backlog' })).messages)).toContain('consumer_lag')
    })

    test('numbers beyond 2^53 are on the topic as the client wrote them, and come back so', async () => {
      const topic = `crypto.digits.${mode}`
      const client = await open('/mcp')
      await content(client, 'bus_create_topic', { topic })
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
      }
      const post = async (name: string, args: string): Promise<string> => {
        const meta =
          '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"}}'
        const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${args},${meta}}}`
        return (await fetch(`${served.hub.url}/mcp`, { method: 'POST', headers: { ...headers, 'mcp-name': name }, body })).text()
      }
      await post('bus_produce', `{"topic":"${topic}","value":{"id":9007199254740993,"price":0.1234567890123456789}}`)
      expect(await post('bus_read_messages', `{"topic":"${topic}","limit":1}`)).toContain('"value":{"id":9007199254740993,"price":0.1234567890123456789}')
      expect(await post('bus_read_messages', `{"topic":"${topic}","limit":1,"format":"text"}`)).toContain(
        '{\\"id\\":9007199254740993,\\"price\\":0.1234567890123456789}',
      )
    })

    test('a topic that is watched is told of when a message comes', async () => {
      const client = await open('/mcp/connectors/bus')
      const topic = `crypto.signals.watched-${mode}`
      await content(client, 'create_topic', { topic })
      const uri = `kafka://topics/${topic}`
      const changed = new Promise<string>((resolve) => client.setNotificationHandler('notifications/resources/updated', ({ params }) => resolve(params.uri)))
      if (mode === 'auto') await client.listen({ resourceSubscriptions: [uri] })
      else await client.subscribeResource({ uri })
      let isTold = false
      const told = changed.then((one) => {
        isTold = true
        return one
      })
      // Watching begins a moment after it was asked for.
      while (!isTold) await content(client, 'publish_signal', { agent: `watched-${mode}`, symbol: 'BTC/USDT', signal: 'buy' })
      expect(await told).toBe(uri)
    })
  })

  test('without its brokers it is off, and says what it needs', async () => {
    const read = (name: string): Promise<string> => readFile(new URL(`../../connectors/${name}`, import.meta.url), 'utf8')
    const bare = await serveHub(
      { 'connectors/bus.yaml': await read('bus.yaml'), 'connectors/shared.yaml': await read('shared.yaml') },
      { DATABASE_URL: stores.url },
    )
    const health = (await (await fetch(`${bare.hub.url}/health`)).json()) as Loose
    await bare.close()
    expect(JSON.stringify(health)).toContain('KAFKA_BROKERS')
    expect(health.connectors.find(({ name }: Loose) => name === 'bus')).toMatchObject({ state: 'off' })
  })
})
