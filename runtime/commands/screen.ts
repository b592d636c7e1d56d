import type { ConnectorSummary } from '../contract/catalogue.ts'
import { connectorTable } from './list.ts'
import { quiet, strong } from './style.ts'

/** What the first screen of a serving hub tells. */
export interface Screen {
  readonly name: string
  readonly version: string
  readonly url: string
  readonly authMode: string
  readonly connectors: readonly ConnectorSummary[]
  readonly toolsets: readonly string[]
  readonly sinceStartMs: number
  /** A Node that runs the Inspector, and the Inspector; absent when it is not installed. */
  /** How the Inspector is run. */
  readonly inspector: string
  /** How a shell starts this command line: `npx hub` in a checkout. */
  readonly command: string
}

/** The screen of `hub serve`: where it answers, what is behind it, and the next thing to try. */
export function renderScreen(screen: Screen): string {
  const endpoint = `${screen.url}/mcp`
  const parts = [
    `${strong(`${screen.name} ${screen.version}`)}  ${strong(endpoint)}  ${quiet(`ready in ${(screen.sinceStartMs / 1000).toFixed(1)} s`)}`,
    connectorTable(screen.connectors),
    `${quiet('One connector alone')}   ${screen.url}/mcp/connectors/<name>${screen.toolsets.length === 0 ? '' : `\n${quiet('A selection of tools')}  ${screen.toolsets.map((name) => `${screen.url}/mcp/toolsets/${name}`).join('\n                      ')}`}`,
    `${quiet('Connect an MCP client')}\n${indent(clientBlock(screen.name, endpoint, screen.authMode))}`,
    `${quiet('Try it')}\n${indent(attempts(screen, endpoint).join('\n'))}`,
    quiet('Edits of a manifest are served within a second. Ctrl-C stops the hub.'),
  ]
  return `\n${parts.join('\n\n')}\n`
}

const indent = (text: string): string => text.replaceAll(/^/gm, '  ')

/** The block that MCP clients take in their settings. */
export function clientBlock(name: string, endpoint: string, authMode: string): string {
  const headers = authMode === 'keys' || authMode === 'keys+oauth' ? { headers: { Authorization: 'Bearer <a key of hub keys create>' } } : {}
  return JSON.stringify({ mcpServers: { [name]: { type: 'http', url: endpoint, ...headers } } }, undefined, 2)
}

function attempts({ command, inspector, connectors, authMode }: Screen, endpoint: string): readonly string[] {
  const hasMarket = connectors.some(({ name, state }) => name === 'market' && state !== 'off')
  const call = hasMarket ? `${command} call market_latest_candles '{"symbol":"^GSPC","limit":2}'` : `${command} list tools`
  if (authMode !== 'local') return [call]
  return [call, `${inspector} --cli ${endpoint} --transport http --method tools/list`]
}
