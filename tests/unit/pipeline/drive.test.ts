import { describe, expect, test, vi } from 'vitest'
import type { Answer } from '../../../runtime/contract/answer.ts'
import type { Run } from '../../../runtime/contract/call.ts'
import { HubError } from '../../../runtime/contract/errors.ts'
import { parseJson, type Json, type JsonObject } from '../../../runtime/contract/json.ts'
import { createOrder } from '../../../runtime/pipeline/order.ts'
import { connector, tool } from '../../fixtures/plan.ts'
import { openCorridor } from './corridor.ts'

const data = (value: unknown): Answer => ({ type: 'data', data: value as Json })

/** A promise a test ends by hand. */
function gate<T = void>() {
  return Promise.withResolvers<T>()
}

test('the corridor has the stages of the architecture, in their order', () => {
  const order = createOrder(
    {} as never,
    () => ({}) as Run,
    () => undefined,
  )
  expect(order.map(({ name, part }) => `${part} ${name}`)).toEqual([
    'gate limit',
    'gate validate',
    'gate permit',
    'gate recall',
    'work place',
    'work execute',
    'work polish',
    'exit remember',
    'exit record',
    'exit release',
  ])
})

describe('a call that goes through', () => {
  test('answers with defaults laid, says how fresh it is, and leaves a metric and an audit line', async () => {
    const symbols = tool('market', 'echo', { input: { type: 'object', properties: { limit: { type: 'integer', default: 7 } } } })
    const { call, audited, metrics } = openCorridor([connector('market', { tools: [symbols] })], { echo: (args) => data(args) })
    const outcome = await call('market_echo')
    expect(outcome.polished?.json).toBe('{"limit":7}')
    expect(outcome.freshness).toEqual({ cache: 'miss', storedAt: Date.parse('2026-01-01T00:00:00Z'), asOf: '2026-01-01T00:00:00.000Z', source: 'market' })
    expect(audited).toMatchObject([
      { phase: 'outcome', tool: 'market_echo', principal: 'someone', organisation: 'default', status: 'ok', callId: outcome.callId },
    ])
    expect(await metrics.text()).toContain('mcp_requests_total{server="market",tool="market_echo",status="ok"} 1')
  })

  test('keeps the moment its data speaks of', async () => {
    const { call } = openCorridor([connector('market', { tools: [tool('market', 'old')] })], {
      old: () => ({ type: 'data', data: 1, asOf: '2020-01-01T00:00:00Z' }),
    })
    expect((await call('market_old')).freshness?.asOf).toBe('2020-01-01T00:00:00Z')
  })
})

describe('refusals', () => {
  test('arguments that do not fit name each path and never reach the handler', async () => {
    let calls = 0
    const strict = tool('market', 'strict', {
      input: { type: 'object', required: ['symbol'], properties: { symbol: { type: 'string' }, n: { type: 'integer' } } },
    })
    const { call, audited } = openCorridor([connector('market', { tools: [strict] })], { strict: () => ((calls += 1), data(1)) })
    const { error } = await call('market_strict', { n: 'many' })
    expect(error).toMatchObject({ code: 'HUB_ARGS_INVALID', message: '"symbol" is required; "n" must be integer, got "many"' })
    expect(calls).toBe(0)
    expect(audited).toMatchObject([{ status: 'HUB_ARGS_INVALID' }])
  })

  test('arguments wrong as a whole are told as a whole', async () => {
    const few = tool('market', 'few', { input: { type: 'object', minProperties: 1 } })
    const { call } = openCorridor([connector('market', { tools: [few] })], {})
    expect((await call('market_few')).error?.message).toBe('the arguments must NOT have fewer than 1 properties, got {}')
  })

  test('arguments nested beyond reason are refused before anything walks through them', async () => {
    let calls = 0
    const { call } = openCorridor([connector('market', { tools: [tool('market', 'deep', { effect: 'write', input: { type: 'object' } })] })], {
      deep: () => ((calls += 1), data(1)),
    })
    const nested = (levels: number) => parseJson(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`) as JsonObject
    expect((await call('market_deep', nested(3_000))).error).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringContaining('nested deeper than') })
    expect(calls).toBe(0)
    expect((await call('market_deep', nested(100))).error).toBeUndefined()
  })

  test('a limit is told with the time to retry, and a place among concurrent calls is given back', async () => {
    const limited = tool('market', 'limited', { policy: { limit: { calls: 1, perMs: 60_000 } } })
    const single = tool('market', 'single', { policy: { concurrency: 1 } })
    const held = gate<Answer>()
    const { call } = openCorridor([connector('market', { tools: [limited, single] })], { limited: () => data(1), single: () => held.promise })
    expect((await call('market_limited')).error).toBeUndefined()
    const second = await call('market_limited')
    expect(second.error?.code).toBe('HUB_LIMITED')
    expect(second.error?.details.retryAfterMs).toBeGreaterThan(0)
    const first = call('market_single')
    expect((await call('market_single')).error?.code).toBe('HUB_LIMITED')
    held.resolve(data('done') as Answer)
    expect((await first).error).toBeUndefined()
    expect((await call('market_single')).error).toBeUndefined()
  })

  test('a role too weak is refused even where the tool was found', async () => {
    const { call } = openCorridor([connector('market', { tools: [tool('market', 'add', { effect: 'write' })] })], { add: () => data(1) })
    expect((await call('market_add', {}, { principal: { role: 'reader' } })).error).toMatchObject({
      code: 'HUB_DENIED',
      message: '"market_add" needs the role writer; this caller has reader',
    })
  })

  test('a token without the scope is told which one is missing', async () => {
    const { call } = openCorridor([connector('market', { tools: [tool('market', 'deep', { policy: { scopes: ['market.deep', 'market'] } })] })], {
      deep: () => data(1),
    })
    const { error } = await call('market_deep', {}, { principal: { via: 'oauth', scopes: new Set(['market']) } })
    expect(error).toMatchObject({
      code: 'HUB_SCOPE_INSUFFICIENT',
      message: '"market_deep" needs a token with the scope market.deep',
      details: { scopes: ['market.deep', 'market'] },
    })
  })

  const policies: readonly { readonly name: string; readonly args: JsonObject; readonly denied: string | undefined }[] = [
    { name: 'a literal on the list passes', args: { symbol: '^GSPC' }, denied: undefined },
    { name: 'a glob on the list passes', args: { symbol: 'BTC/USDT' }, denied: undefined },
    { name: 'a value off the list is refused with the list', args: { symbol: 'DOGE' }, denied: '"symbol" may not be "DOGE" here; allowed: "^GSPC", "BTC/*"' },
    { name: 'every element of a list is held to it', args: { symbol: ['BTC/EUR', 'X'] }, denied: '"symbol[1]" may not be "X" here; allowed: "^GSPC", "BTC/*"' },
    { name: 'a number over the bound is refused', args: { limit: 501 }, denied: '"limit" is 501, over the 500 this hub allows' },
    { name: 'a number at the bound passes', args: { limit: 500 }, denied: undefined },
    { name: 'a text over the bound is refused', args: { note: 'too long' }, denied: '"note" is 8, over the 3 this hub allows' },
    { name: 'a list over the bound is refused', args: { ids: [1, 2, 3] }, denied: '"ids" is 3, over the 2 this hub allows' },
    { name: 'a nested path is held', args: { orders: [{ side: 'buy' }, { side: 'sell' }] }, denied: '"orders[1].side" may not be "sell" here; allowed: "buy"' },
    { name: 'a literal that is no text is compared whole', args: { version: 2 }, denied: '"version" may not be 2 here; allowed: 1' },
    { name: 'an object has no size', args: { limit: { a: 1 } }, denied: undefined },
    { name: 'an argument left out passes', args: {}, denied: undefined },
  ]
  test.each(policies)('argument policy: $name', async ({ args, denied }) => {
    const guarded = tool('market', 'guarded', {
      policy: {
        arguments: [
          { path: 'symbol', allow: ['^GSPC', 'BTC/*'] },
          { path: 'limit', max: 500 },
          { path: 'note', max: 3 },
          { path: 'ids', max: 2 },
          { path: 'orders.side', allow: ['buy'] },
          { path: 'version', allow: [1] },
        ],
      },
    })
    const { call } = openCorridor([connector('market', { tools: [guarded] })], { guarded: () => data(1) })
    const { error } = await call('market_guarded', args)
    expect(error?.message).toBe(denied)
    if (denied) expect(error?.code).toBe('HUB_DENIED')
  })
})

describe('writes', () => {
  const adds = [connector('market', { tools: [tool('market', 'add', { effect: 'write', input: { type: 'object' } })] })]

  test('are in the audit before they happen, scrubbed', async () => {
    let seen: readonly string[] = []
    const { call, audited, secrets } = openCorridor(adds, { add: () => ((seen = audited.map(({ phase }) => phase)), data('ok')) })
    secrets.protect('hunter2-hunter2')
    await call('market_add', { price: 1, password: 'hunter2-hunter2' })
    expect(seen).toEqual(['intent'])
    expect(audited).toMatchObject([
      { phase: 'intent', args: { price: 1, password: '[secret]' } },
      { phase: 'outcome', status: 'ok' },
    ])
    expect(audited[0]?.callId).toBe(audited[1]?.callId)
  })

  test('are audited with every digit of their numbers, but for those of a secret', async () => {
    const { call, audited, secrets } = openCorridor(adds, { add: () => data('ok') })
    const line = async (args: string) => {
      await call('market_add', parseJson(args) as JsonObject)
      return JSON.stringify(audited.findLast(({ phase }) => phase === 'intent')?.args)
    }
    expect(await line('{"id":9007199254740993,"pin":12345678}')).toBe('{"id":9007199254740993,"pin":12345678}')
    secrets.protect('12345678')
    expect(await line('{"id":9007199254740993,"pin":12345678,"of":[{"pin":912345678,"x":"y"}]}')).toBe(
      '{"id":9007199254740993,"pin":"[secret]","of":[{"pin":"9[secret]","x":"y"}]}',
    )
  })

  test('are refused when they cannot be audited first, and nothing happens', async () => {
    let calls = 0
    const { call, audit } = openCorridor(adds, { add: () => ((calls += 1), data('ok')) })
    audit.refuses = true
    expect((await call('market_add')).error?.code).toBe('HUB_AUDIT_UNAVAILABLE')
    expect(calls).toBe(0)
  })

  test('leave only names and sizes of arguments too long to keep', async () => {
    const { call, audited } = openCorridor(adds, { add: () => data('ok') })
    await call('market_add', { text: 'x'.repeat(10_000), list: { a: 1 } })
    expect(audited[0]?.args).toEqual({ text: '(string of 10002 characters)', list: '(object of 7 characters)' })
  })
})

describe('the cache', () => {
  const cached = (policy = { ttlMs: 1_000, staleMs: 5_000, tags: [] }) => [
    connector('market', { tools: [tool('market', 'price', { input: { type: 'object' }, policy: { cache: policy } })] }),
  ]

  test('a hit is answered without the handler until its time is over', async () => {
    let calls = 0
    const { call, clock, metrics } = openCorridor(cached({ ttlMs: 1_000, staleMs: 0, tags: [] }), { price: () => data((calls += 1)) })
    const answers = async () => (await call('market_price')).polished?.json
    expect(await answers()).toBe('1')
    const hit = await call('market_price')
    expect(hit.freshness).toMatchObject({ cache: 'hit', storedAt: clock.now })
    clock.now += 1_001
    expect(await answers()).toBe('2')
    expect(await metrics.text()).toContain('mcp_cache_hits_total{server="market",tool="market_price"} 1')
  })

  test('a stale answer is given at once while a detached call fetches the next', async () => {
    let calls = 0
    const refreshed = gate()
    const { call, clock, audited } = openCorridor(cached(), {
      price: () => {
        calls += 1
        if (calls === 2) refreshed.resolve()
        return data(calls)
      },
    })
    await call('market_price')
    clock.now += 2_000
    const stale = await call('market_price')
    expect(stale.polished?.json).toBe('1')
    expect(stale.freshness?.cache).toBe('stale')
    await refreshed.promise
    await expect.poll(async () => (await call('market_price')).polished?.json).toBe('2')
    expect(calls).toBe(2)
    expect(audited.filter(({ cache }) => cache === 'miss').length).toBe(1)
  })

  test('callers of different organisations never share an answer; argument order does not matter', async () => {
    let calls = 0
    const { call } = openCorridor(cached(), { price: () => data((calls += 1)) })
    await call('market_price', { a: 1, b: 2 })
    expect((await call('market_price', { b: 2, a: 1 })).freshness?.cache).toBe('hit')
    expect((await call('market_price', { a: 1, b: 2 }, { principal: { organisation: 'other' } })).freshness?.cache).toBe('miss')
    expect(calls).toBe(2)
  })

  test('many callers at once are one call', async () => {
    let calls = 0
    const held = gate<Answer>()
    const { call } = openCorridor(cached(), { price: () => ((calls += 1), held.promise) })
    const all = Array.from({ length: 20 }, () => call('market_price'))
    held.resolve(data(42) as Answer)
    expect((await Promise.all(all)).map(({ polished }) => polished?.json)).toEqual(Array(20).fill('42'))
    expect(calls).toBe(1)
  })

  test('when the one that flies goes away, one who waits flies next', async () => {
    const started: PromiseWithResolvers<Answer>[] = []
    const { call } = openCorridor(cached(), { price: () => (started.push(gate<Answer>()), started.at(-1)?.promise as Promise<Answer>) })
    const leaving = new AbortController()
    const first = call('market_price', {}, { signal: leaving.signal })
    const second = call('market_price')
    await expect.poll(() => started.length).toBe(1)
    leaving.abort()
    expect((await first).error?.code).toBe('HUB_CANCELLED')
    await expect.poll(() => started.length).toBe(2)
    started[1]?.resolve(data('mine') as Answer)
    expect((await second).polished?.json).toBe('"mine"')
  })

  test('one who waits and goes away is told so, and the flight goes on', async () => {
    const held = gate<Answer>()
    const { call } = openCorridor(cached(), { price: () => held.promise })
    const first = call('market_price')
    const leaving = new AbortController()
    const second = call('market_price', {}, { signal: leaving.signal })
    leaving.abort()
    expect((await second).error?.code).toBe('HUB_CANCELLED')
    held.resolve(data('still') as Answer)
    expect((await first).polished?.json).toBe('"still"')
  })

  test('those who wait for a source that hangs are told so when their own time is over, and none leads with a time of its own after that', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    try {
      const from = Date.now()
      const deadlines: number[] = []
      const ended: (string | undefined)[] = []
      const { call } = openCorridor(cached(), { price: (_args, run) => (deadlines.push(run.deadline - from), new Promise<Answer>(() => undefined)) })
      const ask = async () => void ended.push((await call('market_price')).error?.code)
      const early = [ask(), ask(), ask()]
      await vi.advanceTimersByTimeAsync(1_000)
      const late = [ask(), ask()]
      await vi.advanceTimersByTimeAsync(4_500)
      expect(ended).toEqual(early.map(() => 'HUB_TIMEOUT'))
      await vi.advanceTimersByTimeAsync(1_000)
      expect(ended).toEqual([...early, ...late].map(() => 'HUB_TIMEOUT'))
      expect(Math.max(...deadlines)).toBe(6_000)
    } finally {
      vi.useRealTimers()
    }
  })

  test('a failure is shared by those who waited and is not kept', async () => {
    let calls = 0
    const { call } = openCorridor(cached(), {
      price: async () => {
        calls += 1
        throw new HubError('HUB_QUERY_FAILED', 'no such table')
      },
    })
    const both = await Promise.all([call('market_price'), call('market_price')])
    expect(both.map(({ error }) => error?.code)).toEqual(['HUB_QUERY_FAILED', 'HUB_QUERY_FAILED'])
    await call('market_price')
    expect(calls).toBe(2)
  })

  test('an answer that says it is an error is not kept', async () => {
    let calls = 0
    const { call } = openCorridor(cached(), { price: () => ((calls += 1), { type: 'content', content: [], isError: true }) })
    await call('market_price')
    await call('market_price')
    expect(calls).toBe(2)
  })

  test('a question to one caller is not answered to another', async () => {
    let calls = 0
    const { call } = openCorridor(cached(), { price: () => ((calls += 1), { type: 'input', requests: {}, state: `${calls}` }) })
    await Promise.all([call('market_price'), call('market_price')])
    expect(calls).toBe(2)
  })
})

describe('work that goes wrong', () => {
  const slow = [
    connector('market', {
      tools: [tool('market', 'slow', { policy: { timeoutMs: 20 } }), tool('market', 'write', { effect: 'write', policy: { timeoutMs: 20 } })],
    }),
  ]
  const never = () => new Promise<Answer>(() => undefined)

  test('a call past its deadline is cancelled, told, and its handler’s signal aborted', async () => {
    let signal: AbortSignal | undefined
    const { call } = openCorridor(slow, { slow: (_args, run) => ((signal = run.signal), never()) })
    const { error } = await call('market_slow')
    expect(error).toMatchObject({ code: 'HUB_TIMEOUT', message: '"market_slow" did not answer within 0.02 s and was cancelled; ask for less, or try again' })
    expect(signal?.aborted).toBe(true)
  })

  test('a write past its deadline says that it may have happened', async () => {
    const { call } = openCorridor(slow, { write: never })
    expect((await call('market_write')).error?.message).toContain('it may or may not have happened')
  })

  test('the deadline stands still while the user is asked', async () => {
    const { call } = openCorridor(slow, {
      slow: async (_args, run) => ({ type: 'data', data: await run.ask({ method: 'elicitation/create', params: {} }) }),
    })
    const ask = () => new Promise<string>((resolve) => setTimeout(resolve, 60, 'yes'))
    expect((await call('market_slow', {}, { exchange: { ask } })).polished?.json).toBe('"yes"')
  })

  test('a caller that cannot be asked is told what the tool wanted', async () => {
    const { call } = openCorridor(slow, { slow: async (_args, run) => ({ type: 'data', data: await run.ask({ method: 'elicitation/create', params: {} }) }) })
    expect((await call('market_slow')).error).toMatchObject({ code: 'HUB_INPUT_UNSUPPORTED', details: { method: 'elicitation/create' } })
  })

  test('a caller gone before the work began is not served', async () => {
    const { call } = openCorridor([connector('market', { tools: [tool('market', 'any')] })], { any: never })
    expect((await call('market_any', {}, { signal: AbortSignal.abort() })).error?.code).toBe('HUB_CANCELLED')
  })

  test('a fault inside a handler shows nothing of itself', async () => {
    const { call } = openCorridor([connector('market', { tools: [tool('market', 'broken')] })], {
      broken: () => {
        throw new TypeError('cannot read /etc/secret of undefined')
      },
    })
    const { error } = await call('market_broken')
    expect(error?.code).toBe('HUB_INTERNAL')
    expect(error?.message).not.toContain('secret')
  })

  test('reads are tried again when their system was down; writes are not', async () => {
    let reads = 0
    let writes = 0
    const down = () => new HubError('HUB_CONNECTOR_DOWN', 'gone')
    const tools = [tool('market', 'read', { policy: { retry: 2 } }), tool('market', 'write', { effect: 'write', policy: { retry: 2 } })]
    const { call } = openCorridor([connector('market', { tools })], {
      read: async () => {
        reads += 1
        if (reads < 3) throw down()
        return data('back') as Answer
      },
      write: async () => {
        writes += 1
        throw down()
      },
    })
    expect((await call('market_read')).polished?.json).toBe('"back"')
    expect((await call('market_write')).error?.code).toBe('HUB_CONNECTOR_DOWN')
    expect([reads, writes]).toEqual([3, 1])
  })

  test('a tool that fails again and again is left alone, with the time to come back', async () => {
    let calls = 0
    const { call } = openCorridor([connector('market', { tools: [tool('market', 'sick', { policy: { breaker: { failures: 2, resetMs: 30_000 } } })] })], {
      sick: async () => {
        calls += 1
        throw new HubError('HUB_CONNECTOR_DOWN', 'gone')
      },
    })
    for (let index = 0; index < 5; index += 1) await call('market_sick')
    expect(calls).toBe(2)
    expect((await call('market_sick')).error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { retryAfterMs: 30_000 } })
  })

  test('the same tool of a fallback connector stands in, says so, and its answer is not kept', async () => {
    let standIns = 0
    const price = (name: string) => tool(name, 'price', { policy: { cache: { ttlMs: 60_000, staleMs: 0, tags: [] } } })
    const connectors = [
      connector('kraken', { tools: [price('kraken')], fallback: ['none', 'coinbase'] }),
      connector('coinbase', { tools: [price('coinbase')] }),
    ]
    const { call } = openCorridor(connectors, {
      price: async () => {
        if (standIns % 2 === 0) {
          standIns += 1
          throw new HubError('HUB_CONNECTOR_DOWN', 'gone')
        }
        standIns += 1
        return data(7) as Answer
      },
    })
    const outcome = await call('kraken_price')
    expect(outcome.polished?.answer).toMatchObject({ data: 7, notes: ['answered by coinbase, because kraken is down'] })
    expect(outcome.freshness).toMatchObject({ source: 'coinbase', cache: 'miss' })
    expect((await call('kraken_price')).freshness?.cache).toBe('miss')
  })

  test('a fallback connector whose policy does not allow the arguments is not asked', async () => {
    let asked = 0
    const price = (name: string, allow: readonly string[]) =>
      tool(name, 'price', { input: { type: 'object', properties: { symbol: { type: 'string' } } }, policy: { arguments: [{ path: 'symbol', allow }] } })
    const connectors = [
      connector('kraken', { tools: [price('kraken', ['*'])], fallback: ['strict', 'coinbase'] }),
      connector('strict', { tools: [price('strict', ['BTC'])] }),
      connector('coinbase', { tools: [price('coinbase', ['BTC', 'ETH'])] }),
    ]
    const { call } = openCorridor(connectors, {
      price: async () => {
        asked += 1
        if (asked % 2 === 1) throw new HubError('HUB_CONNECTOR_DOWN', 'gone')
        return data(7) as Answer
      },
    })
    expect((await call('kraken_price', { symbol: 'BTC' })).freshness?.source).toBe('strict')
    expect((await call('kraken_price', { symbol: 'ETH' })).freshness?.source).toBe('coinbase')
    expect((await call('kraken_price', { symbol: 'DOGE' })).error?.code).toBe('HUB_CONNECTOR_DOWN')
    expect(asked).toBe(5)
  })
})

describe('tools that call tools', () => {
  const circle = [
    connector('ind', {
      tools: [
        tool('ind', 'outer'),
        tool('ind', 'inner', { input: { type: 'object', properties: { n: { type: 'integer', default: 3 } } } }),
        tool('ind', 'self'),
        tool('ind', 'secret', { role: 'admin' }),
      ],
    }),
  ]

  test('walk the corridor as the caller and leave an audit line each', async () => {
    const { call, audited } = openCorridor(circle, {
      outer: async (_args, run) => {
        const args = Object.freeze({})
        const answer = await run.call('ind_inner', args)
        return data(answer.type === 'data' ? answer.data : null) as Answer
      },
      inner: (args) => data(args),
    })
    expect((await call('ind_outer')).polished?.json).toBe('{"n":3}')
    expect(audited.map((line) => line.tool)).toEqual(['ind_inner', 'ind_outer'])
  })

  test('are stopped in a circle, and do not see what the caller does not see', async () => {
    const { call } = openCorridor(circle, { self: (_args, run) => run.call('ind_self', {}), outer: (_args, run) => run.call('ind_secret', {}) })
    expect((await call('ind_self')).error).toMatchObject({ code: 'HUB_DEPTH', message: 'tools call each other in a circle: ind_self → ind_self' })
    expect((await call('ind_outer', {}, { principal: { role: 'reader' } })).error?.code).toBe('HUB_TOOL_UNKNOWN')
  })

  test('are stopped when they go too deep', async () => {
    const deep = [connector('d', { tools: Array.from({ length: 10 }, (_, index) => tool('d', `t${index}`)) })]
    const acts = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`t${index}`, (_args: unknown, run: Run) => run.call(`d_t${index + 1}`, {})]))
    expect((await openCorridor(deep, acts).call('d_t0')).error).toMatchObject({ code: 'HUB_DEPTH' })
  })

  test('an inner question goes to the outer caller and its answer comes back in', async () => {
    const { call } = openCorridor(circle, {
      outer: (_args, run) => run.call('ind_inner', {}),
      inner: (_args, run) =>
        run.resumed
          ? (data({ ...run.resumed }) as Answer)
          : { type: 'input', requests: { q: { method: 'elicitation/create', params: { message: 'which?' } } }, state: 'kept' },
    })
    const asked: unknown[] = []
    const outcome = await call('ind_outer', {}, { exchange: { ask: async (question) => (asked.push(question), { action: 'accept' }) } })
    expect(asked).toEqual([{ method: 'elicitation/create', params: { message: 'which?' } }])
    expect(outcome.polished?.json).toBe('{"state":"kept","responses":{"q":{"action":"accept"}}}')
  })

  test('an inner tool that never stops asking is stopped', async () => {
    const { call } = openCorridor(circle, { outer: (_args, run) => run.call('ind_inner', {}), inner: () => ({ type: 'input', requests: {}, state: 's' }) })
    expect((await call('ind_outer')).error?.code).toBe('HUB_UPSTREAM_FAILED')
  })
})

test('progress and log reach the caller of this call', async () => {
  const heard: unknown[] = []
  const { call } = openCorridor([connector('m', { tools: [tool('m', 'loud')] })], {
    loud: (_args, run) => {
      run.progress(1, 2, 'half')
      run.log('info', 'hello', 'm')
      return data([run.deadline > Date.now(), run.logLevel]) as Answer
    },
  })
  const outcome = await call('m_loud', {}, { exchange: { logLevel: 'info', progress: (...said) => heard.push(said), log: (...said) => heard.push(said) } })
  expect(heard).toEqual([
    [1, 2, 'half'],
    ['info', 'hello', 'm'],
  ])
  expect(outcome.polished?.json).toBe('[true,"info"]')
})
