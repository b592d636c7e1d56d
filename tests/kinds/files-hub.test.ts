import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { serveHub, type ServedHub } from '../hub/serve.ts'

let stores: RunningPostgres
let served: ServedHub
const ending: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  stores = await startPostgres()
  // The manifest as it is shipped, on a hub of its own.
  const manifest = await readFile(new URL('../../connectors/files.yaml', import.meta.url), 'utf8')
  served = await serveHub({ 'connectors/files.yaml': manifest }, { DATABASE_URL: stores.url })
})
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
  await rm(join(served.folder, '.hub', 'files', 'organisations'), { recursive: true, force: true })
})
afterAll(async () => {
  await served?.close()
  await stores?.stop()
})

describe.each(['legacy', 'auto'] as const)('the SDK’s client, version negotiation %s', (mode) => {
  async function open(path: string): Promise<Client> {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
    await client.connect(new StreamableHTTPClientTransport(new URL(`${served.hub.url}${path}`)))
    ending.push(() => client.close())
    return client
  }
  const content = async (client: Client, name: string, args: Record<string, unknown>): Promise<any> =>
    (await client.callTool({ name, arguments: args })).structuredContent

  test('standard tools, declared tools, a prompt and resources, on the files that lie beside the hub’s config', async () => {
    const client = await open('/mcp')
    const names = (await client.listTools()).tools.map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining(
        ['list_files', 'read_file', 'write_file', 'delete_file', 'move_file', 'search_files', 'usage', 'add_note', 'read_notes'].map((name) => `files_${name}`),
      ),
    )
    const written = await content(client, 'files_write_file', { folder: 'artefacts', path: 'report.md', text: '# Grüße\n' })
    expect(written).toMatchObject({ size: 10, created: true })
    expect(await content(client, 'files_read_file', { folder: 'artefacts', path: 'report.md' })).toMatchObject({ text: '# Grüße\n', etag: written.etag })
    await content(client, 'files_add_note', { symbol: 'BTC-USDT', day: '2026-11-21', text: 'first' })
    await content(client, 'files_add_note', { symbol: 'BTC-USDT', day: '2026-11-21', text: 'second' })
    expect(await content(client, 'files_read_notes', { symbol: 'BTC-USDT', day: '2026-11-21' })).toEqual({ text: '- first\n- second\n' })
    expect(await content(client, 'files_search_files', { folder: 'notes', text: 'second' })).toMatchObject({
      rows: [{ path: 'BTC-USDT/2026-11-21.md', line: 2 }],
    })
    await content(client, 'files_save_report', { name: 'week-47', report: { close: 1.5 } })
    const refusal = await client.callTool({ name: 'files_save_report', arguments: { name: 'week-47', report: {} } })
    expect(refusal).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('is there already') as string }] })

    const listed = (await client.listResources()).resources.filter(({ uri }) => uri.includes('files://'))
    expect(listed.map(({ name }) => name).toSorted()).toEqual(['artefacts/report.md', 'artefacts/reports/week-47.json', 'notes/BTC-USDT/2026-11-21.md'])
    const note = listed.find(({ name }) => name.startsWith('notes/'))
    expect((await client.readResource({ uri: note?.uri as string })).contents).toEqual([
      { uri: note?.uri, mimeType: 'text/markdown', text: '- first\n- second\n' },
    ])
    const days = (await client.readResource({ uri: 'notes://BTC-USDT' })).contents[0] as { text: string }
    expect(JSON.parse(days.text)).toMatchObject({ rows: [{ path: 'BTC-USDT/2026-11-21.md' }] })
    await expect(client.readResource({ uri: 'hub://files/files://notes/%2e%2e/%2e%2e/x' })).rejects.toThrow(/resource/i)
    const prompt = await client.getPrompt({ name: 'files_continue_from_notes', arguments: { symbol: 'BTC-USDT' } })
    expect(JSON.stringify(prompt.messages)).toContain('about BTC-USDT')
  })

  test('a file that is watched is told of when it changes', async () => {
    const client = await open('/mcp/connectors/files')
    const uri = 'files://notes/BTC-USDT/2026-11-21.md'
    const changed = new Promise<string>((resolve) => client.setNotificationHandler('notifications/resources/updated', ({ params }) => resolve(params.uri)))
    if (mode === 'auto') await client.listen({ resourceSubscriptions: [uri] })
    else await client.subscribeResource({ uri })
    let isTold = false
    const told = changed.then((one) => {
      isTold = true
      return one
    })
    // Watching begins a moment after it was asked for.
    for (let n = 0; !isTold; n += 1) {
      await content(client, 'add_note', { symbol: 'BTC-USDT', day: '2026-11-21', text: `note ${n}` })
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await told).toBe(uri)
  })
})
