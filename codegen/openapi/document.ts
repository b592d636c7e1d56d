import type { Json, JsonObject, JsonSchema } from '../../runtime/contract/json.ts'
import { isObject } from '../../runtime/contract/json.ts'
import type { ConnectorSpec, HubConfig } from '../../runtime/contract/manifest.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { embed } from './embed.ts'
import { headerReference, headers, responses, schemas } from './parts.ts'

/** What a document tells of. */
export interface Described {
  readonly name: string
  readonly version: string
  /** Where the paths start. */
  readonly server: string
  readonly auth: HubConfig['auth']['mode']
  /** Connectors, each with those of its tools that are told of. */
  readonly connectors: readonly { readonly connector: ConnectorSpec; readonly tools: readonly ToolSpec[] }[]
}

/** What one connector's tools bring to a document. */
export interface Part {
  readonly paths: JsonObject
  readonly schemas: JsonObject
}

/** A document in parts: `frame` is all of it but what tools bring. */
export interface Parts {
  readonly frame: JsonObject
  readonly parts: readonly Part[]
}

/** An OpenAPI 3.1 document of tools as plain REST: one path a tool, connector by connector, every schema as it is declared. */
export function openApiDocument(hub: Described): JsonObject {
  const { frame, parts } = openApiParts(hub)
  const components = frame['components'] as JsonObject
  return {
    ...frame,
    paths: Object.assign({}, frame['paths'], ...parts.map(({ paths }) => paths)) as JsonObject,
    components: { ...components, schemas: Object.assign({}, components['schemas'], ...parts.map((part) => part.schemas)) as JsonObject },
  }
}

/** The same in parts. A connector that did not change, with all its tools, gives the same part to every document. */
export function openApiParts(hub: Described): Parts {
  const connectors = hub.connectors.filter(({ tools }) => tools.length > 0).toSorted((one, other) => compare(one.connector.name, other.connector.name))
  const secured = securityOf(hub.auth, [])
  return {
    frame: {
      openapi: '3.1.0',
      jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
      info: {
        title: hub.name,
        version: hub.version,
        description:
          'Every tool of the hub as one POST: its arguments as JSON in, its answer as JSON out. The same limits, policies, cache and audit as over MCP.',
      },
      servers: [{ url: hub.server }],
      ...(secured && { security: secured }),
      tags: connectors.map(({ connector }) => ({ name: connector.name, description: connector.summary })),
      paths: { '/api/mcp': { get: listing() } },
      components: { schemas, responses, headers, ...(secured && { securitySchemes: schemesOf(hub.auth) }) },
    },
    parts: eachIdOnce(connectors.map(({ connector, tools }) => partOf(connector, tools, hub.auth))),
  }
}

interface MadePart extends Part {
  /** Names of the schemas that call themselves something, by what they call themselves. */
  readonly ids: readonly (readonly [id: string, name: string])[]
}

const madeParts = new WeakMap<ConnectorSpec, { readonly auth: Described['auth']; readonly part: MadePart }>()

function partOf(connector: ConnectorSpec, tools: readonly ToolSpec[], auth: Described['auth']): MadePart {
  const isWhole = tools === connector.tools
  const known = isWhole ? madeParts.get(connector) : undefined
  if (known?.auth === auth) return known.part
  const found: Record<string, JsonSchema> = {}
  const ids: (readonly [string, string])[] = []
  const put = (schema: JsonSchema, name: string): void => {
    const embedded = embed(schema, name)
    if (isObject(embedded.schema) && typeof embedded.schema['$id'] === 'string') ids.push([embedded.schema['$id'], name])
    Object.assign(found, embedded.definitions, { [name]: embedded.schema })
  }
  const sorted = tools.toSorted((one, other) => compare(one.local, other.local))
  for (const { name, input, output } of sorted) {
    if (output !== undefined) put(output, `${name}.output`)
    put(input, `${name}.input`)
  }
  const part: MadePart = {
    paths: Object.fromEntries(
      sorted.map((tool) => [`/api/mcp/${tool.connector}/tools/${tool.local}`, { post: operation(tool, connector.definitions !== undefined, auth) }]),
    ),
    schemas: Object.fromEntries(Object.entries(found).toSorted(([one], [other]) => compare(one, other))) as JsonObject,
    ids,
  }
  if (isWhole) madeParts.set(connector, { auth, part })
  return part
}

/** Of two schemas that call themselves the same, the second is given another name. */
function eachIdOnce(parts: readonly MadePart[]): readonly Part[] {
  const taken = new Set<string>()
  return parts.map((part) => {
    const renamed = part.ids.filter(([id]) => taken.size === taken.add(id).size).map(([, name]) => name)
    if (renamed.length === 0) return part
    const others = Object.fromEntries(renamed.map((name) => [name, { ...(part.schemas[name] as JsonObject), $id: `schemas/${name}` }]))
    return { paths: part.paths, schemas: { ...part.schemas, ...others } }
  })
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` })

const listing = (): JsonObject => ({
  operationId: 'listTools',
  summary: 'The connectors and tools this caller sees.',
  responses: {
    '200': { description: 'Connectors and tools.', content: { 'application/json': { schema: reference('Connectors') } } },
    default: { $ref: '#/components/responses/Failed' },
  },
})

function operation(tool: ToolSpec, isUpstream: boolean, auth: Described['auth']): JsonObject {
  const { name, title, summary, description, deprecated, effect, input, output, policy } = tool
  const words = [
    ...(title === undefined ? [] : [summary]),
    ...(description === undefined ? [] : [description]),
    ...(deprecated === undefined ? [] : [`Deprecated: ${deprecated}`]),
  ]
  const security = policy.scopes.length > 0 ? securityOf(auth, policy.scopes) : undefined
  const required = isObject(input) && Array.isArray(input['required']) && input['required'].length > 0
  const answer = output === undefined ? undefined : reference(`${name}.output`)
  return {
    operationId: name,
    tags: [tool.connector],
    summary: title ?? summary,
    ...(words.length > 0 && { description: words.join('\n\n') }),
    ...(deprecated !== undefined && { deprecated: true }),
    'x-hub-effect': effect,
    ...(security && { security }),
    requestBody: { required, content: { 'application/json': { schema: reference(`${name}.input`) } } },
    responses: {
      '200': {
        description: 'The answer.',
        headers: Object.fromEntries(answerHeaders.map((header) => [header, headerReference(header)])),
        content: { 'application/json': { schema: answerSchema(answer, isUpstream) } },
      },
      '400': { $ref: '#/components/responses/Invalid' },
      ...(auth !== 'local' && { '401': { $ref: '#/components/responses/Unauthenticated' } }),
      '403': { $ref: '#/components/responses/Denied' },
      '404': { $ref: '#/components/responses/Unknown' },
      '429': { $ref: '#/components/responses/Limited' },
      default: { $ref: '#/components/responses/Failed' },
    },
  }
}

const answerHeaders = ['Age', 'X-Hub-Answer', 'X-Hub-As-Of', 'X-Hub-Cache', 'X-Hub-Call-Id', 'X-Hub-Notes', 'X-Hub-Source']

// An upstream answers in content blocks; where it declares an output its data is the body, as long as it gives any.
function answerSchema(output: JsonObject | undefined, isUpstream: boolean): Json {
  if (!isUpstream) return output ?? {}
  return output === undefined ? reference('Content') : { anyOf: [output, reference('Content')] }
}

function securityOf(auth: Described['auth'], scopes: readonly string[]): readonly JsonObject[] | undefined {
  if (auth === 'local') return undefined
  return [{ bearer: scopes }, ...(auth.includes('keys') ? [{ key: scopes }] : [])]
}

const schemesOf = (auth: Described['auth']): JsonObject => ({
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: auth === 'keys' ? 'An API key of the hub.' : auth === 'oauth' ? 'An access token.' : 'An access token, or an API key of the hub.',
  },
  ...(auth.includes('keys') && { key: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key of the hub.' } }),
})
