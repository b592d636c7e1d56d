import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '../components/port.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder } from './hub.ts'

vi.setConfig({ testTimeout: 120_000 })
const petstore = join(import.meta.dirname, '../../node_modules/@readme/oas-examples/3.0/json/petstore.json')
const folder = makeFolder({
  ...plainHub,
  'hub.config.yaml': plainHub['hub.config.yaml'].replace('[connectors/*.yaml]', '[connectors/*.yaml, connectors/http/*.yaml, connectors/external/*.yaml]'),
  'broken.yaml': `openapi: 3.0.0\ninfo: { title: Broken, version: '1' }\nservers: [{ url: https://api.example.com }]\npaths:\n  /a:\n    get:\n      parameters: [{ $ref: '#/none' }]\n      responses: { '200': { $ref: '#/gone' } }\n`,
  'page.html': '<!doctype html><title>Documentation</title>',
  'memory.json': JSON.stringify({
    name: 'io.github.modelcontextprotocol/memory',
    description: 'A graph of what was told.',
    version: '2026.8.31',
    packages: [
      {
        registryType: 'npm',
        identifier: '@modelcontextprotocol/server-memory',
        version: '2026.8.31',
        transport: { type: 'stdio' },
        environmentVariables: [{ name: 'MEMORY_FILE_PATH', isRequired: true }],
      },
    ],
  }),
})
const cwd = folder.path
// Nothing listens there any more.
const closed = await freePort()
afterAll(() => folder.remove())
const written = (file: string): string => readFileSync(join(cwd, 'connectors', file), 'utf8')

describe('hub import openapi', () => {
  const outside = pathToFileURL(join(cwd, 'memory.json')).href
  const answers = { 200: { description: 'x', content: { 'application/json': { schema: { $ref: outside } } } } }
  const reaching = { openapi: '3.0.0', info: { title: 'Reaching', version: '1' }, paths: { '/a': { get: { responses: answers } } } }
  let server: Server
  let address: string
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/openapi.json') return void response.end(readFileSync(petstore))
      if (request.url === '/reaching.json') return void response.end(JSON.stringify(reaching))
      if (request.url === '/moved') return void response.writeHead(302, { location: 'http://169.254.169.254/openapi.json' }).end()
      response.writeHead(404).end('nothing here')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise((done) => server.close(done)))

  test('writes a manifest from a file that hub check takes', async () => {
    used('@readme/oas-examples')
    const { exit, out } = await hub(['import', 'openapi', petstore, '--name', 'pets', '--include', 'pet', '--exclude', 'DELETE *'], { cwd })
    expect(exit).toBe(0)
    expect(out).toMatch(/^connectors\/http\/pets\.yaml: 6 tools$/m)
    expect(out).toContain('set PETS_TOKEN where the hub runs')
    expect(out).toMatch(/^Next: review the effect of each tool, then run hub check$/m)
    expect(written('http/pets.yaml')).toContain('effect: write # review: guessed from POST')
    expect(await hub(['check'], { cwd, env: { PETS_TOKEN: 'x' } })).toMatchObject({ exit: 0, out: expect.stringContaining('0 errors, 0 warnings') as string })
  })

  test('and from an address of this machine, named by its title', async () => {
    expect(await hub(['import', 'openapi', `${address}/openapi.json`], { cwd })).toMatchObject({ exit: 0 })
    expect(written('http/swagger_petstore.yaml')).toContain('# GET /pet/{petId} · pet')
  })

  test('does not write over what is there, unless told to', async () => {
    writeFileSync(join(cwd, 'connectors/http/pets.yaml'), 'mine: true\n')
    expect(await hub(['import', 'openapi', petstore, '--name', 'pets'], { cwd })).toMatchObject({
      exit: 1,
      error: expect.stringContaining('is there already') as string,
    })
    expect(written('http/pets.yaml')).toBe('mine: true\n')
    expect(await hub(['import', 'openapi', petstore, '--name', 'pets', '--force'], { cwd })).toMatchObject({ exit: 0 })
    expect(written('http/pets.yaml')).toContain('connector: pets')
  })

  test.each([
    {
      what: 'broken references, all of them with their places',
      document: 'broken.yaml',
      told: /^HUB_CONFIG_REFERENCE: 2 references[\s\S]*broken\.yaml:7:22 .*#\/none[\s\S]*broken\.yaml:8:29 .*#\/gone/,
    },
    { what: 'a page', document: 'page.html', told: /^HUB_CONFIG_(TYPE|SYNTAX): page\.html/ },
    { what: 'a file that is not there', document: 'none.yaml', told: /^HUB_CONFIG_FILE: none\.yaml is not there/ },
    {
      what: 'a dead address',
      document: `http://127.0.0.1:${closed}/openapi.json`,
      told: /^HUB_CONNECTOR_DOWN: http:\/\/127\.0\.0\.1:\d+\/openapi\.json cannot be reached \(ECONNREFUSED\)/,
    },
    { what: 'another document', document: 'memory.json', told: /^HUB_CONFIG_VALUE: memory\.json has neither "openapi: 3\.x"/ },
    { what: 'an address inside the network', document: 'http://10.1.2.3/openapi.json', told: /^HUB_EGRESS_DENIED: .*egress\.allow/ },
  ])('says what is wrong with $what, and writes nothing', async ({ document, told }) => {
    const { exit, error } = await hub(['import', 'openapi', document, '--name', 'wrong'], { cwd })
    expect(exit).toBeGreaterThan(0)
    expect(error).toMatch(told)
    expect(existsSync(join(cwd, 'connectors/http/wrong.yaml'))).toBe(false)
  })

  test('a document from an address takes no file of this machine into the manifest', async () => {
    const { exit, error } = await hub(['import', 'openapi', `${address}/reaching.json`, '--base', 'https://api.example.com', '--name', 'wrong'], { cwd })
    expect(exit).toBeGreaterThan(0)
    expect(error).toMatch(/^HUB_CONFIG_REFERENCE: [\s\S]*reaching\.json:1:\d+ .*memory\.json is a file, and a document from an address may refer to http/)
    expect(existsSync(join(cwd, 'connectors/http/wrong.yaml'))).toBe(false)
  })

  test('a redirect does not lead inside the network, nor does a page that is not there become a manifest', async () => {
    expect((await hub(['import', 'openapi', `${address}/moved`, '--name', 'wrong'], { cwd })).error).toMatch(/^HUB_EGRESS_DENIED/)
    expect((await hub(['import', 'openapi', `${address}/none`, '--name', 'wrong'], { cwd })).error).toMatch(/^HUB_UPSTREAM_FAILED: .*HTTP 404/)
  })
})

describe('hub import server-json', () => {
  test('asks for what must be set, and with --offline writes down how to reach the server', async () => {
    const told = await hub(['import', 'server-json', 'memory.json'], { cwd })
    expect(told).toMatchObject({ exit: 1, error: expect.stringContaining('before MEMORY_FILE_PATH is set') as string })
    const { exit, out } = await hub(['import', 'server-json', 'memory.json', '--offline', '--name', 'later'], { cwd })
    expect(exit).toBe(0)
    expect(out).toContain('its tools are not known yet')
    expect(existsSync(join(cwd, 'connectors/external/later.tools.json'))).toBe(false)
  })

  test('starts the server and pins what it says', async () => {
    used('@modelcontextprotocol/server-memory')
    const env = { MEMORY_FILE_PATH: join(cwd, 'graph.json') }
    expect(await hub(['import', 'server-json', 'memory.json'], { cwd, env })).toMatchObject({
      exit: 0,
      out: expect.stringContaining('connectors/external/memory.yaml: 9 tools') as string,
    })
    expect(written('external/memory.yaml')).toContain("env: { MEMORY_FILE_PATH: '${MEMORY_FILE_PATH}' }")
    expect(written('external/memory.yaml')).not.toContain(cwd)
    expect(await hub(['check'], { cwd, env: { ...env, PETS_TOKEN: 'x', SWAGGER_PETSTORE_TOKEN: 'x' } })).toMatchObject({
      exit: 0,
      out: expect.stringContaining('0 errors, 0 warnings') as string,
    })
  })

  test('a server that is none is told, and nothing is written', async () => {
    folder.write('dead.json', JSON.stringify({ name: 'x/dead', remotes: [{ type: 'streamable-http', url: 'http://127.0.0.1:1/mcp' }] }))
    const { exit, error } = await hub(['import', 'server-json', 'dead.json'], { cwd })
    expect(exit).toBeGreaterThan(0)
    expect(error).toMatch(/^HUB_CONNECTOR_DOWN/)
    expect(existsSync(join(cwd, 'connectors/external/dead.yaml'))).toBe(false)
  })
})

describe('hub import postgres', () => {
  let server: RunningPostgres
  beforeAll(async () => {
    server = await startPostgres()
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client
      .query(
        'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE customers (id int PRIMARY KEY); CREATE SCHEMA more; CREATE TABLE more.stock (id int PRIMARY KEY)',
      )
      .finally(() => void client.end())
  })
  afterAll(() => server.stop())

  test('takes the address from a variable, and writes the variable', async () => {
    const { exit, out } = await hub(['import', 'postgres', 'SHOP_URL', '--name', 'shop', '--schema', 'public', '--table', 'orders'], {
      cwd,
      env: { SHOP_URL: server.url },
    })
    expect(exit).toBe(0)
    expect(out).toMatch(/^connectors\/shop\.yaml: 2 tools$/m)
    expect(written('shop.yaml')).toContain('url: { secret: SHOP_URL }')
    expect(out + written('shop.yaml')).not.toContain('hub-password')
    expect(await hub(['check'], { cwd, env: { SHOP_URL: server.url } })).toMatchObject({ exit: 0, out: expect.stringContaining('0 errors') as string })
  })

  test('by its address too, which is written nowhere', async () => {
    expect(await hub(['import', 'postgres', server.url, '--name', 'whole'], { cwd })).toMatchObject({
      exit: 0,
      out: expect.stringContaining('6 tools') as string,
    })
    expect(written('whole.yaml')).toContain('url: { secret: WHOLE_DATABASE_URL }')
    expect(written('whole.yaml')).toContain('list_more_stock')
    expect(written('whole.yaml')).not.toContain('hub-password')
  })

  test.each([
    { what: 'a variable that is not set', url: 'NOT_SET', told: /^NOT_SET is not set/ },
    {
      what: 'a database that is not there',
      url: `postgres://u:hidden-word@127.0.0.1:${closed}/x`,
      told: /^HUB_CONNECTOR_DOWN: the database cannot be reached \(ECONNREFUSED\)/,
    },
    { what: 'no address', url: 'mysql://u:hidden-word@127.0.0.1/x', told: /^HUB_CONFIG_VALUE: .*postgres:\/\/user:password@host/ },
  ])('says what is wrong with $what', async ({ url, told }) => {
    const { exit, error, out } = await hub(['import', 'postgres', url, '--name', 'wrong'], { cwd })
    expect(exit).toBeGreaterThan(0)
    expect(error).toMatch(told)
    expect(error + out).not.toContain('hidden-word')
  })

  test('and with a login that is refused, a database or a table that is not there', async () => {
    const other = new URL(server.url)
    other.password = 'hidden-word'
    const refused = await hub(['import', 'postgres', other.href, '--name', 'wrong'], { cwd })
    expect(refused.error).toMatch(/^HUB_UPSTREAM_FAILED: the database refuses the login \(28P01\)/)
    expect(refused.error).not.toContain('hidden-word')
    expect((await hub(['import', 'postgres', server.url.replace(/[^/]*$/, 'none'), '--name', 'wrong'], { cwd })).error).toMatch(/refuses the login \(3D000\)/)
    expect((await hub(['import', 'postgres', server.url, '--name', 'wrong', '--table', 'odrers'], { cwd })).error).toMatch(
      /^HUB_CONFIG_VALUE: "odrers" cannot be read/,
    )
    expect(existsSync(join(cwd, 'connectors/wrong.yaml'))).toBe(false)
  })
})
