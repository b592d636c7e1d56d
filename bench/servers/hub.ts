import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { namedStatement, poolSize, type Database } from '../database.ts'
import type { Dialect, Exchange } from '../drive/target.ts'
import { workFolder } from '../folders.ts'
import { hubFlags, hubProgram } from '../program.ts'
import { candleInput, echoTool } from './echo.ts'
import { freePort } from './port.ts'
import type { Command } from './process.ts'

const run = promisify(execFile)

/** A connector's manifest, and the pinned definitions beside it where its kind has them. */
export interface Manifest {
  readonly connector: string
  readonly body: object
  readonly definitions?: object
}

/** What a row wants of the hub besides its connectors. */
export interface HubRow {
  readonly name: string
  readonly manifest: Manifest
  readonly exchanges: readonly Exchange[]
  readonly dialect: Dialect
  /** Patterns of the only tools that are served, where those every connector of the kind has would be too many. */
  readonly toolset?: readonly string[]
}

/** The hub with everything on: API keys, limits too high to refuse, validation, audit and metrics, its own store in PostgreSQL. */
export async function hub(row: HubRow, database: Database): Promise<Command> {
  const folder = join(workFolder, row.name.replace(/[^a-z0-9]+/gi, '-'))
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const config = join(folder, 'hub.config.yaml')
  await writeFile(
    config,
    stringify({
      hub: { name: 'bench', listen: `127.0.0.1:${port}`, publicUrl: address },
      manifests: ['*.manifest.yaml'],
      stores: { postgres: { secret: 'BENCH_STORE_URL' }, redis: 'embedded' },
      auth: { mode: 'keys' },
      limits: { principal: '100000000/min', organisation: '100000000/min', body: '1mb', concurrency: 1024 },
      egress: { allow: ['127.0.0.0/8'] },
      toolsets: { bench: { tools: row.toolset ?? [] } },
    }),
  )
  const { connector, body, definitions } = row.manifest
  await writeFile(join(folder, `${connector}.manifest.yaml`), stringify(body, { aliasDuplicateObjects: false }))
  if (definitions) await writeFile(join(folder, `${connector}.manifest.tools.json`), JSON.stringify(definitions))

  const env = { BENCH_STORE_URL: database.url('hub'), BENCH_DATABASE_URL: database.url('bench') }
  // As a deployment's CI does: a hub with generated validators compiles none when it is first called.
  await runHub(['generate', '--config', config], env)
  const key = await createKey(config, env)
  return {
    name: row.name,
    command: process.execPath,
    args: [...hubFlags, hubProgram, 'serve', '--config', config],
    env,
    cwd: folder,
    target: {
      type: 'http',
      dialect: row.dialect,
      urls: [row.toolset ? `${address}/mcp/toolsets/bench` : `${address}/mcp`],
      headers: { authorization: `Bearer ${key}` },
      exchanges: row.exchanges,
    },
  }
}

async function createKey(config: string, env: Readonly<Record<string, string>>): Promise<string> {
  const stdout = await runHub(['keys', 'create', '--name', 'bench', '--role', 'reader', '--expires', '1d', '--config', config, '--json'], env)
  return (JSON.parse(stdout) as { key: string }).key
}

async function runHub(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await run(process.execPath, [hubProgram, ...args], { env: { ...process.env, ...env } }).catch((error: Error & { stderr?: string }) => {
    throw new Error(`hub ${args[0]}: ${error.stderr ?? error.message}`)
  })
  return stdout
}

/** The bench's query as tools of kind `timescale`, with these names; `cache` is a policy, if there is to be one. */
export function queryManifest(tools: readonly { readonly name: string; readonly description: string }[], cache?: object): Manifest {
  const tool = (summary: string): object => ({
    summary,
    effect: 'read',
    input: candleInput,
    operation: { sql: namedStatement },
    policy: { timeout: '10s', ...(cache && { cache }) },
  })
  return {
    connector: 'bench',
    body: {
      connector: 'bench',
      kind: 'timescale',
      summary: 'Candles of the bench.',
      config: { url: { secret: 'BENCH_DATABASE_URL' }, pool: poolSize },
      tools: Object.fromEntries(tools.map(({ name, description }) => [name, tool(description)])),
    },
  }
}

/** One upstream as a connector of kind `mcp`, with its echo tool pinned. */
export function upstreamManifest(config: object): Manifest {
  return {
    connector: 'up',
    body: { connector: 'up', kind: 'mcp', summary: 'The upstream of the bench.', config, tools: { echo: { effect: 'read' } } },
    definitions: {
      server: { name: 'bench-upstream', version: '1.0.0' },
      capabilities: { tools: {} },
      tools: [echoTool],
      prompts: [],
      resources: [],
      resourceTemplates: [],
    },
  }
}
