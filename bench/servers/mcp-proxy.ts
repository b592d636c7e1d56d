import type { Exchange } from '../drive/target.ts'
import { peerFile } from '../peers.ts'
import { freePort } from './port.ts'
import type { Command } from './process.ts'

/** mcp-proxy in front of a stdio upstream, as it comes. */
export async function mcpProxy(
  name: string,
  upstream: { readonly command: string; readonly args: readonly string[] },
  exchanges: readonly Exchange[],
): Promise<Command> {
  const port = await freePort()
  return {
    name,
    command: process.execPath,
    args: [
      peerFile('mcp-proxy', 'dist', 'bin', 'mcp-proxy.mjs'),
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--server',
      'stream',
      '--',
      upstream.command,
      ...upstream.args,
    ],
    target: { type: 'http', dialect: 'session', urls: [`http://127.0.0.1:${port}/mcp`], headers: {}, exchanges },
  }
}
