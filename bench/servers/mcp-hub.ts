import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Exchange } from '../drive/target.ts'
import { workFolder } from '../folders.ts'
import { peerFile } from '../peers.ts'
import { freePort } from './port.ts'
import type { Command } from './process.ts'

/** How mcp-hub reaches its upstream. */
export type Upstream = { readonly url: string } | { readonly command: string; readonly args: readonly string[] }

/** mcp-hub in front of one upstream it calls `up`; its tools are named `up__<tool>`. */
export async function mcpHub(name: string, upstream: Upstream, exchanges: readonly Exchange[]): Promise<Command> {
  const folder = join(workFolder, name.replace(/[^a-z0-9]+/gi, '-'))
  await mkdir(folder, { recursive: true })
  const config = join(folder, 'servers.json')
  await writeFile(config, JSON.stringify({ mcpServers: { up: upstream } }))
  const port = await freePort()
  return {
    name,
    command: process.execPath,
    args: [peerFile('mcp-hub', 'dist', 'cli.js'), '--port', String(port), '--config', config],
    env: { XDG_STATE_HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, NODE_ENV: 'production' },
    cwd: folder,
    target: { type: 'http', dialect: 'sse', urls: [`http://127.0.0.1:${port}/mcp`], headers: {}, exchanges },
  }
}
