import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Batch } from '../../runtime/contract/flow.ts'
import type { Connector, Extras } from '../../runtime/contract/kind.ts'
import type { ConnectorSpec } from '../../runtime/contract/manifest.ts'
import { kinds } from '../../runtime/kinds/index.ts'
import { compile } from '../../runtime/manifest/compile.ts'
import type { DocumentedStream } from '../fixtures/market-data/documented.ts'
import { services } from '../fixtures/market-data/services.ts'
import { startDocumentedStream, type RunningStream } from '../fixtures/market-data/start-stream.ts'
import { until } from './conformance.ts'
import { json, lendHttp, openHttp, startService, type HttpLent, type TestService } from './http-service.ts'
import { runWith, someone } from './lent.ts'

const configFile = join(import.meta.dirname, '..', '..', 'hub.config.yaml')
const streaming = services.flatMap((service) => (service.stream === undefined ? [] : [{ ...service, stream: service.stream satisfies DocumentedStream }]))

test('the shipped manifests of Twelve Data and CryptoCompare stream', () => {
  expect(streaming.map(({ name }) => name)).toEqual(['twelve_data', 'cryptocompare'])
})

describe.each(streaming)('the stream of $name', ({ name, environment, stream }) => {
  const scheme = name.replaceAll('_', '-')
  let rest: TestService
  let running: RunningStream
  let lent: HttpLent
  let connector: Connector

  beforeEach(async () => {
    ;[rest, running] = await Promise.all([startService(), startDocumentedStream(stream)])
    const env = { MARKET_DATABASE_URL: 'postgres://localhost/market', ...environment(rest.url), ...stream.environment(running.url) }
    const { plan, problems } = await compile({ configFile, kinds, env })
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    const spec = plan?.connectors.find((one) => one.name === name) as ConnectorSpec
    expect(spec.tools.map(({ local }) => local)).toContain('stream_latest')
    lent = { ...lendHttp(), connector: name } as HttpLent
    connector = await openHttp(spec.config, lent)
  })
  afterEach(async () => {
    await connector.close()
    await until(async () => running.clients.size === 0)
    await lent.close()
    await Promise.all([rest.stop(), running.stop()])
  })

  test('asks as documented, and its rows are watched and read', async () => {
    const extras = connector.extras as Extras
    const news: string[] = []
    extras.onEvent((event) => event.type === 'updated' && news.push(event.uri))
    const uri = `${scheme}://streams/${stream.name}/${encodeURIComponent(stream.key)}`
    await extras.subscribe(uri, someone)
    await until(async () => news.includes(uri))
    const { contents } = (await extras.readResource(uri, runWith())) as { contents: { text: string }[] }
    expect(JSON.parse(contents[0]?.text ?? '')).toEqual({ stream: stream.name, key: stream.key, rows: [stream.read] })
    await extras.unsubscribe(uri, someone)
    // Who read it holds it a little longer.
    expect(running.asked).toEqual([stream.asks[0]])
    await connector.close()
    expect(lent.logged.join('\n')).not.toMatch(/key-twelve|key-crypto/)
  })

  test('a flow reads it, and what it missed comes from the REST half', async () => {
    const reader = new AbortController()
    const batches: Batch[] = []
    const rows = () => batches.flatMap((batch) => batch.rows)
    const since = Date.parse(String(stream.read['timestamp'] ?? stream.read['VALUE_LAST_UPDATE_TS']))
    rest.answer((_seen, response) => json(response, stream.missed.body(since)))
    const reading = (async () => {
      for await (const batch of connector.source?.({ stream: stream.name, keys: [stream.key] }).read(undefined, reader.signal) ?? []) batches.push(batch)
    })()
    await until(async () => rows().length === 1)
    for (const client of running.clients) client.terminate()
    await until(async () => rows().length === 2)
    expect(rows()).toEqual([stream.read, ...stream.missed.rows(since)])
    expect(rest.seen.map(({ target }) => target)).toEqual([expect.stringMatching(stream.missed.path)])
    expect(batches.reduce((sum, { lost = 0 }) => sum + lost, 0)).toBe(0)
    reader.abort()
    await reading
    await until(async () => JSON.stringify(running.asked.at(-1)) === JSON.stringify(stream.asks[1]))
  })

  test('a key it does not know is refused in words', async () => {
    const uri = `${scheme}://streams/${stream.name}/${stream.refused.key}`
    await expect((connector.extras as Extras).readResource(uri, runWith())).rejects.toMatchObject({
      code: 'HUB_UPSTREAM_FAILED',
      message: expect.stringMatching(stream.refused.words) as string,
    })
  })
})
