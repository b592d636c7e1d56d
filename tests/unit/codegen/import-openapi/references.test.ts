import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importOpenapi } from '../../../../codegen/import-openapi.ts'
import type { HubError } from '../../../../runtime/contract/errors.ts'

let server: Server
let address: string
let folder: string
let secret: string
/** What the service answers, by path. */
const served = new Map<string, unknown>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-references-'))
  secret = pathToFileURL(join(folder, 'secret.json')).href
  await writeFile(join(folder, 'secret.json'), '{"type":"object","properties":{"hunter2":{"type":"string"}}}')
  server = createServer((request, response) => {
    const found = served.get(String(request.url))
    if (typeof found === 'string') return void response.writeHead(302, { location: found }).end()
    response.writeHead(found === undefined ? 404 : 200).end(JSON.stringify(found ?? {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

/** A document whose one answer is described elsewhere. */
const documentWith = (reference: string, more: object = {}, version = '3.0.0'): object => ({
  openapi: version,
  ...more,
  info: { title: 'T', version: '1' },
  servers: [{ url: 'https://api.example.com' }],
  paths: { '/a': { get: { responses: { 200: { description: 'x', content: { 'application/json': { schema: { $ref: reference } } } } } } } },
})

const imported = (location: string, allow: readonly string[] = []): Promise<string> =>
  importOpenapi({ location, name: 'x', allow }).then(
    ({ manifest }) => manifest,
    ({ code, message }: HubError) => `${code}: ${message}`,
  )

test('a document from an address takes in what stands at other addresses', async () => {
  served.set('/api.json', documentWith('parts.json#/Pet')).set('/parts.json', { Pet: { $ref: `${address}/more.json` } })
  served.set('/more.json', { type: 'object', properties: { fur: { type: 'string' } } })
  expect(await imported(`${address}/api.json`)).toContain('fur')
})

test('but no file of this machine, however it is written', async () => {
  const { pathname } = new URL(secret)
  const beside = (place: string): string => place.replace('secret.json', 'beside.json')
  const ways = [
    documentWith(secret),
    documentWith(secret.toUpperCase().slice(0, 5) + secret.slice(5)),
    documentWith(`https://aaa.nonexistanturl.com${pathname}`),
    documentWith('secret.json', { $id: beside(secret) }, '3.1.0'),
    documentWith('secret.json', { $id: `https://aaa.nonexistanturl.com${beside(pathname)}` }, '3.1.0'),
  ]
  for (const document of ways) {
    served.set('/hostile.json', document)
    const told = await imported(`${address}/hostile.json`)
    expect(told).not.toContain('hunter2')
    expect(told).toContain('HUB_CONFIG_REFERENCE')
  }
  served.set('/hostile.json', documentWith(secret))
  expect(await imported(`${address}/hostile.json`)).toContain('may refer to http:// and https:// only')
  served.set('/hostile.json', documentWith('between.json')).set('/between.json', { $ref: secret })
  expect(await imported(`${address}/hostile.json`)).not.toContain('hunter2')
})

test('nor may a file lead there by way of an address', async () => {
  const local = join(folder, 'local.json')
  await writeFile(local, JSON.stringify(documentWith(`${address}/parts.json`)))
  const id = secret.replace('secret.json', 'beside.json')
  const renamed = {
    $id: `${address}/parts.json`,
    properties: { q: { $ref: 'x/b.json' } },
    $defs: { b: { $id: `${address}/x/b.json`, c: { $ref: 'more.json' } } },
  }
  for (const between of [{ $ref: secret }, { $id: id, properties: { a: { $ref: 'secret.json' } } }, [{ $ref: secret }], renamed]) {
    served.set('/parts.json', between)
    const told = await imported(local, ['127.0.0.1'])
    expect(told).not.toContain('hunter2')
    expect(told).toContain('HUB_CONFIG_REFERENCE')
  }
  served.set('/parts.json', { properties: { fur: { $ref: 'more.json' } } }).set('/more.json', { type: 'string' })
  expect(await imported(local, ['127.0.0.1'])).toContain('fur')
  await writeFile(local, JSON.stringify(documentWith('secret.json')))
  expect(await imported(local)).toContain('hunter2')
})

test('what nobody named on the command line is not reached on this machine', async () => {
  const local = join(folder, 'local.json')
  await writeFile(local, JSON.stringify(documentWith(`${address}/parts.json`)))
  served.set('/parts.json', { type: 'object', properties: { fur: { type: 'string' } } })
  expect(await imported(local)).toMatch(/^HUB_CONFIG_REFERENCE: [\s\S]*egress\.allow/)
  expect(await imported(local, ['127.0.0.1'])).toContain('fur')

  served.set('/moved.json', 'http://169.254.169.254/latest')
  for (const reference of [`${address.replace('127.0.0.1', '127.0.0.2')}/parts.json`, 'moved.json']) {
    served.set('/api.json', documentWith(reference))
    expect(await imported(`${address}/api.json`)).toMatch(/^HUB_CONFIG_REFERENCE: [\s\S]*egress\.allow/)
  }
})
