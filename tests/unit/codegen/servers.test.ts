import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { namespaceOf, remoteOf, shortened, slug } from '../../../codegen/servers/address.ts'
import { serversEmitter } from '../../../codegen/servers/emit.ts'
import { createTemplates } from '../../../codegen/templates.ts'
import type { Output } from '../../../codegen/emit.ts'
import { isObject, type JsonObject } from '../../../runtime/contract/json.ts'
import type { HubConfig } from '../../../runtime/contract/manifest.ts'
import { compile } from '../../../runtime/manifest/compile.ts'
import { serverDocumentSchema } from '../../fixtures/server-document.ts'
import { goldenKinds } from '../../golden/kinds.ts'
import { folderWith } from '../manifest/folder.ts'

const isDocument = new Ajv2020({ strict: false }).compile(serverDocumentSchema)
const at = (publicUrl: string, mode: HubConfig['auth']['mode'] = 'local'): HubConfig => ({ publicUrl, auth: { mode } }) as HubConfig

test('the documents of this repository are what a registry takes, one for each generated server', async () => {
  const folder = resolve(import.meta.dirname, '../../../generated/servers')
  const names = await readdir(folder)
  expect(names).toEqual(expect.arrayContaining(['all.server.json', 'connector.market.server.json', 'toolset.analyst.server.json']))
  for (const name of names) {
    const document = JSON.parse(await readFile(join(folder, name), 'utf8')) as JsonObject
    expect({ name, faults: isDocument(document) ? [] : isDocument.errors }).toEqual({ name, faults: [] })
  }
})

test('whatever a hub and its connectors are called, the documents are what a registry takes', async () => {
  const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 150 }).filter((text) => text.trim() !== '')
  const { plan } = await compile({
    configFile: join(
      await folderWith({
        'hub.config.yaml': 'manifests: ["*.yaml"]\ntoolsets: { all: { tools: ["*"] } }\n',
        'a.yaml': 'connector: a\nkind: shelf\nsummary: x\nconfig: { url: x }\n',
      }),
      'hub.config.yaml',
    ),
    kinds: goldenKinds,
    env: {},
    version: '1.0.0',
  })
  await fc.assert(
    fc.asyncProperty(
      words,
      words,
      fc.webUrl({ validSchemes: ['http', 'https'] }),
      fc.constantFrom('local', 'keys', 'oauth', 'keys+oauth'),
      async (name, summary, publicUrl, mode) => {
        const hub = { ...plan!.hub, name, publicUrl, auth: { ...plan!.hub.auth, mode } } as HubConfig
        const connectors = plan!.connectors.map((connector) => ({ ...connector, summary }))
        const outputs = (await serversEmitter.whole?.({
          plan: { ...plan!, hub, connectors },
          kinds: goldenKinds,
          templates: createTemplates(new Map()),
        })) as readonly Output[]
        expect(outputs.map(({ path }) => path)).toEqual(['servers/all.server.json', 'servers/connector.a.server.json', 'servers/toolset.all.server.json'])
        for (const { content } of outputs) expect(isDocument(JSON.parse(content)) ? [] : isDocument.errors).toEqual([])
      },
    ),
  )
})

test.each([
  ['https://hub.example.com/', 'com.example.hub'],
  ['http://127.0.0.1:8080', 'localhost'],
  ['http://[::1]:8080', 'localhost'],
  ['http://10.0.0.7:8080', 'localhost'],
  ['http://hub', 'hub'],
])('a hub at %s is filed under %s', (publicUrl, namespace) => expect(namespaceOf(publicUrl)).toBe(namespace))

describe('where a server is reached', () => {
  test('is its public address', () =>
    expect(remoteOf(at('https://hub.example.com/base/'), '/mcp')).toEqual({ type: 'streamable-http', url: 'https://hub.example.com/base/mcp' }))

  test('is left to the reader where the address is of one machine only', () =>
    expect(remoteOf(at('http://127.0.0.1:8080'), '/mcp')).toMatchObject({
      url: 'http://{host}/mcp',
      variables: { host: { default: '127.0.0.1:8080', isRequired: true } },
    }))

  test.each([
    ['keys', true],
    ['keys+oauth', false],
    ['oauth', undefined],
    ['local', undefined],
  ] as const)('with auth mode %s a key is required: %s', (mode, expected) => {
    const { headers } = remoteOf(at('https://x.example', mode), '/mcp')
    const [header] = Array.isArray(headers) ? headers : []
    expect(isObject(header) ? header['isRequired'] : undefined).toBe(expected)
  })
})

test.each([
  ['My Hub!', 'my-hub'],
  ['..a..', 'a'],
  ['größe', 'gr-e'],
  ['日本', 'hub'],
])('%s is %s in a name', (text, expected) => expect(slug(text)).toBe(expected))

test('long words are cut between two of them', () => {
  expect(shortened('one two three', 9)).toBe('one two…')
  expect(shortened('a  b\nc', 9)).toBe('a b c')
  expect(shortened('x'.repeat(20), 5)).toBe('xxxx…')
  expect(shortened('😀😀😀', 4)).toBe('😀…')
})
