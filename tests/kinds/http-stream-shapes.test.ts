import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tls from 'node:tls'
import { WebSocketServer } from 'ws'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { until } from './conformance.ts'
import { openHttp, secret } from './http-service.ts'
import { streamOf, type Client } from './http-stream-service.ts'
import { startTrial, trials, type StreamTrial } from './http-stream-trial.ts'
import { runWith, someone } from './lent.ts'

let trial: StreamTrial
const { extras, open, read, subscribed } = trials(() => trial)
beforeEach(async () => {
  trial = await startTrial()
})
afterEach(() => trial.end())

const start = 1_700_000_000_000
const say = ({ socket }: Client, message: JsonObject): void => socket.send(JSON.stringify(message))

test('a service that wants a message for each key, with a number, and answers in order without naming it', async () => {
  trial.service.manners.message = (client, text) => {
    const { method, params, id } = JSON.parse(text) as { method: string; params: string[]; id: number }
    const [key = ''] = params
    if (method === 'SUBSCRIBE' && key !== 'NO/PE') client.keys.add(key)
    if (method === 'SUBSCRIBE') say(client, key === 'NO/PE' ? { type: 'refused', id, why: 'no such pair' } : { type: 'accepted', id })
    return true
  }
  await open({
    subscribe: { method: 'SUBSCRIBE', params: ['{key}'], id: '{id}' },
    unsubscribe: { method: 'UNSUBSCRIBE', params: ['{key}'], id: '{id}' },
    accepted: { pointer: '/type', equals: 'accepted' },
    refused: { pointer: '/type', equals: 'refused', message: '/why' },
  })
  const good = read(['A/B', 'C/D'])
  const bad = read(['NO/PE'])
  await expect(bad.ended).rejects.toMatchObject({ message: expect.stringContaining('refuses "NO/PE" in stream "prices": no such pair') as string })
  await subscribed('C/D')
  trial.service.tick('C/D', start, 1)
  await until(async () => good.rows().length === 1)
  good.stop()
  await until(async () => trial.service.joined[0]?.messages.length === 5)
  expect(trial.service.joined[0]?.messages.map((text) => JSON.parse(text) as JsonObject)).toEqual([
    { method: 'SUBSCRIBE', params: ['A/B'], id: 1 },
    { method: 'SUBSCRIBE', params: ['C/D'], id: 2 },
    { method: 'SUBSCRIBE', params: ['NO/PE'], id: 3 },
    { method: 'UNSUBSCRIBE', params: ['A/B'], id: 4 },
    { method: 'UNSUBSCRIBE', params: ['C/D'], id: 5 },
  ])
})

test('a service that sends everything by itself, in lists, without times: rows of the wanted keys are taken', async () => {
  await open({ subscribe: undefined, unsubscribe: undefined, accepted: undefined, refused: undefined, time: undefined, rows: { pointer: '/data' } } as never)
  const reading = read(['ключ/🙂'])
  await until(async () => trial.service.clients.size === 1)
  trial.service.say('{"data":[{"symbol":"ключ/🙂","n":1},{"symbol":"other","n":2},{"symbol":"ключ/🙂","n":3}]}')
  trial.service.say('{"data":{"symbol":"ключ/🙂","n":4}}')
  trial.service.say('{"data":[{"symbol":"ключ/🙂","n":NaN}]}')
  await until(async () => reading.rows().length === 3)
  expect(reading.rows().map(({ n }) => n)).toEqual([1, 3, 4])
  expect(reading.batches.every(({ position }) => position === undefined)).toBe(true)
  const { contents } = (await extras().readResource(`service://streams/prices/${encodeURIComponent('ключ/🙂')}`, runWith())) as {
    contents: { text: string }[]
  }
  expect((JSON.parse(contents[0]?.text ?? '') as { rows: { n: number }[] }).rows.map(({ n }) => n)).toEqual([4, 3, 1])
  // A connection without a subscription to answer is trusted after a while, so a gap is known as one.
  trial.service.cut()
  await until(async () => trial.service.clients.size === 1)
  trial.service.say('{"data":[{"symbol":"ключ/🙂","n":5}]}')
  await until(async () => reading.lost() === 1 && reading.rows().length === 4)
})

test('one message for everything is sent once, whatever keys are added', async () => {
  await open({ subscribe: { action: 'everything', word: '{word}' }, unsubscribe: undefined, secrets: { word: secret('a-word-of-the-service') } } as never)
  trial.service.manners.message = (client) => (client.keys.add('A').add('B'), say(client, { event: 'status', success: ['A', 'B'] }), true)
  const first = read(['A'])
  await subscribed('A')
  const second = read(['B'])
  trial.service.tick('A', start, 1)
  await until(async () => first.rows().length === 1)
  await until(async () => {
    trial.service.tick('B', start + trial.service.ticks.length, 2)
    return second.rows().length > 0
  })
  expect(trial.service.joined[0]?.messages).toEqual(['{"action":"everything","word":"a-word-of-the-service"}'])
})

test('keys that come and go in one turn are not asked for; a key that is wanted again is', async () => {
  await open()
  const [a, b] = ['A', 'B'].map((key) => `service://streams/prices/${key}`) as [string, string]
  await extras().subscribe(a, someone)
  await subscribed('A')
  await extras().subscribe(b, someone)
  await extras().unsubscribe(b, someone)
  trial.service.tick('A', start, 1)
  await until(async () => (await extras().resources(someone)).length === 1)
  await extras().readResource(a, runWith())
  // Given up and wanted again in one turn, with what it has.
  await extras().unsubscribe(a, someone)
  await extras().subscribe(a, someone)
  expect(JSON.stringify(await extras().readResource(a, runWith()))).toContain(String.raw`\"price\":1`)
  const watched = read(['C'])
  await subscribed('C')
  expect(trial.service.joined[0]?.messages.map((text) => (JSON.parse(text) as { symbols: string[] }).symbols)).toEqual([['A'], ['C']])
  watched.stop()
})

test('health tells what is connected since when, and what came last', async () => {
  await open({}, { health: 'calls' })
  const check = () => trial.connector?.check(AbortSignal.timeout(5_000))
  expect(await check()).toMatchObject({ state: 'unknown' })
  const reading = read(['A'])
  await subscribed('A')
  await until(async () => (await check())?.state === 'up')
  expect((await check())?.detail).toMatch(/^stream prices: it is connected since \d{4}-\d\d-\d\dT[\d:.]+Z, 1 key, no row came yet$/)
  trial.service.tick('A', start, 1)
  await until(async () => reading.rows().length === 1)
  expect((await check())?.detail).toMatch(/the last row came at \d{4}-/)
  await trial.service.pause()
  await until(async () => (await check())?.state === 'degraded')
  expect((await check())?.detail).toMatch(/it has no connection \(.*\); the next attempt is/)
  await trial.service.resume()
  await until(async () => (await check())?.state === 'up')
})

test('an undeclared stream, and a tool that collects without one, are refused in words', async () => {
  const opened = await open()
  expect(() => opened.source?.({ stream: 'nothing', keys: ['A'] })).toThrow(/there is no stream "nothing" here; there is prices/)
  const bare = await openHttp({ base: trial.service.url }, trial.lent)
  expect(bare.source).toBeUndefined()
  expect(bare.extras).toBeUndefined()
  expect(() => bare.bind({ local: 'live', operation: { collect: { stream: 'prices', want: 'keys' } } } as never)).toThrow(/config declares none/)
  await bare.close()
  await expect(openHttp({ base: trial.service.url, streams: { x: streamOf(trial.service, { url: 'nowhere' }) } }, trial.lent)).rejects.toMatchObject({
    code: 'HUB_CONFIG_VALUE',
  })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
test.skipIf(!hasOpenssl)(
  `a service that prefers HTTP/2 is spoken to in HTTP/1.1, where it has WebSockets${hasOpenssl ? '' : ' (skipped: no openssl on this machine)'}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-tls-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', ...subject], { stdio: 'ignore' })
    const pem = await readFile(cert, 'utf8')
    tls.setDefaultCACertificates([...tls.getCACertificates('default'), pem])
    const server = createSecureServer({ allowHTTP1: true, key: await readFile(key), cert: pem }, (request, response) =>
      response.end(`{"over":"${request.httpVersion}"}`),
    )
    const webSockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, socket, head) =>
      webSockets.handleUpgrade(request, socket, head, (client) => client.send('{"event":"price","symbol":"A","at":1}')),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo

    await open({ url: `wss://127.0.0.1:${port}/`, subscribe: undefined, unsubscribe: undefined, accepted: undefined, refused: undefined } as never)
    expect(await (await trial.lent.egress.fetch(`https://127.0.0.1:${port}/`)).json()).toEqual({ over: '2.0' })
    const reading = read(['A'])
    await until(async () => reading.rows().length === 1)
    reading.stop()
    await until(async () => webSockets.clients.size === 0)
    await trial.lent.close()
    server.close()
    await once(server, 'close')
    await rm(folder, { recursive: true })
  },
)
