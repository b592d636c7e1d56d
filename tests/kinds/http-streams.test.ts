import { afterEach, beforeEach, expect, test } from 'vitest'
import { tool } from '../fixtures/plan.ts'
import { until } from './conformance.ts'
import { secret } from './http-service.ts'
import { backfill } from './http-stream-service.ts'
import { startTrial, trials, type StreamTrial } from './http-stream-trial.ts'
import { runWith, someone } from './lent.ts'

let trial: StreamTrial
const { extras, open, read, subscribed } = trials(() => trial)
beforeEach(async () => {
  trial = await startTrial()
})
afterEach(() => trial.end())

test('rows of the wanted keys are read, with their times and a position', async () => {
  await open()
  expect(trial.service.joined).toHaveLength(0)
  const reading = read(['BTC/USD', 'ETH/USD'])
  await subscribed('ETH/USD')
  trial.service.tick('BTC/USD', 1_700_000_000_123, 1.5)
  trial.service.tick('SOL/USD', 1_700_000_000_124, 3)
  trial.service.tick('ETH/USD', 1_700_000_000_125, 2.5)
  await until(async () => reading.rows().length === 2)
  expect(reading.rows()).toEqual([
    { event: 'price', symbol: 'BTC/USD', at: '2023-11-14T22:13:20.123Z', price: 1.5 },
    { event: 'price', symbol: 'ETH/USD', at: '2023-11-14T22:13:20.125Z', price: 2.5 },
  ])
  expect(reading.batches.at(-1)?.position).toMatchObject({ keys: { 'BTC/USD': { ms: 1_700_000_000_123 }, 'ETH/USD': { ms: 1_700_000_000_125 } } })
  expect(trial.service.joined).toHaveLength(1)
  expect(trial.service.joined[0]?.messages).toEqual(['{"action":"subscribe","symbols":["BTC/USD","ETH/USD"]}'])
})

test('numbers beyond 2^53 reach a flow as text, digit for digit, and a resource as they are', async () => {
  await open()
  const reading = read(['BTC/USD'])
  await subscribed('BTC/USD')
  trial.service.say('{"event":"price","symbol":"BTC/USD","at":1700000000123,"trade":9007199254740993,"deep":[12345678901234567890.5]}')
  await until(async () => reading.rows().length === 1)
  expect(reading.rows()[0]).toMatchObject({ trade: '9007199254740993', deep: ['12345678901234567890.5'] })
  const result = await extras().readResource('service://streams/prices/BTC%2FUSD', runWith())
  expect(JSON.stringify(result)).toContain(String.raw`\"trade\":9007199254740993,\"deep\":[12345678901234567890.5]`)
})

test('a service that goes and comes back: no row is lost, none comes twice, and the order holds', async () => {
  await open({ backfill })
  const reading = read(['BTC/USD'])
  await subscribed('BTC/USD')
  let at = 1_700_000_000_000
  const happen = (count: number): void => {
    for (let n = 0; n < count; n++) trial.service.tick('BTC/USD', (at += 10), at)
  }
  happen(1)
  await until(async () => reading.rows().length === 1)
  for (let round = 0; round < 5; round++) {
    // Some of these are on their way when the connection is cut.
    happen(20)
    if (round % 2 === 0) await trial.service.pause()
    else trial.service.cut()
    happen(20)
    if (round % 2 === 0) await trial.service.resume()
    await subscribed('BTC/USD')
    happen(20)
    if (round > 2) await until(async () => reading.rows().length >= trial.service.ticks.length)
  }
  await until(async () => reading.rows().length >= trial.service.ticks.length)
  expect(reading.prices()).toEqual(trial.service.ticks.map(({ price }) => price))
  expect(reading.lost()).toBe(0)
  expect(trial.service.asked.length).toBeGreaterThanOrEqual(2)
})

test('a watched resource tells of news; one connection serves all, keys come and go, and it ends when nobody wants it', async () => {
  await open()
  const news: string[] = []
  extras().onEvent((event) => event.type === 'updated' && news.push(event.uri))
  expect(await extras().templates()).toMatchObject([{ uriTemplate: 'service://streams/prices/{key}', mimeType: 'application/json' }])
  await extras().subscribe('service://streams/prices/BTC%2FUSD', someone)
  await extras().subscribe('service://streams/prices/ETH%2FUSD', someone)
  await subscribed('BTC/USD')
  await subscribed('ETH/USD')
  trial.service.tick('ETH/USD', 1_700_000_000_000, 7)
  await until(async () => news.length > 0)
  expect(news).toEqual(['service://streams/prices/ETH%2FUSD'])
  const read = (await extras().readResource('service://streams/prices/ETH%2FUSD', runWith())) as { contents: { text: string }[] }
  expect(JSON.parse(read.contents[0]?.text ?? '')).toEqual({
    stream: 'prices',
    key: 'ETH/USD',
    rows: [{ event: 'price', symbol: 'ETH/USD', at: '2023-11-14T22:13:20.000Z', price: 7 }],
  })
  expect((await extras().resources(someone)).map(({ uri }) => uri)).toEqual(['service://streams/prices/BTC%2FUSD', 'service://streams/prices/ETH%2FUSD'])
  await extras().unsubscribe('service://streams/prices/BTC%2FUSD', someone)
  await until(async () => trial.service.joined[0]?.messages.at(-1) === '{"action":"unsubscribe","symbols":["BTC/USD"]}')
  await extras().unsubscribe('service://streams/prices/ETH%2FUSD', someone)
  await until(async () => trial.service.clients.size === 0)
  expect(trial.service.joined).toHaveLength(1)
})

test('a tool collects the latest row of each wanted key, and says what is missing', async () => {
  const opened = await open({}, { streamLatest: true })
  trial.service.manners.refuses = (key) => key === 'NO/PE'
  trial.service.manners.message = (client, text) => {
    if (text.includes('subscribe')) setImmediate(() => trial.service.tick('BTC/USD', 1_700_000_000_000, client.messages.length))
    return false
  }
  const collect = opened.bind(tool('service', 'live', { operation: { collect: { stream: 'prices', want: 'symbols', atMost: '300ms' } } }))
  const answer = await collect({ symbols: ['BTC/USD', 'NO/PE', 'ETH/USD'] }, runWith())
  expect(answer).toMatchObject({
    type: 'data',
    data: {
      rows: [{ symbol: 'BTC/USD', price: 1 }],
      missing: [
        { key: 'NO/PE', reason: expect.stringContaining('the service refuses "NO/PE" in stream "prices": no NO/PE') as string },
        { key: 'ETH/USD', reason: 'no row came in that time' },
      ],
    },
    asOf: '2023-11-14T22:13:20.000Z',
  })
  const latest = opened.bind(tool('service', 'stream_latest', { operation: { adHoc: 'latest' } }))
  expect(await latest({ stream: 'prices', keys: ['BTC/USD'], atMost: 5 }, runWith())).toMatchObject({ data: { rows: [{ symbol: 'BTC/USD' }], missing: [] } })
  await expect(latest({ stream: 'prizes', keys: ['BTC/USD'] }, runWith())).rejects.toMatchObject({
    code: 'HUB_ARGS_INVALID',
    message: expect.stringContaining('there is prices') as string,
  })
  await expect(latest({ stream: 'prices', keys: ['NO/PE'] }, runWith())).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED' })
})

test('secrets travel in the address, a header and a message, and nowhere else', async () => {
  await open({
    url: `${trial.service.webSocketUrl}?apikey={apikey}&mode=x`,
    secrets: { apikey: secret('key&of=the service'), login: secret('word-of-the-service') },
    auth: { header: { name: 'X-Key', value: secret('header-of-the-service') } },
    login: { send: { action: 'auth', word: '{login}' }, done: { pointer: '/event', equals: 'welcome' } },
  })
  trial.service.manners.message = (client, text) => {
    if (text.includes('auth')) client.socket.send('{"event":"welcome"}')
    return text.includes('auth')
  }
  const reading = read(['BTC/USD'])
  await subscribed('BTC/USD')
  const [client] = trial.service.joined
  expect(client?.request.url).toBe('/stream?apikey=key%26of%3Dthe%20service&mode=x')
  expect(client?.request.headers['x-key']).toBe('header-of-the-service')
  expect(client?.messages).toEqual(['{"action":"auth","word":"word-of-the-service"}', '{"action":"subscribe","symbols":["BTC/USD"]}'])
  trial.service.manners.handshake = () => ({ status: 401, body: JSON.stringify({ message: 'bad key key&of=the service in ?apikey=key%26of%3Dthe%20service' }) })
  trial.service.cut()
  await expect(reading.ended).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.stringContaining('status 401') as string })
  const health = await trial.connector?.check(AbortSignal.timeout(5_000))
  expect(health).toMatchObject({ state: 'degraded', detail: expect.stringContaining('[secret]') as string })
  const everything = [...trial.lent.logged, JSON.stringify(health), await reading.ended.catch((error: Error) => error.message)].join('\n')
  expect(everything).not.toMatch(/of-the-service|of=the service|of%3Dthe/)
})
