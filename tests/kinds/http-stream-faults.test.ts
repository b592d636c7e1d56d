import { deflateSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from './conformance.ts'
import { json, lendHttp, openHttp, secret, startService } from './http-service.ts'
import { backfill, messageOf, streamOf } from './http-stream-service.ts'
import { startTrial, trials, type StreamTrial } from './http-stream-trial.ts'
import { runWith, someone } from './lent.ts'

let trial: StreamTrial
const { extras, open, read, subscribed } = trials(() => trial)
beforeEach(async () => {
  trial = await startTrial()
})
afterEach(() => trial.end())

const start = 1_700_000_000_000
const health = () => trial.connector?.check(AbortSignal.timeout(5_000))

describe('connections', () => {
  test('a connection whose other side is silent without a FIN is given up, and its gap is filled', async () => {
    trial.service.manners.pongs = false
    await open({ backfill, heartbeat: { every: '40ms', silence: '150ms' } })
    const reading = read(['BTC/USD'])
    await subscribed('BTC/USD')
    trial.service.tick('BTC/USD', start, 1)
    await until(async () => reading.rows().length === 1)
    const [frozen] = trial.service.joined
    // Half-open: nothing is sent any more, and nothing is read.
    frozen?.keys.clear()
    frozen?.socket.pause()
    trial.service.tick('BTC/USD', start + 1, 2)
    await until(async () => trial.service.joined.length > 1)
    trial.service.manners.pongs = true
    await until(async () => reading.rows().length === 2)
    expect(reading.prices()).toEqual([1, 2])
    expect(trial.lent.logged.join('\n')).toContain('nothing came for 0.15 s')
    frozen?.socket.terminate()
  })

  test('pings keep a quiet connection alive', async () => {
    await open({ heartbeat: { every: '20ms', silence: '60ms' } })
    read(['BTC/USD'])
    await subscribed('BTC/USD')
    let pings = 0
    trial.service.joined[0]?.socket.on('ping', () => (pings += 1))
    await until(async () => pings > 10)
    expect(trial.service.joined).toHaveLength(1)
  })

  test('a heartbeat of words is sent as the manifest writes it', async () => {
    await open({ heartbeat: { send: { action: 'heartbeat' }, every: '20ms', silence: '5s' } })
    read(['BTC/USD'])
    await until(async () => trial.service.joined[0]?.messages.filter((text) => text === '{"action":"heartbeat"}').length === 3)
  })

  test('429 at the handshake is left alone as long as it asks, then tried again', async () => {
    const times: number[] = []
    trial.service.manners.handshake = () => {
      times.push(performance.now())
      return times.length === 1 ? { status: 429, headers: { 'Retry-After': '1' }, body: '{"message":"slow down"}' } : undefined
    }
    await open()
    read(['BTC/USD'])
    await until(async () => trial.connector !== undefined && (await health())?.state === 'degraded')
    expect((await health())?.detail).toMatch(/no connection \(the service refuses the connection \(status 429\): slow down\); the next attempt is in 1 s/)
    await subscribed('BTC/USD')
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950)
    expect(trial.told.map(({ state }) => state)).toEqual(['degraded', 'up'])
  })

  const denials: readonly (readonly [string, number, string, RegExp])[] = [
    ['a key that is not good', 401, '{"error":"bad key"}', /status 401\): bad key/],
    ['a redirect', 302, '', /redirect \(status 302\), which is not followed/],
    ['an address that is not there', 404, '<html>nothing</html>', /\(status 404\)/],
  ]
  test.each(denials)('%s stops a stream: it says so, and storms nobody', async (_name, status, body, words) => {
    let handshakes = 0
    trial.service.manners.handshake = () => ({ status, body, headers: { location: 'http://127.0.0.1:9/' }, count: (handshakes += 1) })
    await open()
    const reading = read(['BTC/USD'])
    await expect(reading.ended).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.stringMatching(words) as string })
    await expect(read(['BTC/USD']).ended).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED' })
    await expect(extras().subscribe('service://streams/prices/X', someone)).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED' })
    expect(handshakes).toBe(1)
    expect(await health()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('it is stopped') as string })
    expect(trial.told).toMatchObject([{ state: 'degraded' }])
  })

  test('a close code that refuses stops it; any other is told and tried again', async () => {
    await open()
    const reading = read(['BTC/USD'])
    await subscribed('BTC/USD')
    for (const { socket } of trial.service.clients) socket.close(1012, 'we restart')
    await until(async () => trial.service.joined.length === 2)
    expect(trial.lent.logged.join('\n')).toContain('(code 1012): we restart')
    await subscribed('BTC/USD')
    for (const { socket } of trial.service.clients) socket.close(1008, 'no more of your account')
    await expect(reading.ended)
      .resolves.toBeUndefined()
      .catch(() => undefined)
    await until(async () => trial.told.some(({ detail }) => detail?.includes('no more of your account') === true))
    expect(trial.service.joined).toHaveLength(2)
  })

  test('a message that refuses the hub stops it', async () => {
    await open({ denied: { pointer: '/event', equals: 'denied', message: '/why' } })
    trial.service.manners.message = ({ socket }) => (socket.send('{"event":"denied","why":"this plan has no streams"}'), true)
    await expect(read(['BTC/USD']).ended).rejects.toMatchObject({ message: expect.stringContaining('this plan has no streams') as string })
    expect(trial.service.joined).toHaveLength(1)
  })

  test('a token is fetched for the handshake, and anew when it is refused', async () => {
    let tokens = 0
    const id = await startService((_seen, response) => json(response, { access_token: `token-${(tokens += 1)}`, token_type: 'Bearer', expires_in: 3_600 }))
    trial.service.manners.handshake = ({ headers }) => (headers.authorization === 'Bearer token-2' ? undefined : { status: 401 })
    await open({ auth: { oauth2: { tokenUrl: `${id.url}/token`, clientId: 'hub', clientSecret: secret('word') } } })
    read(['BTC/USD'])
    await subscribed('BTC/USD')
    expect(tokens).toBe(2)
    await id.stop()
  })

  test('closing ends a handshake that is never answered', async () => {
    let pending = 0
    const silent = await startService()
    const server = trial.service
    server.manners.handshake = () => undefined
    await open({ url: silent.url.replace('http', 'ws') })
    silent.answer(() => (pending += 1))
    // A plain server takes an upgrade for a request, and this one never answers.
    read(['BTC/USD'])
    await until(async () => silent.open() === 1 && pending === 1)
    await trial.connector?.close()
    await until(async () => silent.open() === 0)
    await expect(read(['BTC/USD']).ended).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    await silent.stop()
  })
})

describe('the egress guard', () => {
  test.each(['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]'])('a WebSocket to %s is refused before anything is sent, unless it is allowed', async (host) => {
    const guarded = lendHttp([])
    const url = trial.service.webSocketUrl.replace('127.0.0.1', host)
    let connections = 0
    trial.service.manners.handshake = () => ((connections += 1), undefined)
    const connector = await openHttp({ base: trial.service.url, streams: { prices: streamOf(trial.service, { url }) } }, guarded)
    const reading = connector.source?.({ stream: 'prices', keys: ['BTC/USD'] }).read(undefined, new AbortController().signal)
    await expect(reading?.[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED' })
    expect(connections).toBe(0)
    expect(trial.service.joined).toHaveLength(0)
    await connector.close()
    await guarded.close()

    // The same address, allowed.
    await open({ url: trial.service.webSocketUrl })
    read(['BTC/USD'])
    await subscribed('BTC/USD')
  })
})

describe('messages', () => {
  test('garbage is left out, packed messages are unpacked, and the connection stays', async () => {
    await open()
    const reading = read(['BTC/USD'])
    await subscribed('BTC/USD')
    const row = (at: number): string => JSON.stringify(messageOf({ symbol: 'BTC/USD', at, price: at - start }))
    for (const garbage of ['', 'not JSON', '{"event":"price"', '[]', 'null', '{"event":"price","symbol":"BTC/USD"}', '{"event":"price","symbol":{},"at":1}'])
      trial.service.say(garbage)
    trial.service.say(Buffer.from([0xff, 0xfe, 0x00]))
    trial.service.say(Buffer.from([0x1f, 0x8b, 0x00]))
    trial.service.say(gzipSync(row(start + 1)))
    trial.service.say(deflateSync(row(start + 2)))
    trial.service.say(Buffer.from(row(start + 3)))
    // Long enough to be packed on the wire.
    trial.service.say(JSON.stringify({ ...messageOf({ symbol: 'BTC/USD', at: start + 4, price: 4 }), words: 'so long '.repeat(1_000) }))
    await until(async () => reading.rows().length === 4)
    expect(reading.prices()).toEqual([1, 2, 3, 4])
    expect(trial.service.joined).toHaveLength(1)
    expect(trial.lent.logged.filter((line) => line.includes('cannot be used'))).toHaveLength(1)
  })

  test.each([
    ['a giant message', 'x'.repeat(100_000)],
    ['one that is small on the wire', ' '.repeat(20_000_000)],
  ])('%s ends the connection, which is tried again', async (_name, text) => {
    await open({ maxMessage: '10kb' })
    const reading = read(['BTC/USD'])
    await subscribed('BTC/USD')
    trial.service.say(text)
    await until(async () => trial.service.joined.length === 2)
    await subscribed('BTC/USD')
    trial.service.tick('BTC/USD', start, 1)
    await until(async () => reading.rows().length === 1)
    expect(trial.lent.logged.join('\n')).toContain('longer than 10240 bytes')
  })

  test('rows that come twice are one, and late ones do not become the latest', async () => {
    await open()
    const reading = read(['BTC/USD'])
    await subscribed('BTC/USD')
    for (const [at, price] of [
      [3, 30],
      [3, 30],
      [1, 10],
      [2, 20],
      [3, 31],
      [1, 10],
    ] as const)
      trial.service.tick('BTC/USD', start + at, price)
    await until(async () => reading.rows().length === 4)
    expect(reading.prices()).toEqual([30, 10, 20, 31])
    const read1 = (await extras().readResource('service://streams/prices/BTC/USD', runWith())) as { contents: { text: string }[] }
    expect((JSON.parse(read1.contents[0]?.text ?? '') as { rows: { price: number }[] }).rows.map(({ price }) => price)).toEqual([31, 30, 20, 10])
  })

  test('a slow reader loses the oldest rows, and is told how many', async () => {
    const opened = await open({ buffer: 50 })
    const stop = new AbortController()
    const source = opened.source?.({ stream: 'prices', keys: ['BTC/USD'] }).read(undefined, stop.signal)
    const batches = source?.[Symbol.asyncIterator]()
    const first = batches?.next()
    await subscribed('BTC/USD')
    trial.service.tick('BTC/USD', start, 0)
    expect((await first)?.value).toMatchObject({ rows: [{ price: 0 }] })
    for (let n = 1; n <= 500; n++) trial.service.tick('BTC/USD', start + n, n)
    const watched = read(['BTC/USD'])
    trial.service.tick('BTC/USD', start + 501, 501)
    await until(async () => watched.prices().includes(501))
    const batch = (await batches?.next())?.value as { rows: { price: number }[]; lost: number }
    expect(batch.rows.map(({ price }) => price)).toEqual(Array.from({ length: 50 }, (_item, index) => 452 + index))
    expect(batch.lost).toBe(451)
    stop.abort()
    expect((await batches?.next())?.done).toBe(true)
  })

  test('a refused key ends its reading in words, and is asked for anew', async () => {
    trial.service.manners.refuses = (key) => key === 'NO/PE'
    await open()
    const reading = read(['NO/PE'])
    await expect(reading.ended).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.stringContaining('no NO/PE') as string })
    await expect(extras().readResource('service://streams/prices/NO%2FPE', runWith())).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED' })
    await expect(extras().readResource('service://streams/nothing/X', runWith())).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
    await expect(extras().readResource('service://streams/prices/%E0%A4%A', runWith())).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
    trial.service.manners.refuses = () => false
    read(['NO/PE'])
    await subscribed('NO/PE')
  })

  test('no more keys than the manifest says, however many callers ask', async () => {
    await open({ mostKeys: 2 })
    for (const key of ['A', 'B', 'A']) await extras().subscribe(`service://streams/prices/${key}`, someone)
    await expect(extras().subscribe('service://streams/prices/C', someone)).rejects.toMatchObject({ code: 'HUB_LIMITED' })
    await expect(extras().subscribe(`service://streams/prices/${'x'.repeat(300)}`, someone)).rejects.toMatchObject({ code: 'HUB_ARGS_INVALID' })
  })
})
