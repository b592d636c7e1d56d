import { expect, test } from 'vitest'
import { recognisePackage } from '../../../../codegen/import-mcp/package.ts'

const recognised = [
  { line: 'npx -y @scope/server@1.2.3 --port 5', registry: 'npm', name: '@scope/server', version: '1.2.3', args: ['--port', '5'] },
  { line: 'npx server@2026.8.31', registry: 'npm', name: 'server', version: '2026.8.31', args: [] },
  { line: 'npx --yes -q server@1.0.0-beta.1', registry: 'npm', name: 'server', version: '1.0.0-beta.1', args: [] },
  { line: 'uvx redis-mcp-server@0.5.1 --url x', registry: 'pypi', name: 'redis-mcp-server', version: '0.5.1', args: ['--url', 'x'] },
  { line: 'uvx mcp_server==0.5.1', registry: 'pypi', name: 'mcp_server', version: '0.5.1', args: [] },
]

test.each(recognised)('$line is a package', ({ line, registry, name, version, args }) => {
  const [command = '', ...rest] = line.split(' ')
  expect(recognisePackage(command, rest)).toEqual({ package: { registry, name, version }, args })
})

test.each(['npx -y @scope/server', 'npx server@latest', 'npx server@^1.2.3', 'npx -p a@1.0.0 b', 'npx ./server@1.0.0', 'node server.js', 'uvx server', 'npx'])(
  '%s names no exact version of a package',
  (line) => {
    const [command = '', ...rest] = line.split(' ')
    expect(recognisePackage(command, rest)).toBeUndefined()
  },
)
