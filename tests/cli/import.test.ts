import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder } from './hub.ts'

vi.setConfig({ testTimeout: 120_000 })
const folder = makeFolder({
  ...plainHub,
  'hub.config.yaml': plainHub['hub.config.yaml'].replace('[connectors/*.yaml]', '[connectors/*.yaml, connectors/external/*.yaml]'),
})
const cwd = folder.path
afterAll(() => folder.remove())

const server = '@modelcontextprotocol/server-memory@2026.8.31'
const manifest = join(cwd, 'connectors', 'external', 'notes.yaml')

test('an external server becomes a manifest that the hub takes, with its definitions pinned beside it', async () => {
  const { exit, out } = await hub(['import', 'mcp', `npx -y ${server}`, '--name', 'notes'], { cwd })
  used('@modelcontextprotocol/server-memory')
  expect(exit).toBe(0)
  expect(out).toContain('connectors/external/notes.yaml: 9 tools')
  expect(out).toContain('review the effect of each tool')
  const pinned = JSON.parse(readFileSync(manifest.replace('.yaml', '.tools.json'), 'utf8')) as { tools: { name: string }[] }
  expect(pinned.tools.map(({ name }) => name)).toContain('read_graph')
  expect(await hub(['check'], { cwd })).toMatchObject({ exit: 0, out: expect.stringContaining('2 connectors, 12 tools') as string })
})

test('a manifest that is there is not written over', async () => {
  const before = readFileSync(manifest, 'utf8')
  const { exit, error } = await hub(['import', 'mcp', '--name', 'notes', '--', 'npx', '-y', server], { cwd })
  expect(exit).toBe(1)
  expect(error).toContain('is there already')
  expect(readFileSync(manifest, 'utf8')).toBe(before)
})

test.each([
  { target: ['node', '--eval', 'process.exit(3)'], name: 'gone' },
  { target: ['no-such-program-anywhere'], name: 'missing' },
  { target: ['http://127.0.0.1:1/mcp'], name: 'far' },
])('$target is no server, which is said, and nothing is written', async ({ target, name }) => {
  const { exit, error } = await hub(['import', 'mcp', '--name', name, '--', ...target], { cwd })
  expect(exit).toBeGreaterThan(0)
  expect(error).toMatch(/^HUB_\w+: /)
  expect(existsSync(join(cwd, 'connectors', 'external', `${name}.yaml`))).toBe(false)
})
