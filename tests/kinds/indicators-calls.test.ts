import { expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import { parseJson, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { failureOf } from './conformance.ts'
import { dataOf, openConnector, standardTool, toolOf } from './indicators-tools.ts'

const day = (i: number): string => new Date(Date.UTC(2024, 0, 1) + i * 86_400_000).toISOString().replace('.000Z', 'Z')
const candle = (i: number, over: JsonObject = {}): JsonObject => {
  const close = 100 + 10 * Math.sin(i / 5)
  return {
    timestamp: day(i),
    open: String(close - 1),
    high: String(close + 2),
    low: String(close - 2),
    close: String(close),
    volume: String(1_000 + i),
    ...over,
  }
}
const candles = (count: number): JsonObject[] => Array.from({ length: count }, (_nothing, i) => candle(i))
const asData = (data: Json): Answer => ({ type: 'data', data })
const { connector, run } = await openConnector()
const compute = connector.bind(standardTool('compute'))
const call = async (args: JsonObject) => dataOf(await compute(args, run()))

test('several indicators in one call, aligned by timestamp, with columns of their own', async () => {
  const { data, notes } = await call({
    indicators: [{ indicator: 'sma', period: 3 }, { indicator: 'SMA', period: 5, alias: 'slow' }, { indicator: 'macd' }, { indicator: 'rsi', of: 'hl2' }],
    candles: candles(60),
    last: 2,
  })
  expect(Object.keys(data.rows[1] as JsonObject)).toEqual(['timestamp', 'close', 'sma', 'slow', 'macd', 'macd_signal', 'macd_histogram', 'rsi'])
  expect(data.rows.map(({ timestamp }) => timestamp)).toEqual([day(58), day(59)])
  const closes = candles(60).map(({ close }) => Number(close))
  expect(data.rows[1]?.['sma']).toBeCloseTo(((closes[57] as number) + (closes[58] as number) + (closes[59] as number)) / 3, 10)
  expect(data['indicators']).toMatchObject([
    { indicator: 'sma', parameters: { period: 3 }, warmup: 2, missing: 0 },
    { alias: 'slow' },
    { warmup: 33 },
    { of: 'hl2' },
  ])
  expect(data['series']).toEqual({ candles: 60, from: day(0), to: day(59) })
  expect(notes).toBe('')
})

test('one indicator twice is told apart by its parameters', async () => {
  const { data } = await call({
    indicators: [{ indicator: 'sma', period: 3 }, { indicator: 'sma', period: 5 }, { indicator: 't3', vFactor: 0.5 }, { indicator: 't3' }],
    candles: candles(40),
    last: 1,
  })
  expect(Object.keys(data.rows[0] as JsonObject)).toEqual(['timestamp', 'close', 'sma_3', 'sma_5', 't3_5_0_5', 't3_5_0_7'])
})

test('warm-up is null and said, with how many candles more it takes', async () => {
  const { data, notes } = await call({
    indicators: [
      { indicator: 'sma', period: 5 },
      { indicator: 'rsi', period: 14 },
    ],
    candles: candles(6),
    last: 6,
  })
  expect(data.rows.map(({ sma }) => sma === null)).toEqual([true, true, true, true, false, false])
  expect(notes).toContain('sma is null for the first 4 of 6 candles: warm-up')
  expect(notes).toContain('rsi needs 15 candles for its first value: 9 more than the 6 there are')
  expect(data['indicators']).toMatchObject([{ missing: 0 }, { missing: 9 }])
})

test('a value that does not exist is null with a reason; NaN and Infinity never appear', async () => {
  const still = Array.from({ length: 30 }, (_nothing, i) => ({ timestamp: day(i), open: 5, high: 5, low: 5, close: 5, volume: 0 }))
  const { data, notes } = await call({ indicators: [{ indicator: 'williams_r' }, { indicator: 'vwma' }, { indicator: 'rsi' }], candles: still, last: 1 })
  expect(data.rows).toEqual([{ timestamp: day(29), close: 5, williams_r: null, vwma: null, rsi: null }])
  expect(notes).toContain('williams_r does not exist in 1 row after warm-up: the highest high equals the lowest low in the window')
  expect(notes).toContain('vwma does not exist in 1 row after warm-up: no volume in the window')
  expect(notes).toContain('price has not moved')
  const odd = candles(30).map((row, i) => (i === 20 ? { ...row, close: 'NaN', high: 'Infinity' } : row))
  const broken = await call({ indicators: [{ indicator: 'sma', period: 3 }], candles: odd, last: 30 })
  expect(JSON.stringify(broken.data)).not.toMatch(/NaN|Infinity/)
  expect(broken.data.rows.slice(19, 24).map(({ sma }) => sma === null)).toEqual([false, true, true, true, false])
  expect(broken.notes).toContain('1 of 30 candles have no close: what needs it')
  expect(broken.notes).toContain('sma does not exist in 3 rows after warm-up: a candle lacks what it needs (close)')
})

test('candles newest first, out of order, twice, as exchange arrays, with gaps: read right, and said', async () => {
  const oldest = candles(30)
  const expected = (await call({ indicators: [{ indicator: 'ema', period: 5 }], candles: oldest })).data.rows
  const newest = await call({ indicators: [{ indicator: 'ema', period: 5 }], candles: oldest.toReversed() })
  expect(newest.data.rows).toEqual(expected)
  expect(newest.notes).toBe('')
  const mixed = await call({ indicators: [{ indicator: 'ema', period: 5 }], candles: [...oldest.slice(15), ...oldest.slice(0, 15)] })
  expect(mixed.data.rows).toEqual(expected)
  expect(mixed.notes).toContain('sorted')
  const twice = await call({ indicators: [{ indicator: 'ema', period: 5 }], candles: [...oldest, oldest[29] as JsonObject] })
  expect(twice.data.rows).toEqual(expected)
  expect(twice.notes).toContain('1 candle has the timestamp of another')
  const arrays = oldest.map(({ timestamp, open, high, low, close, volume }) => [Date.parse(String(timestamp)), open, high, low, close, volume] as Json)
  expect((await call({ indicators: [{ indicator: 'ema', period: 5 }], candles: arrays })).data.rows).toEqual(expected)
  const gaps = await call({ indicators: [{ indicator: 'ema', period: 5 }], candles: [...oldest.slice(0, 10), ...oldest.slice(20)] })
  expect(gaps.notes).toContain(`candles are missing in 1 place (the longest from ${day(9)} to ${day(20)})`)
})

test('digits beyond a double and volumes beyond 2^53 are read to the nearest double, whichever way they are written', async () => {
  const rows = parseJson(
    '[{"timestamp":1,"close":0.000000000123456789,"volume":9007199254740993},{"timestamp":86400,"close":"0.000000000123456790","volume":"90071992547409931234"}]',
  )
  const { data } = await call({ indicators: [{ indicator: 'obv' }, { indicator: 'roc', period: 1 }], candles: rows, last: 1 })
  expect(data.rows[0]).toMatchObject({ close: 1.2345679e-10, obv: Number((2 ** 53 + Number('90071992547409931234')).toPrecision(15)) })
  expect(data.rows[0]?.['roc']).toBeCloseTo(100 * (1.2345679e-10 / 1.23456789e-10 - 1), 12)
})

test.each([
  ['no candles', { indicators: [{ indicator: 'rsi' }] }, /no candles: give candles .* or from/],
  ['both', { indicators: [{ indicator: 'rsi' }], candles: [], from: { tool: 'x' } }, /both given/],
  [
    'an indicator that is nearly one',
    { indicators: [{ indicator: 'rsi' }, { indicator: 'bolinger' }], candles: [] },
    /indicators\[1\]\.indicator: there is no indicator "bolinger"; did you mean bollinger\?/,
  ],
  [
    'a parameter that is nearly one',
    { indicators: [{ indicator: 'rsi', perod: 5 }], candles: [] },
    /indicators\[0\]\.perod: rsi has no parameter "perod"; did you mean period\?/,
  ],
  ['a period out of range', { indicators: [{ indicator: 'sma', period: 0 }], candles: [] }, /period of sma is 0; a whole number from 1 to 500; 20 is usual/],
  [
    'periods that do not go together',
    { indicators: [{ indicator: 'macd', fast: 30 }], candles: [] },
    /macd: slow must be larger than fast; now fast: 30, slow: 26, signal: 9/,
  ],
  ['another price where there is none', { indicators: [{ indicator: 'atr', of: 'open' }], candles: [] }, /atr is made of high, low, close; of has no meaning/],
  ['two columns of one name', { indicators: [{ indicator: 'rsi', alias: 'close' }], candles: [] }, /two columns would be called "close"/],
  [
    'a time that is none',
    { indicators: [{ indicator: 'rsi' }], candles: [{ timestamp: 'yesterday', close: 1 }] },
    /candles\[0\]\.timestamp "yesterday" is no time/,
  ],
  ['a number that is none', { indicators: [{ indicator: 'rsi' }], candles: [{ timestamp: 1, close: 'abc' }] }, /candles\[0\]\.close "abc" is no number/],
  ['a candle that is none', { indicators: [{ indicator: 'rsi' }], candles: [7] }, /candles\[0\] is no candle/],
  [
    'more indicators than one call takes',
    { indicators: Array.from({ length: 33 }, () => ({ indicator: 'rsi' })), candles: [] },
    /33 indicators are more than the 32/,
  ],
] as const)('%s is refused in words that tell what would be right', async (_name, args, words) => {
  const error = await failureOf(compute(args as unknown as JsonObject, run()))
  expect(error.code).toBe('HUB_ARGS_INVALID')
  expect(error.message).toMatch(words)
})

test('an answer keeps the newest rows that fit, by count and by bytes, and says so', async () => {
  const few = dataOf(
    await connector.bind(standardTool('compute', { rows: 5, bytes: 262_144 }))(
      { indicators: [{ indicator: 'sma', period: 2 }], candles: candles(50), last: 40 },
      run(),
    ),
  )
  expect(few.data.rows.map(({ timestamp }) => timestamp)).toEqual([45, 46, 47, 48, 49].map(day))
  expect(few.answer.truncated).toEqual({ by: 'rows', kept: 5, limit: 5 })
  expect(few.notes).toContain('only the newest 5 of 40 rows are here')
  const small = dataOf(
    await connector.bind(standardTool('compute', { rows: 1_000, bytes: 4_096 }))(
      { indicators: [{ indicator: 'ichimoku' }], candles: candles(300), last: 200 },
      run(),
    ),
  )
  expect(small.data.rows.at(-1)?.['timestamp']).toBe(day(299))
  expect(small.data.rows.length).toBeGreaterThan(3)
  expect(Buffer.byteLength(JSON.stringify(small.data))).toBeLessThan(4_096)
  expect(small.answer.truncated).toMatchObject({ by: 'bytes', limit: 4_096 })
})

test('of more candles than are computed at once the newest are used', async () => {
  const { connector: modest } = await openConnector({}, { candles: 20 })
  const { data, notes } = dataOf(
    await modest.bind(standardTool('compute'))({ indicators: [{ indicator: 'sma', period: 20 }], candles: candles(50), last: 1 }, run()),
  )
  expect(data['series']).toMatchObject({ candles: 20, given: 50, from: day(30) })
  expect(notes).toContain('only the newest 20 of 50 candles are used')
})

test('candles from another tool: rows of data, arrays, structured content, text; as the caller, only by tools that read', async () => {
  const asked: JsonObject[] = []
  const rows = candles(30)
  const { connector: lending, run: lent } = await openConnector({
    market: (args) => {
      asked.push(args)
      return { type: 'data', data: { rows }, truncated: { by: 'rows', kept: 30, limit: 30 } }
    },
    list: () => asData(rows),
    structured: () => ({ type: 'content', content: [], structured: { candles: rows } }),
    text: () => ({
      type: 'content',
      content: [
        { type: 'text', text: 'here they are' },
        { type: 'text', text: JSON.stringify(rows) },
      ],
    }),
    job: () => ({ type: 'job', id: 'job-7' }),
    asks: () => ({ type: 'input', requests: {}, state: 's' }),
    broken: () => ({ type: 'content', isError: true, content: [{ type: 'text', text: 'no such symbol' }] }),
    empty: () => asData({ price: 3 }),
    down: () => Promise.reject(new HubError('HUB_CONNECTOR_DOWN', 'the database does not answer', { retryAfterMs: 5 })),
    write_rows: () => asData({ rows }),
  })
  const handler = lending.bind(standardTool('compute'))
  const from = (tool: string, args?: JsonObject) =>
    handler({ indicators: [{ indicator: 'sma', period: 3 }], from: { tool, ...(args && { args }) }, last: 1 }, lent())
  const market = dataOf(await from('market', { symbol: 'X' }))
  expect(asked).toEqual([{ symbol: 'X' }])
  expect(market.notes).toContain('market answered only 30 rows of more (truncated)')
  for (const tool of ['list', 'structured', 'text']) expect(dataOf(await from(tool)).data.rows).toEqual(market.data.rows)
  const refusals = [
    ['job', 'HUB_ARGS_INVALID', /job job-7; wait/],
    ['asks', 'HUB_INPUT_UNSUPPORTED', /must ask its user first/],
    ['broken', 'HUB_UPSTREAM_FAILED', /"broken" failed: no such symbol/],
    ['empty', 'HUB_ARGS_INVALID', /answers no rows of candles; its answer has price/],
    ['down', 'HUB_CONNECTOR_DOWN', /the database does not answer/],
    ['write_rows', 'HUB_DENIED', /does not only read/],
    ['markt', 'HUB_ARGS_INVALID', /did you mean market/],
  ] as const
  for (const [tool, code, words] of refusals) {
    const error = await failureOf(from(tool))
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(words)])
  }
})

test('a declared tool: holes become arguments, and what the caller leaves out is left out', async () => {
  const asked: JsonObject[] = []
  const { connector: lending, run: lent } = await openConnector({
    market: (args) => {
      asked.push(args)
      return asData({ rows: candles(60) })
    },
  })
  const declared = (operation: JsonObject) => lending.bind(toolOf(operation))
  const tool = declared({
    compute: [{ indicator: 'sma', period: '{period}', alias: '{name}_sma' }],
    from: { tool: 'market', args: { symbol: '{symbol}', venue: '{venue}' } },
    last: '{last}',
  })
  const { data } = dataOf(await tool({ symbol: 'BTC/USDT', period: 7, last: 2, name: 'my' }, lent()))
  expect(asked).toEqual([{ symbol: 'BTC/USDT' }])
  expect(data.rows.length).toBe(2)
  expect(data['indicators']).toMatchObject([{ alias: 'my_sma', parameters: { period: 7 } }])
  // Without a period the usual one.
  expect(
    dataOf(await declared({ compute: [{ indicator: 'sma', period: '{period}' }], from: { tool: 'market' } })({}, lent())).data['indicators'],
  ).toMatchObject([{ parameters: { period: 20 } }])
  expect((await failureOf(tool({ period: 9_999, name: 'a' }, lent()))).message).toContain('period of sma is 9999')
  expect((await failureOf(tool({ last: 'many', name: 'a' }, lent()))).message).toContain('last is "many"')
  const seen = dataOf(await declared({ patterns: ['doji'], direction: '{way}', last: 30 })({ candles: candles(40), way: 'neutral' }, lent()))
  expect(seen.data['searched']).toEqual({ patterns: 1, candles: 30 })
  expect((await failureOf(declared({ patterns: [], direction: '{way}' })({ candles: candles(40), way: 'sideways' }, lent()))).message).toContain(
    'one of bullish, bearish, neutral',
  )
  const events = dataOf(
    await declared({ signals: [{ type: 'threshold', of: { indicator: 'rsi', period: 5 }, above: '{level}' }] })({ candles: candles(60), level: 80 }, lent()),
  )
  expect(events.data.rows.length).toBeGreaterThan(1)
})

test('patterns: where, which way, how strong; by id and by direction', async () => {
  const flat = Array.from({ length: 20 }, (_nothing, i) => ({
    timestamp: day(i),
    open: i % 2 === 0 ? 99.5 : 100.5,
    high: 101,
    low: 99,
    close: i % 2 === 0 ? 100.5 : 99.5,
  }))
  const hammer = { timestamp: day(20), open: 98.8, high: 99.4, low: 96.5, close: 99.3 }
  const handler = connector.bind(standardTool('patterns'))
  const found = dataOf(await handler({ candles: [...flat, hammer], patterns: ['hammer', 'Shooting-Star'], last: 3 }, run()))
  expect(found.data.rows).toEqual([expect.objectContaining({ timestamp: day(20), pattern: 'hammer', direction: 'bullish', strength: 100, close: 99.3 })])
  expect(dataOf(await handler({ candles: [...flat, hammer], direction: 'bearish', patterns: ['hammer'] }, run())).notes).toContain(
    'no pattern in these candles',
  )
  expect(dataOf(await handler({ candles: [...flat, hammer], last: 21 }, run())).notes).toContain('most are not judged')
  expect((await failureOf(handler({ candles: flat, patterns: ['hamer'] }, run()))).message).toContain('did you mean hammer?')
})

test('signals: the usual rules where none are given, with the values that made them and the state now', async () => {
  const handler = connector.bind(standardTool('signals'))
  const found = dataOf(await handler({ candles: candles(300), last: 250 }, run()))
  const types = new Set(found.data.rows.map(({ type }) => type))
  expect(types.has('cross') && types.has('threshold')).toBe(true)
  const stamps = found.data.rows.map(({ timestamp }) => String(timestamp))
  expect(stamps).toEqual(stamps.toSorted())
  expect(found.data['now']).toMatchObject([{ rule: 'MACD and its signal' }, {}, { values: { 'rsi(14)': expect.any(Number) as number } }, {}])
  const short = dataOf(await handler({ candles: candles(10), rules: [{ type: 'cross', of: 'close', with: { indicator: 'sma', period: 50 } }] }, run()))
  expect(short.data.rows).toEqual([])
  expect(short.notes).toContain('sma(50) needs 50 candles for its first value: 40 more')
  expect(
    (await failureOf(handler({ candles: [], rules: [{ type: 'cross', of: { indicator: 'macd' }, with: { indicator: 'macd', output: 'signl' } }] }, run())))
      .message,
  ).toMatch(/rules\[0\]\.with\.output: macd has no output "signl"; did you mean signal/)
})

test('indicators are found by words, by page, and described in full', async () => {
  const list = connector.bind(standardTool('list'))
  const found = dataOf(await list({ search: 'bollinger' }, run()))
  expect(found.data.rows[0]).toMatchObject({
    id: 'bollinger',
    family: 'volatility',
    outputs: ['upper', 'middle', 'lower'],
    parameters: ['period = 20 (2 to 500)', 'multiplier = 2 (0.1 to 20)'],
  })
  const first = dataOf(await list({ limit: 100 }, run()))
  const second = dataOf(await list({ limit: 100, offset: 100 }, run()))
  const ids = [...first.data.rows, ...second.data.rows].map(({ id }) => id)
  expect(new Set(ids).size).toBe(first.data['total'])
  expect(first.notes).toContain('ask again with offset: 100')
  expect(dataOf(await list({ search: 'xyzzy' }, run())).notes).toContain('no indicator fits')
  expect(dataOf(await list({ family: 'volume', limit: 100 }, run())).data.rows.every(({ family }) => family === 'volume')).toBe(true)
  const describe = connector.bind(standardTool('describe'))
  expect(dataOf(await describe({ indicator: 'MACD' }, run())).data).toMatchObject({
    type: 'indicator',
    id: 'macd',
    source: expect.stringContaining('Appel 1979') as string,
    outputs: [{ name: 'macd', warmup: 25 }, { warmup: 33 }, { warmup: 33 }],
  })
  expect(dataOf(await describe({ indicator: 'morning star' }, run())).data).toMatchObject({ type: 'pattern', candles: 3, bias: 'bullish' })
})

test('a caller that leaves in the middle of a long computation is not computed for', async () => {
  const many = Array.from({ length: 10_000 }, (_nothing, i) => candle(i))
  const caller = new AbortController()
  const wanted = [
    'rank_correlation',
    'frama',
    'random_walk_index',
    'median_deviation',
    'projection_oscillator',
    'percent_rank',
    'connors_rsi',
    'kama',
    'ulcer',
    'skewness',
  ]
  const answer = failureOf(compute({ indicators: wanted.map((indicator) => ({ indicator })), candles: many }, run(caller.signal)))
  setImmediate(() => caller.abort())
  expect((await answer).code).toBe('HUB_CANCELLED')
  const late = new AbortController()
  const overdue = failureOf(compute({ indicators: wanted.map((indicator) => ({ indicator })), candles: many }, run(late.signal)))
  setImmediate(() => late.abort(new HubError('HUB_TIMEOUT', 'late')))
  expect((await overdue).code).toBe('HUB_TIMEOUT')
})

test('thirty-two indicators over ten thousand candles leave turns to others', async () => {
  const many = Array.from({ length: 10_000 }, (_nothing, i) => candle(i))
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const { data } = await call({
    indicators: Array.from({ length: 32 }, (_nothing, i) => ({ indicator: 'median_deviation', period: 5 + i })),
    candles: many,
    last: 1,
  })
  isOver = true
  expect(Object.keys(data.rows[0] as JsonObject).length).toBe(34)
  expect(turns).toBeGreaterThan(20)
})
