import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasRawNumber, rawNumber, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import type { MemoryConfig } from '../../runtime/kinds/memory/config.ts'
import type { MemoryOperation } from '../../runtime/kinds/memory/operation.ts'
import { settingsOf } from '../../runtime/kinds/memory/config.ts'
import { tool } from '../fixtures/plan.ts'
import { until } from './conformance.ts'
import type { runWith } from './lent.ts'
import { agent, answerOf, call, over, refusal, runOf } from './memory-agents.ts'
import { noRedis, places, startStores, type Stores } from './memory-stores.ts'

let stores: Stores
let run = 0

beforeAll(async () => {
  stores = await startStores()
})
afterAll(() => stores?.stop())

describe.each(places)('memory in %s', (_words, name) => {
  const cannot = name === 'Redis' ? noRedis : undefined
  const given = cannot === undefined ? test : test.skip

  /** A connector with a schema or prefix of its own, so that tests do not meet. */
  function open(config: MemoryConfig = {}): Connector<MemoryOperation> {
    const made = stores.make(settingsOf(config).bounds)
    return over(made[name] as NonNullable<(typeof made)[string]>, config)
  }
  const fresh = (): ReturnType<typeof runWith> => runOf(agent(`agent ${(run += 1)}`))

  given('numbers keep every digit, in state, history and signals', async () => {
    const [connector, me] = [open({ shared: [] }), fresh()]
    const body = {
      big: rawNumber('9007199254740993'),
      small: rawNumber('0.1000000000000000055511151231257827'),
      huge: rawNumber('1e400'),
      deep: [{ n: rawNumber('-123456789012345678901234567890.5') }],
    }
    const text = '{"big":9007199254740993,"small":0.1000000000000000055511151231257827,"huge":1e400,"deep":[{"n":-123456789012345678901234567890.5}]}'
    await call(connector, 'set_state', { key: 'k', value: body }, me)
    await call(connector, 'merge_state', { key: 'k', patch: { other: 1 } }, me)
    await call(connector, 'append_analysis', { symbol: 'S', kind: 'k', body }, me)
    await call(connector, 'publish_signal', { channel: 'own/c', body }, me)
    const { value } = await call(connector, 'get_state', { key: 'k' }, me)
    expect(JSON.stringify(value)).toBe(`${text.slice(0, -1)},"other":1}`)
    expect(hasRawNumber(value as Json)).toBe(true)
    expect(JSON.stringify(await call(connector, 'query_analyses', {}, me))).toContain(`"body":${text}`)
    expect(JSON.stringify(await call(connector, 'read_signals', { channel: 'own/c' }, me))).toContain(`"body":${text}`)
  })

  given('texts come back as they were, whatever is in them', async () => {
    const [connector, me] = [open(), fresh()]
    const value = {
      'e\u0301': 'é',
      nul: 'a\u0000b',
      lone: '\ud800',
      emoji: '👩‍🚀',
      quotes: '"\\\'; DROP TABLE state; --',
      ['__proto__']: { polluted: true },
      empty: '',
      nested: [[], {}, null],
    }
    await call(connector, 'set_state', { key: 'k', value: JSON.parse(JSON.stringify(value)) as Json }, me)
    expect((await call(connector, 'get_state', { key: 'k' }, me))['value']).toEqual(JSON.parse(JSON.stringify(value)))
    await call(connector, 'merge_state', { key: 'k', patch: JSON.parse('{"__proto__":{"more":1}}') as Json }, me)
    const merged = (await call(connector, 'get_state', { key: 'k' }, me))['value'] as JsonObject
    expect(JSON.stringify(merged)).toContain('"__proto__":{"polluted":true,"more":1}')
    expect((merged as { polluted?: unknown }).polluted).toBeUndefined()
  })

  given('keys of any characters are kept exactly, and those that are alike stay apart', async () => {
    const [connector, me] = [open(), fresh()]
    const keys = ['é', 'e\u0301', 'a/../b', 'a:b', '{tag}', '👩‍🚀', '*', '%', ' ', 'ü'.repeat(256), '\u200b']
    for (const [index, key] of keys.entries()) await call(connector, 'set_state', { key, value: index }, me)
    for (const [index, key] of keys.entries()) expect(await call(connector, 'get_state', { key }, me)).toMatchObject({ key, value: index })
    const { rows } = await call(connector, 'list_state', {}, me)
    expect((rows as JsonObject[]).map(({ key }) => key)).toEqual(keys.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))))
  })

  given.each([
    ['empty', '', /empty/],
    ['of a megabyte', 'x'.repeat(1_048_576), /1048576 bytes.*512/],
    ['of many bytes in few characters', 'ü'.repeat(257), /514 bytes/],
    ['with NUL', 'a\u0000b', /control character/],
    ['with a line break', 'a\nb', /control character/],
    ['with half a surrogate pair', 'a\udc00', /surrogate/],
  ])('a key %s is refused with words', async (_what, key, about) => {
    const [connector, me] = [open(), fresh()]
    for (const [tool_, args] of [
      ['get_state', { key }],
      ['set_state', { key, value: 1 }],
      ['merge_state', { key, patch: {} }],
      ['delete_state', { key }],
    ] as const) {
      expect(await refusal(call(connector, tool_, args, me))).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringMatching(about) })
    }
  })

  given('a version is written over once, and never comes again', async () => {
    const [connector, me] = [open(), fresh()]
    const set = (value: Json, ifVersion?: number) => call(connector, 'set_state', { key: 'k', value, ...(ifVersion !== undefined && { ifVersion }) }, me)
    expect(await set('a', 0)).toMatchObject({ version: 1 })
    expect(await refusal(set('b', 0))).toMatchObject({ code: 'HUB_ARGS_INVALID', details: { version: 1 } })
    expect(await set('b', 1)).toMatchObject({ version: 2 })
    expect(await refusal(call(connector, 'delete_state', { key: 'k', ifVersion: 1 }, me))).toMatchObject({ details: { version: 2 } })
    expect(await refusal(call(connector, 'merge_state', { key: 'k', patch: 1, ifVersion: 1 }, me))).toMatchObject({ details: { version: 2 } })
    expect(await call(connector, 'delete_state', { key: 'k', ifVersion: 2 }, me)).toMatchObject({ deleted: true })
    expect(await call(connector, 'delete_state', { key: 'k', ifVersion: 2 }, me).catch((error: Error) => error.message)).toMatch(/nothing is under this key/)
    expect(await set('c', 0)).toMatchObject({ version: 3 })
    expect(await refusal(set('d', 1.5))).toMatchObject({ code: 'HUB_ARGS_INVALID' })
  })

  given('of fifty that write over one version exactly one wins, and of fifty merges none is lost', async () => {
    const [connector, me] = [open(), fresh()]
    await call(connector, 'set_state', { key: 'k', value: {} }, me)
    const writes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, writer) => call(connector, 'set_state', { key: 'k', value: { writer }, ifVersion: 1 }, me)),
    )
    const won = writes.flatMap((result, writer) => (result.status === 'fulfilled' ? [writer] : []))
    expect(won).toHaveLength(1)
    for (const result of writes) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'HUB_ARGS_INVALID', details: { version: 2 } })
    expect(await call(connector, 'get_state', { key: 'k' }, me)).toMatchObject({ version: 2, value: { writer: won[0] } })
    await Promise.all(Array.from({ length: 50 }, (_, index) => call(connector, 'merge_state', { key: 'k', patch: { [`m${index}`]: index } }, me)))
    const { value, version } = await call(connector, 'get_state', { key: 'k' }, me)
    expect(Object.keys(value as JsonObject)).toHaveLength(51)
    expect(version).toBe(52)
  })

  given('what has a lifetime is gone when it is over, counts and all', async () => {
    const [connector, me] = [open({ stateTtl: '1h' }), fresh()]
    await call(connector, 'set_state', { key: 'stays', value: 1 }, me)
    const { expiresAt, updatedAt } = await call(connector, 'set_state', { key: 'goes', value: 1, ttl: '80ms' }, me)
    expect(Date.parse(String(expiresAt)) - Date.parse(String(updatedAt))).toBe(80)
    await call(connector, 'publish_signal', { channel: 'own/c', body: 1, ttl: '80ms' }, me)
    await until(async () => {
      const answer = await call(connector, 'get_state', { key: 'goes' }, me)
      return answer['found'] === false
    })
    await until(async () => ((await call(connector, 'list_channels', {}, me))['rows'] as Json[]).length === 0)
    // Both clocks are of this machine: what is over is not told a moment longer.
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(expiresAt)))
    expect(await call(connector, 'read_signals', { channel: 'own/c', after: '0' }, me)).toMatchObject({ rows: [] })
    const { usage, rows } = await call(connector, 'list_state', {}, me)
    expect([usage, rows]).toMatchObject([{ keys: 1 }, [{ key: 'stays', expiresAt: expect.any(String) as string }]])
    const merged = await call(connector, 'merge_state', { key: 'stays', patch: { a: 1 } }, me)
    expect(merged['expiresAt']).toBe((rows as JsonObject[])[0]?.['expiresAt'])
    expect(Date.parse(String((await call(connector, 'merge_state', { key: 'stays', patch: {}, ttl: '2h' }, me))['expiresAt']))).toBeGreaterThan(
      Date.now() + 5_400_000,
    )
    expect(await call(connector, 'set_state', { key: 'goes', value: 1 }, me)).toMatchObject({ version: 5 })
  })

  given('what is too large or too much is refused, with figures and what to do', async () => {
    const me = fresh()
    const connector = open({ maxValue: '100b', maxBytes: '290b', maxKeys: 3, maxChannels: 1 })
    const set = (key: string, length: number) => call(connector, 'set_state', { key, value: 'x'.repeat(length) }, me)
    expect(await refusal(set('a', 99))).toMatchObject({
      code: 'HUB_ARGS_INVALID',
      message: expect.stringContaining('101 bytes'),
      details: { bytes: 101, most: 100 },
    })
    for (const key of ['a', 'b', 'c']) await set(key, 80)
    expect(await refusal(set('d', 1))).toMatchObject({
      code: 'HUB_LIMITED',
      message: expect.stringContaining('delete_state'),
      details: { keys: 3, maxKeys: 3 },
    })
    await set('a', 98)
    await call(connector, 'delete_state', { key: 'c' }, me)
    await set('c', 90)
    expect(await refusal(set('b', 98))).toMatchObject({
      code: 'HUB_LIMITED',
      message: expect.stringContaining('list_state'),
      details: { bytes: 277, maxBytes: 290 },
    })
    await set('c', 1)
    await set('b', 98)
    await call(connector, 'publish_signal', { channel: 'own/one', body: 1 }, me)
    expect(await refusal(call(connector, 'publish_signal', { channel: 'own/two', body: 1 }, me))).toMatchObject({
      code: 'HUB_LIMITED',
      message: expect.stringContaining('list_channels'),
    })
    const deep = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as Json
    expect(await refusal(call(open(), 'set_state', { key: 'deep', value: deep }, me))).toMatchObject({
      code: 'HUB_ARGS_INVALID',
      message: expect.stringContaining('100 levels'),
    })
  })

  given('what is full of history or signals lets the oldest go, and says so', async () => {
    const me = fresh()
    const connector = open({ maxAnalyses: 2, maxSignals: 2 })
    for (const body of [1, 2]) await call(connector, 'append_analysis', { symbol: 'S', kind: 'k', body }, me)
    const answer = await answerOf(connector, 'append_analysis', { symbol: 'S', kind: 'k', body: 3 }, me)
    expect(answer).toMatchObject({ data: { dropped: 1 }, notes: expect.arrayContaining([expect.stringContaining('gave way')]) as string[] })
    expect(await call(connector, 'query_analyses', {}, me)).toMatchObject({ rows: [{ body: 3 }, { body: 2 }] })
    const cursors = []
    for (const body of [1, 2, 3, 4]) cursors.push((await call(connector, 'publish_signal', { channel: 'own/c', body }, me))['cursor'])
    const read = await answerOf(connector, 'read_signals', { channel: 'own/c', after: cursors[0] as string }, me)
    expect(read).toMatchObject({
      data: { missed: true, more: false, next: cursors[3], rows: [{ body: 3 }, { body: 4 }] },
      notes: [expect.stringContaining('gave way')],
    })
    expect(await call(connector, 'read_signals', { channel: 'own/c', after: cursors[2] as string }, me)).toMatchObject({ missed: false, rows: [{ body: 4 }] })
  })

  given('pages go to the end, and are cut where an answer would be too long', async () => {
    const [connector, me] = [open(), fresh()]
    const text = 'x'.repeat(400)
    await Promise.all(
      Array.from({ length: 25 }, async (_, index) => {
        await call(connector, 'set_state', { key: `p/${String(index).padStart(2, '0')}`, value: index }, me)
        await call(connector, 'append_analysis', { symbol: 'S', kind: 'k', body: { text }, at: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z` }, me)
      }),
    )
    for (let index = 0; index < 25; index += 1) await call(connector, 'publish_signal', { channel: 'own/c', body: { text, index } }, me)
    const walk = async (tool_: string, args: JsonObject, bytes: number): Promise<{ rows: JsonObject[]; pages: number }> => {
      const rows: JsonObject[] = []
      let after: Json | undefined = args['after']
      for (let pages = 1; ; pages += 1) {
        const page = await call(connector, tool_, { ...args, ...(after !== undefined && { after }) }, me, { result: { rows: 1_000, bytes } })
        expect(JSON.stringify(page).length).toBeLessThan(bytes)
        rows.push(...(page['rows'] as JsonObject[]))
        after = page['next']
        if (after === undefined || page['more'] === false) return { rows, pages }
      }
    }
    const keys = await walk('list_state', { prefix: 'p/', limit: 10 }, 100_000)
    expect([keys.pages, keys.rows.map(({ key }) => key)]).toEqual([3, Array.from({ length: 25 }, (_, index) => `p/${String(index).padStart(2, '0')}`)])
    expect((await walk('list_state', { prefix: 'p/' }, 2_500)).rows).toEqual(keys.rows)
    const analyses = await walk('query_analyses', { symbol: 'S', limit: 1_000 }, 5_000)
    expect(analyses.pages).toBeGreaterThan(3)
    expect(analyses.rows.map(({ at }) => at)).toEqual(Array.from({ length: 25 }, (_, index) => `2026-01-01T00:00:${String(24 - index).padStart(2, '0')}.000Z`))
    const signals = await walk('read_signals', { channel: 'own/c', after: '0', limit: 1_000 }, 5_000)
    expect(signals.rows.map(({ body }) => (body as JsonObject)['index'])).toEqual(Array.from({ length: 25 }, (_, index) => index))
    const newest = await call(connector, 'read_signals', { channel: 'own/c', limit: 1_000 }, me, { result: { rows: 1_000, bytes: 5_000 } })
    expect((newest['rows'] as JsonObject[]).at(-1)).toMatchObject({ body: { index: 24 } })
    expect(newest).toMatchObject({ more: true, next: (newest['rows'] as JsonObject[]).at(-1)?.['cursor'] })
  })

  given('a value larger than its tool answers is said to be, and get_state answers the largest', async () => {
    const [connector, me] = [open({ maxValue: '1mb' }), fresh()]
    await call(connector, 'set_state', { key: 'large', value: 'x'.repeat(1_048_570) }, me)
    expect(await refusal(call(connector, 'get_state', { key: 'large' }, me, { result: { rows: 1, bytes: 1_000 } }))).toMatchObject({
      code: 'HUB_LIMITED',
      details: { most: 1_000 },
    })
    expect(((await call(connector, 'get_state', { key: 'large' }, me))['value'] as string).length).toBe(1_048_570)
  })

  given('analyses are found by symbol, kind, timeframe and time', async () => {
    const [connector, me] = [open(), fresh()]
    const add = (symbol: string, kind: string, timeframe: string | undefined, at: string) =>
      call(connector, 'append_analysis', { symbol, kind, body: `${symbol} ${kind}`, at, ...(timeframe !== undefined && { timeframe }) }, me)
    await add('BTC/USDT', 'a', '1h', '2026-01-01T00:00:00Z')
    await add('BTC/USDT', 'b', '1d', '2026-01-02T00:00:00+01:00')
    await add('BTC/USDTX', 'a', undefined, '2026-01-03T00:00:00.5Z')
    await add('^GSPC', 'a', '1d', '1929-10-29T00:00:00Z')
    const found = async (args: JsonObject) => ((await call(connector, 'query_analyses', args, me))['rows'] as JsonObject[]).map(({ id }) => id)
    expect(await found({})).toEqual([3, 2, 1, 4])
    expect(await found({ symbol: 'BTC/USDT' })).toEqual([2, 1])
    expect(await found({ symbol: 'BTC/USDT', kind: 'a' })).toEqual([1])
    expect(await found({ timeframe: '1d' })).toEqual([2, 4])
    expect(await found({ from: '2026-01-01T00:00:00Z', to: '2026-01-01T23:00:00Z' })).toEqual([1])
    expect(await found({ from: '2026-01-01T23:00:00Z' })).toEqual([3, 2])
    expect(await found({ to: '1970-01-01T00:00:00Z' })).toEqual([4])
    for (const at of ['yesterday', '2026-01-01', '2026-13-01T00:00:00Z', '2026-01-01T00:00:00']) {
      expect(await refusal(call(connector, 'append_analysis', { symbol: 'S', kind: 'k', body: 1, at }, me))).toMatchObject({ code: 'HUB_ARGS_INVALID' })
    }
    expect(await refusal(call(connector, 'query_analyses', { after: 'x' }, me))).toMatchObject({ code: 'HUB_ARGS_INVALID' })
    expect(await refusal(call(connector, 'append_analysis', { symbol: 'a\u0000', kind: 'k', body: 1 }, me))).toMatchObject({ code: 'HUB_ARGS_INVALID' })
  })

  given('signals are read from where one is: a cursor, or one’s own mark', async () => {
    const connector = open()
    const organisation = `acme ${(run += 1)}`
    const [ada, bob] = [runOf(agent('ada', organisation)), runOf(agent('bob', organisation))]
    const start = await call(connector, 'read_signals', { channel: 'news' }, bob)
    expect(start).toMatchObject({ rows: [], next: '0', more: false, missed: false })
    for (const body of [1, 2, 3]) await call(connector, 'publish_signal', { channel: 'news', body }, ada)
    const first = await call(connector, 'read_signals', { channel: 'news', after: start['next'] as string, limit: 2 }, bob)
    expect(first).toMatchObject({ rows: [{ body: 1, by: 'ada' }, { body: 2 }], more: true })
    expect(await call(connector, 'read_signals', { channel: 'news', after: first['next'] as string }, bob)).toMatchObject({ rows: [{ body: 3 }], more: false })
    expect(await call(connector, 'read_signals', { channel: 'news', limit: 2 }, bob)).toMatchObject({ rows: [{ body: 2 }, { body: 3 }], more: true })
    await call(connector, 'mark_signals_read', { channel: 'news', cursor: first['next'] as string }, bob)
    expect(await call(connector, 'mark_signals_read', { channel: 'news', cursor: '0' }, bob)).toMatchObject({ cursor: first['next'] })
    expect(await call(connector, 'read_signals', { channel: 'news', unread: true }, bob)).toMatchObject({ rows: [{ body: 3 }] })
    expect(await call(connector, 'read_signals', { channel: 'news', unread: true }, ada)).toMatchObject({ rows: [{ body: 1 }, { body: 2 }, { body: 3 }] })
    // A mark beyond all there is would hide what comes next.
    await call(connector, 'mark_signals_read', { channel: 'news', cursor: '9007199254740991' }, bob)
    await call(connector, 'publish_signal', { channel: 'news', body: 4 }, ada)
    expect(await call(connector, 'read_signals', { channel: 'news', unread: true }, bob)).toMatchObject({ rows: [{ body: 4 }] })
    expect(await refusal(call(connector, 'read_signals', { channel: 'news', unread: true, after: '1' }, bob))).toMatchObject({ code: 'HUB_ARGS_INVALID' })
    for (const channel of ['', 'a b', 'a\u0000', 'e\u0301', 'own/', 'x'.repeat(201)]) {
      expect(await refusal(call(connector, 'publish_signal', { channel, body: 1 }, bob))).toMatchObject({ code: 'HUB_ARGS_INVALID' })
    }
    expect(await refusal(call(connector, 'read_signals', { channel: 'news', after: '9007199254740993' }, bob))).toMatchObject({ code: 'HUB_ARGS_INVALID' })
  })

  given('a manifest’s tools are as narrow as it says', async () => {
    const [connector, me] = [open({ shared: ['desk'] }), fresh()]
    const bind = (operation: MemoryOperation) => connector.bind(tool('memory', 'narrow', { operation, effect: 'write' }) as ToolSpec<MemoryOperation>)
    const brief = bind({
      append: {
        namespace: 'shared/desk',
        kind: 'daily_brief',
        symbol: '{base}/{quote}',
        body: { text: '{text}', mood: '{mood}', list: ['{mood}', 'of {base}'] },
      },
    })
    const answer = await brief({ base: 'BTC', quote: 'USDT', text: 'up', kind: 'other', namespace: 'own' }, me)
    expect(answer).toMatchObject({ data: { namespace: 'shared/desk', kind: 'daily_brief', symbol: 'BTC/USDT' } })
    expect(await call(connector, 'query_analyses', { namespace: 'shared/desk', symbol: 'BTC/USDT' }, me)).toMatchObject({
      rows: [{ body: { text: 'up', list: ['of BTC'] } }],
    })
    const alert = bind({ publish: { channel: 'own/alerts.{symbol}', ttl: '1h' } })
    expect(await alert({ symbol: rawNumber('12345678901234567890'), body: true }, me)).toMatchObject({ data: { channel: 'own/alerts.12345678901234567890' } })
    expect(await refusal(alert({ symbol: { a: 1 }, body: 1 }, me))).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringContaining('"symbol"') })
    expect(await refusal(alert({ symbol: 'a b', body: 1 }, me))).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringContaining('channel') })
    expect(await refusal(alert({ symbol: 'x' }, me))).toMatchObject({ code: 'HUB_ARGS_INVALID', message: expect.stringContaining('"body"') })
    expect(await bind({ get: { key: 'portfolio' } })({ key: 'other' }, me)).toMatchObject({ data: { key: 'portfolio', found: false } })
  })
})

test('memory of the process says that it ends with it, on every write and in health', async () => {
  const connector = over(stores.make(settingsOf({}).bounds)['process'] as NonNullable<ReturnType<Stores['make']>[string]>)
  const note = expect.stringContaining('forgotten when the hub ends') as string
  for (const [name, args] of [
    ['set_state', { key: 'k', value: 1 }],
    ['merge_state', { key: 'k', patch: 1 }],
    ['append_analysis', { symbol: 'S', kind: 'k', body: 1 }],
    ['publish_signal', { channel: 'c', body: 1 }],
  ] as const) {
    expect(await answerOf(connector, name, args)).toMatchObject({ notes: [note] })
  }
  expect(await connector.check(AbortSignal.timeout(1_000))).toMatchObject({ state: 'up', detail: note })
})
