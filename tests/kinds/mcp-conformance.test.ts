import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { mcp } from '../../runtime/kinds/mcp/kind.ts'
import { textOf, toolSpec } from '../fixtures/upstreams/lent.ts'
import { kindConformance } from './conformance.ts'

for (const fixture of ['modern', 'legacy'] as const) {
  const folder = mkdtempSync(join(tmpdir(), 'hub-mcp-'))
  const script = join(folder, 'server.mjs')
  const pidFile = join(folder, 'pid')
  const marker = join(folder, 'running')

  kindConformance({
    name: `an upstream on SDK ${fixture === 'modern' ? 'v2' : 'v1'}, over stdio`,
    kind: mcp,
    start: async () => {
      const server = join(import.meta.dirname, '..', 'fixtures', 'upstreams', `${fixture}.ts`)
      writeFileSync(
        script,
        `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(pidFile)}, String(process.pid))\nprocess.argv[1] = ${JSON.stringify(server)}\nawait import(${JSON.stringify(server)})\n`,
      )
      const env = { FIXTURE_RUNNING: marker }
      return {
        config: { command: process.execPath, args: [script], env } as unknown as JsonObject,
        secrets: [],
        outage: {
          async begin() {
            renameSync(script, `${script}.away`)
            if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
            rmSync(pidFile, { force: true })
          },
          end: async () => renameSync(`${script}.away`, script),
        },
        stop: async () => rmSync(folder, { recursive: true, force: true }),
      }
    },
    badConfigs: [
      { name: 'nowhere', config: {}, about: /needs one of package, command and url/ },
      { name: 'in two places', config: { command: 'node', url: 'https://example.com/mcp' }, about: /command and url both say where/ },
      { name: 'a url over stdio', config: { url: 'https://example.com/mcp', transport: 'stdio' }, about: /transport stdio does not go with url/ },
      { name: 'a command over HTTP', config: { command: 'node', transport: 'http' }, about: /transport http does not go with a child process/ },
      { name: 'headers for a child', config: { command: 'node', headers: { a: 'b' } }, about: /headers has no meaning/ },
      { name: 'an environment for a url', config: { url: 'https://example.com/mcp', env: { A: 'b' } }, about: /env has no meaning/ },
      { name: 'a package without a version', config: { package: { registry: 'npm', name: 'x' } }, about: /version/ },
      { name: 'an idle time without a unit', config: { command: 'node', idle: '5' }, about: /idle.*pattern/ },
      { name: 'a field it does not have', config: { command: 'node', argv: [] }, about: /argv/ },
    ],
    quick: { tool: toolSpec('echo'), args: { text: 'hello' }, expected: (answer) => expect(textOf(answer)).toBe('hello') },
    slow: { tool: toolSpec('slow'), args: { ms: 60_000 }, isRunning: async () => existsSync(marker) },
  })
}
