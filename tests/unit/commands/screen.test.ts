import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { clientBlock, renderScreen, type Screen } from '../../../runtime/commands/screen.ts'

const screen: Screen = {
  name: 'integration-hub',
  version: '1.2.3',
  url: 'http://127.0.0.1:8080',
  authMode: 'local',
  connectors: [
    { name: 'market', kind: 'timescale', summary: 'Candles.', state: 'up', tools: 7 },
    { name: 'far', kind: 'mcp', summary: 'Far away.', state: 'down', detail: 'connection refused', tools: 1 },
  ],
  toolsets: ['analyst'],
  sinceStartMs: 1234,
  inspector: 'node_modules/.bin/node node_modules/.bin/mcp-inspector',
  command: 'npx hub',
}
const plain = (changes: Partial<Screen> = {}): string => stripVTControlCharacters(renderScreen({ ...screen, ...changes }))

test('the screen names the endpoint and each connector with its state and number of tools', () => {
  expect(plain()).toContain('http://127.0.0.1:8080/mcp  ready in 1.2 s')
  expect(plain()).toMatch(/market +up +7 tools +Candles\./)
  expect(plain()).toMatch(/far +down +1 tool +connection refused/)
  expect(plain()).toContain('/mcp/toolsets/analyst')
})

test('its client block is JSON that a client takes', () => {
  const block = /\{\n {4}"mcpServers"[\s\S]*?\n {2}\}/.exec(plain())?.[0] ?? ''
  expect(JSON.parse(block)).toEqual({ mcpServers: { 'integration-hub': { type: 'http', url: 'http://127.0.0.1:8080/mcp' } } })
})

test('it offers a call that this hub can answer', () => {
  expect(plain()).toContain(`npx hub call market_latest_candles '{"symbol":"^GSPC","limit":2}'`)
  expect(plain({ connectors: [] })).not.toContain('market_latest_candles')
})

test('the inspector line names a node, and is left out where it could not get in', () => {
  expect(plain()).toContain('node_modules/.bin/node node_modules/.bin/mcp-inspector --cli http://127.0.0.1:8080/mcp')
  expect(plain({ authMode: 'keys' })).not.toContain('inspector')
})

test('a hub that asks for keys says where the key goes', () => {
  expect(clientBlock('hub', 'https://hub.example.com/mcp', 'keys')).toContain('"Authorization": "Bearer')
})
