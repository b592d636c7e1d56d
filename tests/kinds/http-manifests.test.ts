import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import { isObject, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { ConnectorSpec } from '../../runtime/contract/manifest.ts'
import { kinds } from '../../runtime/kinds/index.ts'
import { compile } from '../../runtime/manifest/compile.ts'
import { createValidate } from '../../runtime/registry/arguments.ts'
import { services } from '../fixtures/market-data/services.ts'
import { startDocumented } from '../fixtures/market-data/start.ts'
import { failureOf } from './conformance.ts'
import { json, lendHttp, openHttp, startService, type HttpLent, type TestService } from './http-service.ts'
import { runWith } from './lent.ts'

const configFile = join(import.meta.dirname, '..', '..', 'hub.config.yaml')

async function specs(env: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, ConnectorSpec>> {
  const { plan, problems } = await compile({ configFile, kinds, env: { MARKET_DATABASE_URL: 'postgres://localhost/market', ...env } })
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return new Map(plan?.connectors.map((spec) => [spec.name, spec]))
}

test('without keys what needs one is off and says so, and the rest sends nothing by itself', async () => {
  const found = await specs({})
  expect(found.get('twelve_data')?.off).toEqual({ reason: 'TWELVE_DATA_API_KEY is not set', needs: ['TWELVE_DATA_API_KEY'] })
  expect(found.get('cryptocompare')?.off).toEqual({ reason: 'CRYPTOCOMPARE_API_KEY is not set', needs: ['CRYPTOCOMPARE_API_KEY'] })
  const spec = found.get('coingecko') as ConnectorSpec
  expect(spec.off).toBeUndefined()
  const unreachable = lendHttp([], { start: spec.start })
  const connector = await openHttp(spec.config, unreachable)
  expect(await connector.check(AbortSignal.timeout(1_000))).toMatchObject({ state: 'unknown' })
  await connector.close()
  await unreachable.close()
})

describe.each(services)('$name', (documented) => {
  const { name, cases, header, said } = documented
  let service: TestService
  let lent: HttpLent
  let spec: ConnectorSpec
  let connector: Connector

  beforeAll(async () => {
    service = await startDocumented(documented)
    lent = lendHttp()
    spec = (await specs(documented.environment(service.url))).get(name) as ConnectorSpec
    connector = await openHttp(spec.config, lent)
  })
  beforeEach(() => {
    service.seen.length = 0
  })
  afterAll(async () => {
    await connector?.close()
    await lent?.close()
    await service?.stop()
  })

  function call(local: string, args: JsonObject): Promise<Answer> {
    const found = spec.tools.find((tool) => tool.local === local)
    if (!found) throw new Error(`no tool ${local}`)
    const checked = createValidate(found.input)(args)
    if (checked.faults) throw new Error(JSON.stringify(checked.faults))
    return connector.bind(found)(checked.args, runWith())
  }

  test('every tool is tried here', () => {
    const streaming = spec.config['streams'] === undefined ? [] : ['stream_latest']
    expect([...cases.map(({ tool }) => tool), ...streaming].sort()).toEqual(spec.tools.map(({ local }) => local).sort())
  })

  test.each(cases)('$tool asks as documented and answers what came', async ({ tool, args, target, answer }) => {
    expect(await call(tool, args)).toEqual({ type: 'data', data: answer })
    expect(service.seen.map((seen) => seen.target)).toEqual([target])
    expect(service.seen[0]?.headers[header]).toBe(said)
  })

  test('the examples of every tool fit its input', () => {
    for (const { local, input } of spec.tools) {
      const examples = isObject(input) && Array.isArray(input['examples']) ? (input['examples'] as JsonObject[]) : []
      for (const example of examples) expect({ local, faults: createValidate(input)(structuredClone(example)).faults }).toEqual({ local, faults: undefined })
    }
  })
})

describe('the errors of the three services', () => {
  let service: TestService
  let lent: HttpLent
  let found: ReadonlyMap<string, ConnectorSpec>

  beforeAll(async () => {
    service = await startService()
    lent = lendHttp()
    found = await specs({
      TWELVE_DATA_URL: service.url,
      CRYPTOCOMPARE_URL: service.url,
      COINGECKO_URL: service.url,
      TWELVE_DATA_API_KEY: 'key-twelve',
      CRYPTOCOMPARE_API_KEY: 'key-crypto',
      COINGECKO_API_KEY: 'key-gecko',
    })
  })
  afterAll(async () => {
    await lent.close()
    await service.stop()
  })

  const errors: readonly (readonly [string, string, JsonObject, number, unknown, string, RegExp])[] = [
    [
      'twelve_data',
      'price',
      { symbol: 'NOPE' },
      200,
      { code: 404, message: '**symbol** not found: NOPE', status: 'error' },
      'HUB_UPSTREAM_FAILED',
      /no such thing \(status 404\).*NOPE/,
    ],
    [
      'twelve_data',
      'price',
      { symbol: 'AAPL' },
      401,
      { code: 401, message: '**apikey** parameter is incorrect: key-twelve', status: 'error' },
      'HUB_UPSTREAM_FAILED',
      /refuses the hub \(status 401\).*\[secret\]/,
    ],
    [
      'twelve_data',
      'price',
      { symbol: 'AAPL' },
      429,
      { code: 429, message: 'You have run out of API credits for the current minute.', status: 'error' },
      'HUB_LIMITED',
      /run out of API credits/,
    ],
    [
      'cryptocompare',
      'news',
      {},
      401,
      { Data: {}, Err: { type: 2, message: 'API key required', http_status_code: 401 } },
      'HUB_UPSTREAM_FAILED',
      /refuses the hub.*API key required/,
    ],
    [
      'cryptocompare',
      'news',
      {},
      200,
      { Data: [], Err: { type: 1, message: 'bad market', http_status_code: 404 } },
      'HUB_UPSTREAM_FAILED',
      /no such thing.*bad market/,
    ],
    [
      'coingecko',
      'global',
      {},
      429,
      { status: { error_code: 429, error_message: 'You have exceeded the Rate Limit' } },
      'HUB_LIMITED',
      /exceeded the Rate Limit/,
    ],
    ['coingecko', 'coin', { id: 'nope' }, 404, { error: 'coin not found' }, 'HUB_UPSTREAM_FAILED', /no such thing \(status 404\): coin not found/],
  ]
  test.each(errors)('%s, %s: %j with %i', async (name, local, args, code, body, expected, words) => {
    service.answer((_seen, response) => json(response, body, code))
    const spec = found.get(name) as ConnectorSpec
    const connector = await openHttp({ ...spec.config, retries: 0 }, lent)
    const error = await failureOf(connector.bind(spec.tools.find((tool) => tool.local === local)!)(args, runWith()))
    expect(error).toMatchObject({ code: expected, message: expect.stringMatching(words) as string })
    expect(error.message).not.toMatch(/key-twelve|key-crypto|key-gecko/)
    await connector.close()
  })

  test('all coins that are wanted are gathered page by page, with the demo key', async () => {
    service.seen.length = 0
    service.answer(({ url }, response) => {
      const [page, size] = [Number(url.searchParams.get('page')), Number(url.searchParams.get('per_page'))]
      json(
        response,
        Array.from({ length: size }, (_item, index) => ({ id: `coin-${(page - 1) * size + index}`, symbol: 'x', current_price: null })),
      )
    })
    const spec = found.get('coingecko') as ConnectorSpec
    const connector = await openHttp(spec.config, lent)
    const answer = await connector.bind(spec.tools.find((tool) => tool.local === 'markets')!)({ currency: 'usd', limit: 600 }, runWith())
    expect(answer).toMatchObject({ type: 'data', data: { rows: expect.objectContaining({ length: 600 }) as unknown } })
    expect(service.seen.map(({ url }) => url.searchParams.get('page'))).toEqual(['1', '2', '3'])
    expect(service.seen.every(({ headers }) => headers['x-cg-demo-api-key'] === 'key-gecko')).toBe(true)
    await connector.close()
  })

  test('a resource is a GET like any other', async () => {
    service.answer((_seen, response) => json(response, ['usd', 'eur']))
    const spec = found.get('coingecko') as ConnectorSpec
    const connector = await openHttp(spec.config, lent)
    const read = spec.resources.find(({ uri }) => uri === 'coingecko://currencies')!
    expect(await connector.bind(read.tool)({}, runWith())).toEqual({ type: 'data', data: { rows: ['usd', 'eur'] } })
    const one = spec.resources.find(({ template }) => template)!
    service.answer((_seen, response) => json(response, { id: 'bit/coin' }))
    await connector.bind(one.tool)({ id: 'bit/coin' }, runWith())
    expect(service.seen.at(-1)?.url.pathname).toBe('/coins/bit%2Fcoin')
    await connector.close()
  })
})
