import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { ask, queries, serveHub, type ServedHub } from './serve.ts'

let database: RunningPostgres
let served: ServedHub | undefined
beforeAll(async () => {
  database = await startPostgres()
})
afterAll(() => database?.stop())
afterEach(async () => {
  await served?.close()
  served = undefined
})

const env = () => ({ DATABASE_URL: database.url, MARKET_URL: database.url, OTHER_URL: database.url })

async function names(hub: ServedHub): Promise<readonly string[]> {
  const { body } = await ask(`${hub.hub.url}/mcp`, 'tools/list')
  return body.result.tools.map((tool: { name: string }) => tool.name).filter((name: string) => !/_(list|describe)_/.test(name))
}

test('a tool added to a YAML is served, and clients of both eras are told', async () => {
  served = await serveHub({ 'connectors/market.yaml': queries('market', { one: 'SELECT 1 AS n' }) }, env())
  const legacy = new LegacyClient({ name: 'legacy', version: '1' })
  const modern = new ModernClient({ name: 'modern', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  const legacyTold = Promise.withResolvers<void>()
  const modernTold = Promise.withResolvers<void>()
  legacy.setNotificationHandler(ToolListChangedNotificationSchema, () => legacyTold.resolve())
  modern.setNotificationHandler('notifications/tools/list_changed', () => modernTold.resolve())
  await legacy.connect(new LegacyTransport(new URL(`${served.hub.url}/mcp`)))
  await modern.connect(new ModernTransport(new URL(`${served.hub.url}/mcp`)))
  await modern.listen({ toolsListChanged: true })

  await served.write('connectors/market.yaml', queries('market', { one: 'SELECT 1 AS n', two: 'SELECT 2 AS n' }))
  await Promise.all([legacyTold.promise, modernTold.promise])
  const tools = (await legacy.listTools()).tools.map(({ name }) => name)
  expect(tools).toContain('market_two')
  const answer = await modern.callTool({ name: 'market_two', arguments: {} })
  expect(answer.structuredContent).toEqual({ rows: [{ n: 2 }] })
  await legacy.close()
  await modern.close()
})

test('a bad edit is told in full, and the plan before it keeps serving; the edit that mends it is taken', async () => {
  served = await serveHub({ 'connectors/market.yaml': queries('market', { one: 'SELECT 1 AS n' }) }, env())
  await served.write('connectors/market.yaml', queries('market', { one: 'SELEC 1 AS n' }).replace('summary: Queries', 'sumary: Queries'))
  await expect.poll(() => served?.problems.length).toBe(1)
  expect(served.problems[0]).toContain('connectors/market.yaml:3:1  HUB_CONFIG_UNKNOWN_FIELD')
  expect(served.problems[0]).toContain('did you mean "summary"?')
  expect(served.problems[0]).toContain('HUB_CONFIG_SQL')
  expect(await names(served)).toEqual(['market_one'])
  await served.write('connectors/market.yaml', queries('market', { mended: 'SELECT 1 AS n' }))
  await expect.poll(() => names(served as ServedHub)).toEqual(['market_mended'])
})

test('a connector comes and goes with its file', async () => {
  served = await serveHub({ 'connectors/market.yaml': queries('market', { one: 'SELECT 1 AS n' }) }, env())
  await served.write('connectors/other.yaml', queries('other', { more: 'SELECT 1 AS n' }))
  await expect.poll(() => names(served as ServedHub)).toEqual(['market_one', 'other_more'])
  await rm(join(served.folder, 'connectors/other.yaml'))
  await expect.poll(() => names(served as ServedHub)).toEqual(['market_one'])
})

test('files replaced by a symlink swap, as Kubernetes does with a ConfigMap, count as an edit', async () => {
  const config = 'hub: { name: served, listen: 127.0.0.1:0 }\nmanifests: [mounted/*.yaml]\nstores: { postgres: "${DATABASE_URL}" }\n'
  served = await serveHub({ 'hub.config.yaml': config }, env())
  const mounted = join(served.folder, 'mounted')
  const publish = async (version: string, text: string): Promise<void> => {
    await mkdir(join(mounted, `..${version}`), { recursive: true })
    await writeFile(join(mounted, `..${version}`, 'market.yaml'), text)
    await symlink(`..${version}`, join(mounted, '..data_tmp'))
    await rename(join(mounted, '..data_tmp'), join(mounted, '..data'))
  }
  await publish('first', queries('market', { one: 'SELECT 1 AS n' }))
  await symlink('..data/market.yaml', join(mounted, 'market.yaml'))
  await expect.poll(() => names(served as ServedHub)).toEqual(['market_one'])
  await publish('second', queries('market', { two: 'SELECT 2 AS n' }))
  await expect.poll(() => names(served as ServedHub)).toEqual(['market_two'])
})

test('a call under way ends on the plan it met', async () => {
  served = await serveHub({ 'connectors/market.yaml': queries('market', { slow: 'SELECT count(*) AS n FROM generate_series(1, 8000000)' }) }, env())
  const slow = ask(`${served.hub.url}/mcp`, 'tools/call', { name: 'market_slow', arguments: {} })
  await expect.poll(async () => (await activity(database, 'generate_series')).length).toBe(1)
  await served.write('connectors/market.yaml', queries('market', { other: 'SELECT 1 AS n' }).replace('config: {', 'config: { pool: 2,'))
  await expect.poll(() => names(served as ServedHub)).toEqual(['market_other'])
  expect((await slow).body.result.structuredContent).toEqual({ rows: [{ n: '8000000' }] })
})

async function activity({ url }: RunningPostgres, words: string): Promise<readonly unknown[]> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query(`SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE $1`, [`%${words}%`])
    return rows
  } finally {
    await client.end()
  }
}
