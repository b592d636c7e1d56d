// An MCP client of the hub: how bad was 2008, and how nervous was the market then? Takes the endpoint as its argument.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const endpoint = process.argv[2] ?? 'http://127.0.0.1:8080/mcp'

// `auto` speaks the newest revision that both sides know.
const client = new Client({ name: 'ask-the-market', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
await client.connect(new StreamableHTTPClientTransport(new URL(endpoint)))

const { tools } = await client.listTools()
process.stdout.write(`${endpoint} offers ${tools.length} tools\n`)

const window = { symbol: '^GSPC', from: '2007-10-01', to: '2009-12-31' }
for (const name of ['market_drawdown', 'market_volatility']) {
  const { structuredContent, _meta } = await client.callTool({ name, arguments: window })
  process.stdout.write(`${name}: ${JSON.stringify(structuredContent)}\n`)
  process.stdout.write(`  ${JSON.stringify(_meta?.['io.integration-hub/freshness'])}\n`)
}
await client.close()
