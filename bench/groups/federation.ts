import { fileURLToPath } from 'node:url'
import { echoCalls } from '../exchanges.ts'
import { hub, upstreamManifest } from '../servers/hub.ts'
import { mcpHub } from '../servers/mcp-hub.ts'
import { mcpProxy } from '../servers/mcp-proxy.ts'
import type { Command, Running } from '../servers/process.ts'
import type { Ground, Group, Started } from './group.ts'

const upstream = 'HTTP upstream alone (limit)'
const stdio = { command: process.execPath, args: [fileURLToPath(new URL('../servers/upstream-stdio.ts', import.meta.url))] }

const bareUpstream: Command = {
  name: 'federation upstream',
  command: process.execPath,
  args: [fileURLToPath(new URL('../servers/upstream-http.ts', import.meta.url))],
  target: (printed) => ({ type: 'http', dialect: 'stateless', urls: [`${printed}/mcp`], headers: {}, exchanges: echoCalls('echo') }),
}

/** Nothing but forwarding, beside which it shows what all the rest of a gateway costs. */
const forwarder = (name: string, args: readonly string[]): Command => ({
  name: `federation ${name}`,
  command: process.execPath,
  args: [fileURLToPath(new URL('../servers/forwarder.ts', import.meta.url)), ...args],
  target: (printed) => ({ type: 'http', dialect: 'modern', urls: [`${printed}/mcp`], headers: {}, exchanges: echoCalls('up_echo') }),
})

/** One call through to an upstream that answers at once: over HTTP, and over stdio. */
export function federation({ database }: Ground): Group {
  return {
    name: 'federation',
    title: 'A call through to an upstream that echoes',
    concurrencies: [1, 16, 64],
    rows: [
      { name: upstream, against: upstream, servers: async () => [bareUpstream] },
      {
        name: 'HTTP: hub',
        against: upstream,
        servers: async (started) => [
          await hub(
            {
              name: 'federation hub http',
              manifest: upstreamManifest({ url: urlOf(started), transport: 'http' }),
              exchanges: echoCalls('up_echo'),
              dialect: 'modern',
            },
            database,
          ),
        ],
      },
      { name: 'HTTP: bare forwarder', against: upstream, servers: async (started) => [forwarder('forwarder http', [urlOf(started)])] },
      {
        name: 'HTTP: mcp-hub',
        against: upstream,
        servers: async (started) => [await mcpHub('federation mcp-hub http', { url: urlOf(started) }, echoCalls('up__echo'))],
      },
      {
        name: 'stdio: hub',
        against: upstream,
        servers: async () => [
          await hub(
            { name: 'federation hub stdio', manifest: upstreamManifest({ ...stdio, transport: 'stdio' }), exchanges: echoCalls('up_echo'), dialect: 'modern' },
            database,
          ),
        ],
      },
      { name: 'stdio: bare forwarder', against: upstream, servers: async () => [forwarder('forwarder stdio', [stdio.command, ...stdio.args])] },
      { name: 'stdio: mcp-hub', against: upstream, servers: async () => [await mcpHub('federation mcp-hub stdio', stdio, echoCalls('up__echo'))] },
      { name: 'stdio: mcp-proxy', against: upstream, servers: async () => [await mcpProxy('federation mcp-proxy', stdio, echoCalls('echo'))] },
    ],
  }
}

function urlOf(started: Started): string {
  const [running]: readonly (Running | undefined)[] = started.get(upstream) ?? []
  if (running?.target.type !== 'http') throw new Error('the upstream does not run')
  return running.target.urls[0]!
}
