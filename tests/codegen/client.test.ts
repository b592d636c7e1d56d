import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { HubError } from '../../runtime/contract/errors.ts'
import type { TestConnector, TestHub } from '../mcp/hub.ts'
import { startTestHub } from '../mcp/hub.ts'
import { createTalker, market } from '../mcp/connectors.ts'
import { loadClient, type AnyClient } from './emitted.ts'
import { generationOf } from './plan.ts'

const ending: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

const refusing: TestConnector = {
  name: 're-fusing',
  tools: {
    limited: { handler: () => Promise.reject(new HubError('HUB_LIMITED', 'too many calls; retry in 2 s', { retryAfterMs: 2_000 })) },
    private: { handler: () => Promise.reject(new HubError('HUB_EGRESS_DENIED', 'the address 10.1.2.3 is private', { address: '10.1.2.3' })) },
    upset: { handler: async () => ({ type: 'content', content: [{ type: 'text', text: 'no such city' }], isError: true }) },
    untrue: { output: { type: 'object', properties: {} }, handler: async () => ({ type: 'content', content: [{ type: 'text', text: 'words alone' }] }) },
    alone: { role: 'operator', handler: async () => ({ type: 'data', data: {} }) },
  },
}
const connectors = (): readonly TestConnector[] => [market, createTalker(), refusing]

async function start(options: Partial<Parameters<typeof startTestHub>[0]> = {}): Promise<TestHub> {
  const hub = await startTestHub({ connectors: connectors(), toolsets: [{ name: 'quiet', tools: ['market_*'], prompts: [], resources: [] }], ...options })
  ending.push(() => hub.close())
  return hub
}

let loaded: Awaited<ReturnType<typeof loadClient>>
beforeAll(async () => {
  const hub = await start()
  const { connectors, toolsets } = hub.manager.current().plan
  loaded = await loadClient(await generationOf(connectors, toolsets))
})
afterAll(() => loaded.remove())

const fault = async (call: Promise<unknown>): Promise<Record<string, unknown>> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(loaded.HubCallError)
  const { code, message, tool, callId, retryAfterMs, faults, details, name } = error as Record<string, unknown>
  return { name, code, message, tool, callId, retryAfterMs, faults, details }
}

describe.each(['auto', 'legacy'] as const)('the client, protocol %s', (protocol) => {
  function open(url: string, options: object = {}): AnyClient {
    const client = loaded.hubClient({ url, protocol, ...options })
    ending.push(() => client.close())
    return client
  }

  test('answers what a tool declares, whatever its shape', async () => {
    const { url } = await start()
    const client = open(url)
    expect(await client.call('market_candles', { symbol: 'BTC/USDT' })).toMatchObject({ rows: [{ symbol: 'BTC/USDT', close: '67000.5' }] })
    expect(await client.call('market_list')).toEqual([1, 2, 3])
    expect(await client.call('market_word')).toMatchObject({ text: '"just text"', content: [{ type: 'text', text: '"just text"' }] })
    expect(await client.call('market_echo', { a: [1, null, 'ü'] })).toMatchObject({ structured: { a: [1, null, 'ü'] } })
    expect(await client.call('market_by_header', { region: 'eu', depth: 2 })).toMatchObject({ structured: { region: 'eu', depth: 2 } })
    expect(await client.call('market_write')).toMatchObject({ structured: { written: true } })
  })

  test('offers each tool as a method of its connector', async () => {
    const { url } = await start()
    const client = open(new URL(url).href) as AnyClient & Readonly<Record<string, Readonly<Record<string, (args?: object) => Promise<unknown>>>>>
    expect(await client['market']?.['byHeader']?.({ depth: 1 })).toMatchObject({ structured: { depth: 1 } })
    expect(Object.keys(client).toSorted()).toEqual(['call', 'close', 'market', 'reFusing', 'talker'])
  })

  test('takes the names of the endpoint it was given', async () => {
    const { url } = await start()
    expect(await open(url, { connector: 'market' }).call('market_list')).toEqual([1, 2, 3])
    expect(await fault(open(url, { connector: 'reFusing' }).call('re-fusing_limited'))).toMatchObject({ code: 'HUB_LIMITED' })
    expect(await open(`${url}/mcp`, { toolset: 'quiet' }).call('market_list')).toEqual([1, 2, 3])
    expect(await fault(open(url, { toolset: 'quiet' }).call('talker_progress'))).toMatchObject({
      code: 'HUB_TOOL_UNKNOWN',
      message: expect.stringContaining('talker_progress') as string,
    })
    expect(() => loaded.hubClient({ url, connector: 'nope' })).toThrow('this client knows no connector nope')
    expect(() => loaded.hubClient({ url: `${url}/mcp/connectors/market` })).toThrow('name an endpoint by connector or toolset')
  })

  test('tells every error by its code, with what came with it', async () => {
    const { url } = await start()
    const client = open(url)
    const callId = expect.stringMatching(/^\S{8,}$/) as string
    expect(await fault(client.call('market_candles', { symbol: 1, limit: 'x', more: 1 }))).toMatchObject({
      name: 'HubCallError',
      code: 'HUB_ARGS_INVALID',
      tool: 'market_candles',
      callId,
      faults: [{ path: 'more' }, { path: 'symbol', message: 'must be string, got 1' }, { path: 'limit' }],
    })
    expect(await fault(client.call('market_fails'))).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      message: 'the database refused the statement: no such table',
      callId,
      details: { table: 'ohlcv' },
      faults: [],
    })
    expect(await fault(client.call('market_bursts'))).toMatchObject({ code: 'HUB_INTERNAL', callId, message: expect.not.stringContaining('secret') as string })
    expect(await fault(client.call('re-fusing_limited'))).toMatchObject({ code: 'HUB_LIMITED', retryAfterMs: 2_000 })
    expect(await fault(client.call('re-fusing_private'))).toMatchObject({
      code: 'HUB_EGRESS_DENIED',
      message: expect.not.stringContaining('10.1.2.3') as string,
    })
    expect(await fault(client.call('re-fusing_upset'))).toMatchObject({
      code: 'HUB_UPSTREAM_FAILED',
      message: 'no such city',
      details: { content: [{ text: 'no such city' }] },
    })
    expect(await fault(client.call('re-fusing_untrue'))).toMatchObject({
      tool: 're-fusing_untrue',
      code: expect.stringMatching(/^(CLIENT_PROTOCOL|HUB_UPSTREAM_FAILED)$/) as string,
    })
    expect(await fault(client.call('talker_ask'))).toMatchObject({ code: 'HUB_INPUT_UNSUPPORTED' })
    expect(await fault(client.call('nobody_nothing'))).toMatchObject({ code: 'HUB_TOOL_UNKNOWN', tool: 'nobody_nothing' })
  })

  test('reports progress, keeps to its time, and ends when its caller goes away', async () => {
    const talker = createTalker()
    const { url } = await start({ connectors: [market, talker, refusing] })
    const client = open(url, { timeoutMs: 30_000 })
    const seen: object[] = []
    await client.call('talker_progress', {}, { onProgress: (progress) => seen.push(progress) })
    expect(seen).toMatchObject([
      { progress: 1, total: 2, message: 'half' },
      { progress: 2, total: 2 },
    ])
    const leaving = new AbortController()
    const waiting = client.call('talker_wait', {}, { signal: leaving.signal })
    await talker.started
    const reason = new Error('the user left')
    leaving.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await talker.aborted
    await expect(client.call('market_list', {}, { signal: leaving.signal })).rejects.toBe(reason)
    expect(await fault(client.call('talker_wait', {}, { timeoutMs: 20 }))).toMatchObject({ code: 'CLIENT_TIMEOUT' })
    expect(await client.call('market_list')).toEqual([1, 2, 3])
  })

  test('connects once for many calls, and again when the hub has forgotten it', async () => {
    let hub = await start()
    const sent: string[] = []
    const client = open('http://hub.example', {
      // A name that leads to whichever hub runs today.
      fetch: (input: string | URL, init?: RequestInit) => {
        sent.push(init?.method ?? 'GET')
        return fetch(String(input).replace('http://hub.example', hub.url), init)
      },
    })
    expect(await Promise.all(Array.from({ length: 8 }, () => client.call('market_list')))).toEqual(Array.from({ length: 8 }, () => [1, 2, 3]))
    expect(sent.filter((method) => method === 'POST').length).toBeLessThanOrEqual(8 + 2)
    hub = await start()
    expect(await client.call('market_list')).toEqual([1, 2, 3])
  })

  test('is refused without a good key, and takes one that is asked for each time', async () => {
    const { url, keys } = await start({ keys: [{ name: 'reader', role: 'reader' }] })
    expect(await fault(open(url).call('market_list'))).toMatchObject({ code: 'HUB_UNAUTHENTICATED' })
    expect(await fault(open(url, { token: 'hub_wrong' }).call('market_list'))).toMatchObject({ code: 'HUB_UNAUTHENTICATED', details: { status: 401 } })
    expect(await open(url, { headers: { authorization: `Bearer ${keys['reader']}` } }).call('market_list')).toEqual([1, 2, 3])
    let key = 'hub_old'
    const client = open(url, { token: async () => key })
    expect(await fault(client.call('market_list'))).toMatchObject({ code: 'HUB_UNAUTHENTICATED' })
    key = keys['reader'] as string
    expect(await client.call('market_list')).toEqual([1, 2, 3])
    expect(await fault(client.call('re-fusing_alone'))).toMatchObject({ code: 'HUB_TOOL_UNKNOWN' })
  })

  test('says so when no hub is there, none answers, or it was closed', async () => {
    const { url } = await start()
    const client = open(url)
    await client.close()
    expect(await fault(client.call('market_list'))).toMatchObject({ code: 'CLIENT_CLOSED' })
    expect(await fault(open('http://127.0.0.1:9').call('market_list'))).toMatchObject({ code: 'CLIENT_UNREACHABLE', tool: 'market_list' })
    expect(await fault(open(`${url}/elsewhere`).call('market_list'))).toMatchObject({ code: 'CLIENT_UNREACHABLE', details: { status: 404 } })
    const odd = await listen((_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello</p>'))
    expect((await fault(open(odd).call('market_list')))['code']).toMatch(/^CLIENT_/)
    const broken = await listen((_request, response) => response.writeHead(502).end('bad gateway'))
    expect(await fault(open(broken).call('market_list'))).toMatchObject({ code: 'CLIENT_UNREACHABLE', details: { status: 502 } })
  })

  test('closes while calls are under way', async () => {
    const talker = createTalker()
    const { url } = await start({ connectors: [market, talker, refusing] })
    const client = open(url)
    const waiting = fault(client.call('talker_wait'))
    await talker.started
    await client.close()
    expect(await waiting).toMatchObject({ code: 'CLIENT_CLOSED' })
    await talker.aborted
  })
})

async function listen(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ending.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
