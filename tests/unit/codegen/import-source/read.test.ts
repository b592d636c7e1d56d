import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseSourceDocument } from '../../../../codegen/import-source/document.ts'
import { readLocation } from '../../../../codegen/import-source/read.ts'

let server: Server
let address: string
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-source-'))
  server = createServer((request, response) => {
    if (request.url === '/slow') return
    if (request.url === '/large') {
      const chunk = Buffer.alloc(1 << 20, 32)
      const more = (): void => void (response.destroyed || (response.write(chunk) ? setImmediate(more) : response.once('drain', more)))
      return more()
    }
    response.end('{"a":1}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

const refusal = (location: string, timeoutMs?: number): Promise<unknown> =>
  readLocation(location, timeoutMs === undefined ? {} : { timeoutMs }).then(
    () => undefined,
    (error: unknown) => error,
  )

test('a document comes from a file or an address', async () => {
  await writeFile(join(folder, 'a.json'), '\uFEFF{"a":2}')
  expect(await readLocation(`${address}/a`, {})).toBe('{"a":1}')
  expect(await readLocation(join(folder, 'a.json'), {})).toBe('{"a":2}')
  expect(await readLocation(new URL(`file://${join(folder, 'a.json')}`).href, {})).toBe('{"a":2}')
})

test('what cannot be read says so', async () => {
  expect(await refusal(folder)).toMatchObject({ code: 'HUB_CONFIG_FILE', message: expect.stringContaining('is a folder') as string })
  expect(await refusal(join(folder, 'none'))).toMatchObject({ code: 'HUB_CONFIG_FILE', message: expect.stringContaining('is not there') as string })
  expect(await refusal(`${address}/slow`, 50)).toMatchObject({ code: 'HUB_TIMEOUT' })
  expect(await refusal(`${address}/large`)).toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.stringContaining('more than') as string })
})

test('this machine is reached where it is named, an address inside the network where the hub allows it', async () => {
  expect(await refusal('http://10.0.0.1/a')).toMatchObject({ code: 'HUB_EGRESS_DENIED' })
  const named = address.replace('127.0.0.1', 'localhost')
  expect(await readLocation(`${named}/a`, {})).toBe('{"a":1}')
})

test('values of JSON and YAML have their places', () => {
  for (const text of ['{\n  "a": { "b": [1,\n    2] } }', 'x: 1\na:\n  b: [1, 2]']) {
    const { place } = parseSourceDocument(text, 'it')
    expect(place(['a', 'b'])).toMatch(text.startsWith('{') ? 'it:2:10' : 'it:3:3')
    expect(place(['a', 'b', '1'])).toMatch(text.startsWith('{') ? 'it:3:5' : 'it:3:10')
    expect(place(['a', 'none', 'more'])).toBe(place(['a']))
  }
})
