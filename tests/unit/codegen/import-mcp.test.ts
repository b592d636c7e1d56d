import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { definitionsText, importMcp, type Imported } from '../../../codegen/import-mcp.ts'
import { HubError, type ErrorCode } from '../../../runtime/contract/errors.ts'
import { kinds } from '../../../runtime/kinds/index.ts'
import { compile } from '../../../runtime/manifest/compile.ts'
import { used } from '../../components/used.ts'
import { startV1Fixture } from '../../fixtures/conformance/v1.ts'
import { startV2Fixture } from '../../fixtures/conformance/v2.ts'

const node = process.execPath
const repository = join(import.meta.dirname, '..', '..', '..')

describe('a server from npm', () => {
  test('becomes a manifest with every tool, its effect guessed and marked for review', async () => {
    used('@modelcontextprotocol/server-memory')
    const { manifest, notes } = await importMcp({
      name: 'memory',
      target: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-memory@2026.8.31', '--quiet'] },
      schema: '../schemas/connector.json',
    })
    expect(manifest.split('\n')[0]).toBe('# yaml-language-server: $schema=../schemas/connector.json')
    expect(parse(manifest)).toEqual({
      connector: 'memory',
      kind: 'mcp',
      summary: 'Tools of memory-server.',
      config: { package: { registry: 'npm', name: '@modelcontextprotocol/server-memory', version: '2026.8.31' }, args: ['--quiet'] },
      tools: {
        add_observations: { effect: 'write' },
        create_entities: { effect: 'write' },
        create_relations: { effect: 'write' },
        delete_entities: { effect: 'destroy' },
        delete_observations: { effect: 'destroy' },
        delete_relations: { effect: 'destroy' },
        open_nodes: { effect: 'read' },
        read_graph: { effect: 'read' },
        search_nodes: { effect: 'read' },
      },
    })
    expect(manifest.match(/# review: guessed from/g)).toHaveLength(9)
    expect(notes).toEqual([])
  })

  test('leaves out a tool that answers only as a task, and says so', async () => {
    used('@modelcontextprotocol/server-everything')
    const { manifest, notes, definitions } = await importMcp({
      name: 'everything',
      target: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-everything@2026.8.31'] },
    })
    expect(definitions.tools.map(({ name }) => name)).toContain('trigger-elicitation-request')
    expect(manifest).toContain('# simulate-research-query is left out: it answers only as a task')
    expect(Object.keys((parse(manifest) as { tools: object }).tools)).not.toContain('simulate-research-query')
    expect(notes).toContainEqual(expect.stringContaining('simulate-research-query'))
  })

  test.each(['memory', 'everything'])('%s says today what is pinned for the quick start', async (name) => {
    const pinned = await readFile(join(repository, `connectors/external/quick-start/${name}.tools.json`), 'utf8')
    const { definitions } = await importMcp({ name, target: { command: 'npx', args: ['-y', `@modelcontextprotocol/server-${name}@2026.8.31`] } })
    expect(definitionsText(definitions)).toBe(pinned)
  })
})

describe('a server on HTTP', () => {
  test.each([
    { line: 'SDK v2', start: startV2Fixture, tool: 'test_x_mcp_header' },
    { line: 'SDK v1', start: startV1Fixture, tool: 'test_elicitation' },
  ])('on $line is read whole, sorted, twice the same', async ({ start, tool }) => {
    const fixture = await start()
    try {
      const first = await importMcp({ name: 'fixture', target: { url: fixture.url } })
      const second = await importMcp({ name: 'fixture', target: { url: fixture.url } })
      expect(definitionsText(second.definitions)).toBe(definitionsText(first.definitions))
      expect(second.manifest).toBe(first.manifest)
      const { tools, prompts, resources, resourceTemplates, instructions } = first.definitions
      expect(tools.map(({ name }) => name)).toContain(tool)
      expect(tools.map(({ name }) => name)).toEqual(tools.map(({ name }) => name as string).toSorted((a, b) => (a < b ? -1 : 1)))
      if (tool === 'test_x_mcp_header') expect(JSON.stringify(tools.find(({ name }) => name === tool))).toContain('"x-mcp-header":"Region"')
      expect([prompts.length > 0, resources.length, resourceTemplates.length]).toEqual([true, 3, 1])
      expect(instructions).toMatch(/fixture/)
      expect(await problemsOf('fixture', first)).toEqual([])
      expect((parse(first.manifest) as { config: unknown }).config).toEqual({ url: fixture.url })
    } finally {
      await fixture.close()
    }
  })

  test('headers reach it and are written as references only', async () => {
    const upstream = await pagedServer({ pages: 1, authorization: 'Bearer hunter2' })
    try {
      const { manifest, notes } = await importMcp({ name: 'paged', target: { url: upstream.url }, headers: { Authorization: 'Bearer hunter2' } })
      expect((parse(manifest) as { config: unknown }).config).toEqual({ url: upstream.url, headers: { Authorization: { secret: 'PAGED_AUTHORIZATION' } } })
      expect(manifest).not.toContain('hunter2')
      expect(notes).toContainEqual(expect.stringContaining('PAGED_AUTHORIZATION'))
    } finally {
      await upstream.close()
    }
  })

  test('lists in pages are read to the end, and long or strange names are changed and said so', async () => {
    const upstream = await pagedServer({ pages: 3, names: (page) => [`tool.${page}`, `${'long_'.repeat(20)}${page}`] })
    try {
      const { manifest, notes, definitions } = await importMcp({ name: 'paged', target: { url: upstream.url } })
      expect(definitions.tools).toHaveLength(6)
      const { tools } = parse(manifest) as { tools: Record<string, { operation: { tool: string } }> }
      expect(tools.tool_2?.operation.tool).toBe('tool.2')
      expect(Object.keys(tools).every((name) => /^[a-zA-Z0-9_-]+$/.test(name) && `paged_${name}`.length <= 60)).toBe(true)
      expect(notes.filter((note) => note.includes('is named'))).toHaveLength(6)
      expect(await problemsOf('paged', { manifest, definitions })).toEqual([])
    } finally {
      await upstream.close()
    }
  })

  test('that has resources and no templates is read all the same', async () => {
    const resources = [{ uri: 'notes://one', name: 'one' }]
    const upstream = await pagedServer({ pages: 1, resources })
    try {
      const { definitions } = await importMcp({ name: 'paged', target: { url: upstream.url } })
      expect([definitions.resources, definitions.resourceTemplates]).toEqual([resources, []])
    } finally {
      await upstream.close()
    }
  })

  test('tools the hub could not serve are left out and said, so that the rest passes its check', async () => {
    const deep = `${'{"type":"object","properties":{"a":'.repeat(120)}{}${'}}'.repeat(120)}`
    const strange = [
      `{"name":"__proto__","description":"d","inputSchema":{"type":"object"}}`,
      `{"name":"deep","description":"d","inputSchema":${deep}}`,
      `{"name":"wrong","description":"d","inputSchema":{"type":"object","properties":{"a":{"type":"strin"}}}}`,
    ]
    const upstream = await pagedServer({ pages: 1, more: strange.join() })
    try {
      const imported = await importMcp({ name: 'paged', target: { url: upstream.url } })
      expect(await problemsOf('paged', imported)).toEqual([])
      expect(Object.keys((parse(imported.manifest) as { tools: object }).tools).toSorted()).toEqual(['proto', 'tool_1'])
      expect(imported.notes).toEqual([
        expect.stringContaining('"__proto__" is named "proto"'),
        expect.stringMatching(/"deep" is left out: .* levels deep/),
        expect.stringMatching(/"wrong" is left out: its inputSchema\.properties\.a\.type is no schema/),
      ])
    } finally {
      await upstream.close()
    }
  })

  test.each(['http', 'sse'] as const)('at a private address is refused over %s', async (transport) => {
    await expectRefusal(importMcp({ name: 'x', target: { url: 'http://10.255.255.1/mcp' }, transport }), 'HUB_EGRESS_DENIED', /egress\.allow/)
  })

  test('at a private address is reached where the configuration allows it, and by no other name', async () => {
    const upstream = await pagedServer({ pages: 1 })
    try {
      const url = upstream.url.replace('127.0.0.1', '[::ffff:127.0.0.1]')
      await expectRefusal(importMcp({ name: 'paged', target: { url } }), 'HUB_EGRESS_DENIED', /private or reserved/)
      expect((await importMcp({ name: 'paged', target: { url }, allow: ['127.0.0.0/8', '::ffff:127.0.0.0/104'] })).definitions.tools).toHaveLength(1)
    } finally {
      await upstream.close()
    }
  })

  test.each([
    { fault: 'pages without end', options: { pages: 1_000 }, said: /did not end after 64 pages/ },
    { fault: 'one name twice', options: { pages: 2, names: () => ['same'] }, said: /"same" twice/ },
    { fault: 'a tool without a schema', options: { pages: 1, tool: { name: 'bare' } }, said: /Invalid result for tools\/list/ },
    { fault: 'a tool without a name', options: { pages: 1, tool: { inputSchema: {} } }, said: /Invalid result for tools\/list/ },
    { fault: 'a list that is none', options: { pages: 1, list: 'nothing' }, said: /Invalid result for tools\/list/ },
  ])('is refused for $fault', async ({ options, said }) => {
    for (const era of ['modern', 'legacy'] as const) {
      const upstream = await pagedServer({ ...options, era })
      try {
        await expectRefusal(importMcp({ name: 'paged', target: { url: upstream.url } }), 'HUB_UPSTREAM_FAILED', said)
      } finally {
        await upstream.close()
      }
    }
  })
})

describe('a target that is no MCP server is told from one', () => {
  const answers: Readonly<Record<string, RequestListener>> = {
    html: (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>welcome</html>'),
    missing: (_request, response) => void response.writeHead(404).end(),
    locked: (_request, response) => void response.writeHead(401).end(),
    json: (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":1}'),
    silent: () => undefined,
  }
  const servers = new Map<string, Awaited<ReturnType<typeof listen>>>()
  beforeAll(async () => {
    for (const [name, answer] of Object.entries(answers)) servers.set(name, await listen(answer))
    const gone = await listen(() => undefined)
    await gone.close()
    servers.set('gone', gone)
  })
  afterAll(async () => {
    for (const server of servers.values()) await server.close()
  })

  const cases = [
    { target: 'html', code: 'HUB_UPSTREAM_FAILED', said: /does not answer as an MCP server does.*text\/html/ },
    { target: 'missing', code: 'HUB_UPSTREAM_FAILED', said: /HTTP 404.*is the path right/ },
    { target: 'locked', code: 'HUB_UPSTREAM_FAILED', said: /asks for a credential \(HTTP 401\).*header/ },
    { target: 'json', code: 'HUB_UPSTREAM_FAILED', said: /does not answer as an MCP server does/ },
    { target: 'silent', code: 'HUB_TIMEOUT', said: /did not answer within 0.5 s/ },
    { target: 'gone', code: 'HUB_CONNECTOR_DOWN', said: /cannot be reached.*is the address right/ },
  ] as const

  test.each(cases)('over http: $target', async ({ target, code, said }) => {
    await expectRefusal(importMcp({ name: 'x', target: { url: servers.get(target)!.url }, timeoutMs: target === 'silent' ? 500 : 10_000 }), code, said)
  })

  test.each(cases)('over sse: $target', async ({ target, code }) => {
    await expectRefusal(
      importMcp({ name: 'x', target: { url: servers.get(target)!.url }, transport: 'sse', timeoutMs: target === 'silent' ? 500 : 10_000 }),
      code,
      /./,
    )
  })

  test('an import can be cancelled', async () => {
    const controller = new AbortController()
    const imported = importMcp({ name: 'x', target: { url: servers.get('silent')!.url }, signal: controller.signal })
    controller.abort()
    await expectRefusal(imported, 'HUB_CANCELLED', /was cancelled/)
  })
})

describe('a command that is no MCP server is told from one', () => {
  test.each<{ name: string; command: string; args: string[]; code: ErrorCode; said: RegExp }>([
    { name: 'one that is not there', command: 'no-such-command-anywhere', args: [], code: 'HUB_SETUP', said: /not on the PATH; install it/ },
    {
      name: 'one that ends',
      command: node,
      args: ['-e', 'console.error("no licence found"); process.exit(3)'],
      code: 'HUB_UPSTREAM_FAILED',
      said: /ended before it answered; it printed: .*no licence found/,
    },
    { name: 'one that is silent', command: node, args: ['-e', 'setInterval(() => {}, 1000)'], code: 'HUB_TIMEOUT', said: /did not answer within 0.7 s/ },
    { name: 'one that prints', command: node, args: ['-e', 'setInterval(() => console.log("hello"), 50)'], code: 'HUB_TIMEOUT', said: /it printed: hello/ },
  ])('$name', async ({ command, args, code, said }) => {
    await expectRefusal(importMcp({ name: 'x', target: { command, args }, timeoutMs: code === 'HUB_TIMEOUT' ? 700 : 10_000 }), code, said)
  })

  test('what it prints of its secrets is not repeated', async () => {
    const imported = importMcp({
      name: 'x',
      target: { command: node, args: ['-e', 'console.error("bad key " + process.env.API_KEY); process.exit(1)'] },
      env: { API_KEY: 'hunter2hunter2' },
    })
    await expectRefusal(imported, 'HUB_UPSTREAM_FAILED', /bad key \[secret\]/)
  })

  test('nothing it started is left behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-import-'))
    try {
      const script = join(folder, 'parent.js')
      const note = join(folder, 'pids')
      await writeFile(
        script,
        `const { spawn } = require('node:child_process'); const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
         require('node:fs').appendFileSync(${JSON.stringify(note)}, process.pid + ' ' + child.pid + ' '); setInterval(() => {}, 1000)`,
      )
      await expectRefusal(importMcp({ name: 'x', target: { command: node, args: [script] }, timeoutMs: 700 }), 'HUB_TIMEOUT', /did not answer/)
      const pids = (await readFile(note, 'utf8')).trim().split(' ').map(Number)
      expect(pids.length).toBeGreaterThanOrEqual(2)
      expect(pids.filter(isAlive)).toEqual([])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

test.each([
  { options: { name: 'Bad Name', target: { url: 'http://127.0.0.1:9/mcp' } }, code: 'HUB_CONFIG_NAME' as const },
  { options: { name: 'x', target: { url: 'ftp://127.0.0.1/mcp' } }, code: 'HUB_CONFIG_VALUE' as const },
  { options: { name: 'x', target: { url: 'http://127.0.0.1:9/mcp' }, transport: 'stdio' as const }, code: 'HUB_CONFIG_VALUE' as const },
  { options: { name: 'x', target: { command: node, args: [] }, transport: 'http' as const }, code: 'HUB_CONFIG_VALUE' as const },
])('$options is refused with $code before anything is started', async ({ options, code }) => {
  await expectRefusal(importMcp(options), code, /./)
})

/** What the compiler finds in a hub that serves an imported server as it was written. */
async function problemsOf(name: string, { manifest, definitions }: Pick<Imported, 'manifest' | 'definitions'>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-import-'))
  try {
    await writeFile(join(folder, `${name}.yaml`), manifest)
    await writeFile(join(folder, `${name}.tools.json`), definitionsText(definitions))
    await writeFile(join(folder, 'hub.config.yaml'), `hub: { name: imported }\nmanifests: [${name}.yaml]\n`)
    const { plan, problems } = await compile({ configFile: join(folder, 'hub.config.yaml'), kinds, env: {} })
    expect(plan?.connectors.map((connector) => connector.name)).toEqual([name])
    return problems.map(({ code, message }) => `${code} ${message}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function expectRefusal(promise: Promise<unknown>, code: ErrorCode, said: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(HubError)
  expect((error as HubError).message).toMatch(said)
  expect((error as HubError).code).toBe(code)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function listen(answer: RequestListener): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      if (!server.listening) return
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface PagedOptions {
  readonly pages: number
  /** JSON of further tools, for what an object literal cannot say. */
  readonly more?: string
  readonly resources?: readonly object[]
  readonly names?: (page: number) => readonly string[]
  readonly tool?: object
  readonly list?: unknown
  readonly authorization?: string
  readonly era?: 'modern' | 'legacy'
}

/** A server by hand, for what no SDK would send. */
function pagedServer({
  pages,
  names = (page) => [`tool_${page}`],
  tool,
  list,
  authorization,
  more,
  resources,
}: PagedOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  return listen((request, response) => void answer(request, response))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (authorization !== undefined && request.headers.authorization !== authorization) return void response.writeHead(401).end()
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { id?: number; method: string; params?: { cursor?: string } }
    const result = resultOf(method, params)
    const outcome = result === undefined ? { error: { code: -32601, message: 'Method not found' } } : { result: { resultType: 'complete', ...result } }
    const text = JSON.stringify({ jsonrpc: '2.0', id, ...outcome })
    response.writeHead(200, { 'content-type': 'application/json' }).end(more === undefined ? text : text.replace('"tools":[', `"tools":[${more},`))
  }

  function resultOf(method: string, params: { readonly cursor?: string } | undefined): object | undefined {
    const capabilities = { tools: {}, ...(resources === undefined ? {} : { resources: {} }) }
    if (method === 'server/discover') return { supportedVersions: ['2026-07-28'], capabilities, ttlMs: 0, cacheScope: 'private' }
    if (method === 'initialize') return { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'paged', version: '1' } }
    if (method === 'resources/list') return { resources, ttlMs: 0, cacheScope: 'private' }
    if (method !== 'tools/list') return undefined
    const page = Number(params?.cursor ?? 1)
    const tools = list ?? (tool === undefined ? names(page).map((name) => ({ name, description: 'A tool.', inputSchema: { type: 'object' } })) : [tool])
    return { tools, ttlMs: 0, cacheScope: 'private', ...(page < pages ? { nextCursor: String(page + 1) } : {}) }
  }
}
