import { fileURLToPath } from 'node:url'
import { listCall } from '../exchanges.ts'
import { limit } from '../servers/canned.ts'
import { manyTools } from '../servers/echo.ts'
import { hub, queryManifest } from '../servers/hub.ts'
import { mcpProxy } from '../servers/mcp-proxy.ts'
import { toolbox } from '../servers/toolbox.ts'
import type { Ground, Group, Row } from './group.ts'

const sizes = [30, 1000] as const
const upstreamFile = fileURLToPath(new URL('../servers/upstream-stdio.ts', import.meta.url))

/** `tools/list` of 30 and of 1,000 tools with a schema each. */
export function list(ground: Ground): Group {
  return { name: 'list', title: 'tools/list', concurrencies: [1], rows: sizes.flatMap((size) => rowsOf(size, ground)) }
}

function rowsOf(size: number, { database }: Ground): Row[] {
  const tools = manyTools(size).map(({ name, description }) => ({ name, description }))
  const calls = listCall(size)
  const limitName = `${size} tools: limit`
  return [
    {
      name: `${size} tools: hub`,
      against: limitName,
      servers: async () => [
        await hub({ name: `list hub ${size}`, manifest: queryManifest(tools), exchanges: calls, dialect: 'modern', toolset: ['bench_candles_*'] }, database),
      ],
    },
    { name: `${size} tools: MCP Toolbox`, against: limitName, servers: async () => [await toolbox(`list toolbox ${size}`, database, tools, calls)] },
    {
      name: `${size} tools: mcp-proxy`,
      against: limitName,
      servers: async () => [await mcpProxy(`list mcp-proxy ${size}`, { command: process.execPath, args: [upstreamFile, String(size)] }, calls)],
    },
    {
      name: limitName,
      against: limitName,
      servers: async (started) => [await limit(`list limit ${size}`, [started.get(`${size} tools: hub`), started.get(`${size} tools: MCP Toolbox`)])],
    },
  ]
}
