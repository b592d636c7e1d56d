import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApiDocument, type Described } from '../../../../codegen/openapi/document.ts'
import { isObject, type Json, type JsonObject, type JsonSchema } from '../../../../runtime/contract/json.ts'
import { kinds } from '../../../../runtime/kinds/index.ts'
import { compileForCode } from '../../../../codegen/compile.ts'
import { createCompiler } from '../../../../runtime/manifest/compile.ts'
import type { ConnectorSpec } from '../../../../runtime/contract/manifest.ts'
import { createDesk, deskManifest } from '../../../rest/desk.ts'
import { serveHub, type ServedHub } from '../../../hub/serve.ts'
import { createLogger } from '../../../../runtime/log/log.ts'
import { connector, tool } from '../../../fixtures/plan.ts'
import { join } from 'node:path'
import { repository } from '../../../architecture/tree.ts'

const described = (connectors: readonly ConnectorSpec[], auth: Described['auth'] = 'local'): JsonObject =>
  openApiDocument({
    name: 'hub',
    version: '1.0.0',
    server: 'http://127.0.0.1:8080',
    auth,
    connectors: connectors.map((one) => ({ connector: one, tools: one.tools })),
  })

/** What the official schema of OpenAPI 3.1 says of a document. */
async function faultsOf(document: unknown): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(structuredClone(document) as Record<string, unknown>)
  return valid ? [] : errors
}

/** Every reference of a document that is not inside a schema with an `$id` of its own, and leads nowhere. */
function lost(document: JsonObject): readonly string[] {
  const found: string[] = []
  const walk = (value: Json): void => {
    if (Array.isArray(value)) for (const inner of value as readonly Json[]) walk(inner)
    if (!isObject(value) || typeof value['$id'] === 'string') return
    const { $ref: reference } = value
    if (typeof reference === 'string' && pointed(document, reference) === undefined) found.push(reference)
    for (const inner of Object.values(value)) walk(inner)
  }
  walk(document)
  return found
}

function pointed(document: JsonObject, reference: string): Json | undefined {
  let value: Json | undefined = document
  for (const part of reference.split('/').slice(1)) value = isObject(value) ? value[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return reference.startsWith('#/') ? value : undefined
}

/** The check a reader of the document would make of one of its schemas. */
function checkOf(document: JsonObject, name: string): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false, logger: false, validateSchema: false })
  addFormats.default(ajv)
  ajv.addSchema(document, 'https://hub.example/openapi.json')
  return ajv.compile({ $ref: `https://hub.example/openapi.json#/components/schemas/${name}` }) as (value: unknown) => boolean
}

const recursive: JsonSchema = {
  type: 'object',
  properties: { tree: { $ref: '#/$defs/node' }, again: { $ref: '#' } },
  additionalProperties: false,
  $defs: { node: { type: 'object', required: ['n'], properties: { n: { type: 'integer' }, next: { $ref: '#/$defs/node' } } } },
}
const anchored: JsonSchema = { type: 'object', properties: { v: { $ref: '#point' } }, $defs: { p: { $anchor: 'point', type: 'object', required: ['x'] } } }

const hard = connector('hard', {
  tools: [
    tool('hard', 'recursive', {
      input: recursive,
      output: recursive,
      title: 'A title',
      description: 'More words.',
      deprecated: 'use another',
      policy: { scopes: ['deep'] },
    }),
    tool('hard', 'anchored', { input: anchored, output: true }),
    tool('hard', 'too', { input: anchored, output: { type: ['array', 'null'], prefixItems: [{ type: 'string' }] } }),
    tool('hard', 'named', {
      input: { $id: 'https://one.example/a', type: 'object', properties: { v: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'string' } } },
    }),
    tool('hard', 'named_too', {
      input: { $id: 'https://one.example/a', type: 'object', properties: { v: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'null' } } },
    }),
    tool('hard', '__proto__', { input: { type: 'object' } }),
  ],
})
const upstream = connector('up', {
  definitions: { server: {}, capabilities: {}, tools: [], prompts: [], resources: [], resourceTemplates: [] },
  tools: [tool('up', 'words'), tool('up', 'both', { output: { type: 'object' } })],
})

describe('an OpenAPI document', () => {
  test.each(['local', 'keys', 'oauth', 'keys+oauth'] as const)('is one by the official schema, with auth %s', async (auth) => {
    const document = described([hard, upstream, connector('empty')], auth)
    expect(await faultsOf(document)).toEqual([])
    expect(lost(document)).toEqual([])
    const { securitySchemes = {} } = document['components'] as { securitySchemes?: object }
    const named = { local: [], keys: ['bearer', 'key'], oauth: ['bearer'], 'keys+oauth': ['bearer', 'key'] }
    expect(Object.keys(securitySchemes)).toEqual(named[auth])
  })

  test('would be refused with a member the official schema does not have', async () => {
    expect(await faultsOf({ ...described([hard]), extra: 1 })).not.toEqual([])
    expect(await faultsOf({ ...described([hard]), paths: { nowhere: {} } })).not.toEqual([])
  })

  test('has schemas that mean in it what they meant alone', () => {
    const document = described([hard, upstream])
    const good = { tree: { n: 1, next: { n: 2 } }, again: { again: {} } }
    const bad = [{ tree: { n: 1, next: { n: 'x' } } }, { again: { other: 1 } }, { tree: { next: { n: 1 } } }]
    for (const name of ['hard_recursive.input', 'hard_recursive.output']) {
      const check = checkOf(document, name)
      expect([good, ...bad].map(check)).toEqual([true, false, false, false])
    }
    for (const name of ['hard_anchored.input', 'hard_too.input']) expect([{ v: { x: 1 } }, { v: {} }].map(checkOf(document, name))).toEqual([true, false])
    expect([{ v: 'a' }, { v: null }].map(checkOf(document, 'hard_named.input'))).toEqual([true, false])
    expect([{ v: 'a' }, { v: null }].map(checkOf(document, 'hard_named_too.input'))).toEqual([false, true])
  })

  test('tells what an upstream may answer instead of data', () => {
    const { paths } = described([upstream, hard]) as { paths: Record<string, any> }
    const answer = (path: string): unknown => paths[path].post.responses['200'].content['application/json'].schema
    const content = { $ref: '#/components/schemas/Content' }
    expect(answer('/api/mcp/up/tools/words')).toEqual(content)
    expect(answer('/api/mcp/up/tools/both')).toEqual({ anyOf: [{ $ref: '#/components/schemas/up_both.output' }, content] })
    expect(answer('/api/mcp/hard/tools/__proto__')).toEqual({})
    expect(answer('/api/mcp/hard/tools/recursive')).toEqual({ $ref: '#/components/schemas/hard_recursive.output' })
  })

  test('does not depend on the order connectors and tools come in', () => {
    const turned = { ...hard, tools: hard.tools.toReversed() }
    expect(JSON.stringify(described([upstream, turned]))).toBe(JSON.stringify(described([hard, upstream])))
  })

  test('of the manifests of this repository is one', async () => {
    const { plan } = await compileForCode(createCompiler(), { configFile: join(repository, 'hub.config.yaml'), kinds, version: '0.0.0' })
    const document = described(plan?.connectors ?? [])
    expect(await faultsOf(document)).toEqual([])
    expect(lost(document)).toEqual([])
    expect(Object.keys(document['paths'] as object)).toContain('/api/mcp/market/tools/latest_candles')
  })
})

describe('the document of a running hub', () => {
  let served: ServedHub
  beforeAll(async () => {
    const config = 'hub: { name: told, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: "postgres://hub:x@127.0.0.1:1/hub" }\n'
    const files = { 'hub.config.yaml': config, 'connectors/desk.yaml': deskManifest, 'connectors/hub.yaml': 'connector: hub\nkind: hub\nsummary: The hub.\n' }
    served = await serveHub(files, {}, { kinds: [...kinds, createDesk().kind], log: createLogger({ level: 'silent' }) })
  })
  afterAll(() => served?.close())

  test('is one, and what the hub answers is what it says', async () => {
    const document = (await (await fetch(`${served.hub.url}/api/openapi.json`)).json()) as JsonObject
    expect(await faultsOf(document)).toEqual([])
    const list = await fetch(`${served.hub.url}/api/mcp`)
    expect(checkOf(document, 'Connectors')(await list.json())).toBe(true)
    const missing = await fetch(`${served.hub.url}/api/mcp/desk/tools/echo`, { method: 'POST' })
    expect(checkOf(document, 'Problem')(await missing.json())).toBe(true)
    const content = await fetch(`${served.hub.url}/api/mcp/desk/tools/content`, { method: 'POST' })
    expect(checkOf(document, 'Content')(await content.json())).toBe(true)
    const { headers } = document['components'] as { headers: Record<string, { schema: JsonSchema }> }
    for (const name of ['X-Hub-Answer', 'X-Hub-Cache', 'X-Hub-As-Of', 'X-Hub-Source', 'X-Hub-Call-Id', 'Age']) {
      expect(headers).toHaveProperty(name)
      expect((await fetch(`${served.hub.url}/api/mcp/desk/tools/word`, { method: 'POST' })).headers.has(name)).toBe(true)
    }
    for (const path of Object.keys(document['paths'] as object)) {
      if (path !== '/api/mcp') expect((await fetch(`${served.hub.url}${path}`)).status).toBe(405)
    }
  })
})
