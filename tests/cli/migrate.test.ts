import { cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { run } from '../../runtime/commands/program.ts'
import { report } from '../../runtime/commands/migrate/report.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { startTimescale } from '../components/timescale.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder, processesOf } from './hub.ts'

const connectors = resolve(import.meta.dirname, '..', '..', 'connectors')
const manifest = (name: string, config: string): string =>
  `connector: ${name}\nkind: timescale\nsummary: A database.\nconfig: { url: { secret: ${name.toUpperCase()}_URL }${config} }\n`
const folder = makeFolder({
  ...plainHub,
  'connectors/hub.yaml': 'connector: hub\nkind: hub\nsummary: The hub.\n',
  'connectors/market.yaml': manifest('market', ', migrations: true'),
  'connectors/orders.yaml': manifest('orders', ''),
  'connectors/later.yaml': manifest('later', ', migrations: true'),
})
const cwd = folder.path
let server: RunningPostgres
let env: Record<string, string>
beforeAll(async () => {
  server = await startPostgres()
  env = { DATABASE_URL: server.url, MARKET_URL: server.url, ORDERS_URL: server.url }
})
afterAll(async () => {
  folder.remove()
  await server?.stop()
})

/** The command in this process, where only its work is of interest and not its start. */
async function here(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly exit: number; readonly out: string; readonly error: string }> {
  let [out, error] = ['', '']
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((error += String(text)), true))
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  try {
    return { exit: await run(['node', 'hub', ...args, '--config', join(cwd, 'hub.config.yaml')]), out, error }
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  }
}

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

describe('hub migrate', () => {
  test('--help explains itself', async () => {
    const { exit, out } = await hub(['migrate', '--help'], { cwd })
    expect(exit).toBe(0)
    for (const word of ['Usage: hub migrate', 'Examples:', '--dry-run', '--keep-daily', '--no-keep-daily', '--json', 'Exit code 1']) expect(out).toContain(word)
  })

  test('makes the tables of every connector that is for them, once, and tells of the others', async () => {
    const rehearsed = JSON.parse((await here(['migrate', '--dry-run', '--json'], env)).out) as object
    expect(rehearsed).toMatchObject({
      dryRun: true,
      connectors: [
        { connector: 'later', off: expect.any(String) as string, needs: ['LATER_URL'] },
        { connector: 'market', applied: ['001_tables.sql'] },
      ],
    })
    expect(await query(server.url, `SELECT 1 FROM pg_namespace WHERE nspname = 'hub_data'`)).toEqual([])

    const first = await hub(['migrate'], { cwd, env })
    expect(first.exit).toBe(0)
    expect(first.out).toMatch(/^later +off: .*LATER_URL/m)
    expect(first.out).toContain('market  1 applied\n  ✓ 001_tables.sql\n  ! this database does not have the TimescaleDB extension')
    expect(first.out).not.toContain('orders')
    const again = await here(['migrate', 'market', '--json'], env)
    expect(JSON.parse(again.out)).toMatchObject({ dryRun: false, connectors: [{ connector: 'market', applied: [], known: ['001_tables.sql'] }] })
    expect(await query(server.url, 'SELECT name FROM hub_data.migrations')).toEqual([{ name: '001_tables.sql' }])
  })

  test.each([
    { args: ['marke'], exit: 2, told: 'did you mean market?' },
    { args: ['hub'], exit: 2, told: '"hub" is of kind hub, for which the hub has no tables' },
    { args: ['orders'], exit: 1, told: 'its manifest does not say migrations: true' },
    { args: ['later'], exit: 1, told: 'set LATER_URL' },
  ])('$args: exit $exit, with a way on', async ({ args, exit, told }) => {
    const ended = await here(['migrate', ...args], env)
    expect(ended.exit).toBe(exit)
    expect(ended.out + ended.error).toContain(told)
  })

  test('a database that is away is exit 1, without its address or password', async () => {
    const ended = await here(['migrate', 'market'], { ...env, MARKET_URL: 'postgres://hub:the-password@127.0.0.1:1/market' })
    expect(ended.exit).toBe(1)
    expect(ended.out).toContain('HUB_CONNECTOR_DOWN')
    expect(ended.out + ended.error).not.toMatch(/the-password|127\.0\.0\.1:1/)
  })

  test('on TimescaleDB everything is applied, and the command line may say what becomes of days', async () => {
    const timescale = await startTimescale()
    const keep = async (): Promise<unknown> =>
      (await query(timescale.url, `SELECT config -> 'keep' AS keep FROM timescaledb_information.jobs WHERE proc_name = 'drop_old_candles'`))[0]?.['keep']
    const url = { ...env, MARKET_URL: timescale.url }
    try {
      expect(await here(['migrate', 'market', '--no-keep-daily'], url)).toEqual({
        out: 'market  4 applied\n  ✓ 001_tables.sql\n  ✓ 002_hypertables.sql\n  ✓ 003_aggregates.sql\n  ✓ 004_history.sql\n',
        exit: 0,
        error: '',
      })
      expect(await keep()).toEqual([])
      expect(await here(['migrate', 'market'], url)).toEqual({ out: 'market  nothing new, 4 known\n', exit: 0, error: '' })
      expect(await keep()).toEqual(['1d', '3d', '1w', '1M'])
    } finally {
      await timescale.stop()
    }
  })

  test('finds the embedded database of the quick start, where nothing is left to do', async () => {
    const quick = makeFolder({ ...plainHub })
    try {
      for (const file of ['market.yaml', 'shared.yaml', 'data']) cpSync(join(connectors, file), join(quick.path, 'connectors', file), { recursive: true })
      const { out, exit } = await hub(['migrate', '--json'], { cwd: quick.path })
      expect(exit).toBe(0)
      expect(JSON.parse(out)).toMatchObject({ connectors: [{ connector: 'market', applied: [], known: ['001_tables.sql'] }] })
      expect(processesOf(quick.path)).toEqual([])
    } finally {
      quick.remove()
    }
  })
})

test('a hub without such a connector is told how to have one', () => {
  expect(report([], false)).toContain('migrations: true')
})

test('the doctor tells what is not applied, and nothing once it is', async () => {
  await query(server.url, 'CREATE DATABASE doctored')
  const url = server.url.replace(/\/postgres$/, '/doctored')
  const own = { ...env, MARKET_URL: url }
  const findings = async (): Promise<readonly { readonly topic: string; readonly fact: string; readonly wayOn?: string }[]> => {
    const { out } = await here(['doctor', '--json'], own)
    return (JSON.parse(out) as { topic: string; fact: string; wayOn?: string }[]).filter(({ fact }) => fact.includes('not applied'))
  }
  expect(await findings()).toEqual([
    expect.objectContaining({ topic: 'market', state: 'doubtful', fact: expect.stringMatching(/^1 migration not applied: 001_tables\.sql$/) as string }),
  ])
  expect(await query(url, `SELECT 1 FROM pg_tables WHERE tablename = 'ohlcv'`)).toEqual([])
  expect(await here(['migrate', 'market'], own)).toMatchObject({ exit: 0 })
  expect(await findings()).toEqual([])
})
