import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { formatProblems } from '../../runtime/manifest/problems.ts'
import { startHub, type Hub, type HubOptions } from '../../runtime/hub.ts'
import { createLogger } from '../../runtime/log/log.ts'

/** A hub that listens on a free port over manifests in a folder of its own. */
export interface ServedHub {
  readonly hub: Hub
  readonly folder: string
  /** What was told of edits that were refused, as printed. */
  readonly problems: readonly string[]
  /** Writes a file below the hub's folder. */
  write(path: string, text: string): Promise<void>
  close(): Promise<void>
}

/** Serves these files (path below the folder → text); hub.config.yaml is made unless given. */
export async function serveHub(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
  options: Pick<HubOptions, 'kinds' | 'log'> = { log: createLogger({ level: 'silent' }) },
): Promise<ServedHub> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-served-'))
  const problems: string[] = []
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const config = 'hub: { name: served, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "${DATABASE_URL}" }\n'
  for (const [path, text] of Object.entries({ 'hub.config.yaml': config, ...files })) await write(path, text)
  const hub = await startHub({
    configFile: join(folder, 'hub.config.yaml'),
    env,
    ...options,
    port: 0,
    onProblems: (found) => problems.push(formatProblems(found)),
  })
  return {
    hub,
    folder,
    problems,
    write,
    async close() {
      await hub.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** One JSON-RPC request as a modern client sends it. */
export async function ask(url: string, method: string, params: Record<string, unknown> = {}, headers: Record<string, string> = {}, signal?: AbortSignal) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {}),
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
        },
      },
    }),
    ...(signal ? { signal } : {}),
  })
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
}

/** The manifest of a connector with one query for each entry. */
export const queries = (name: string, tools: Readonly<Record<string, string>>, effect = 'read', extra = ''): string =>
  `connector: ${name}\nkind: timescale\nsummary: Queries of a test.\nconfig: { url: { secret: ${name.toUpperCase()}_URL } }\ntools:\n${Object.entries(tools)
    .map(
      ([tool, sql]) =>
        `  ${tool}: { summary: "The ${tool}.", effect: ${effect}, input: { type: object, properties: {} }, operation: { sql: "${sql}" }${extra} }\n`,
    )
    .join('')}`
