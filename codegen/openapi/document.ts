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

/** An OpenAPI 3.1 document of tools as plain REST: one path a tool, sorted, every schema as it is declared. */
export function openApiDocument(hub: Described): JsonObject {
  const connectors = hub.connectors.filter(({ tools }) => tools.length > 0).toSorted((one, other) => compare(one.connector.name, other.connector.name))
  const components: Components = { schemas: {}, ids: new Set() }
  const paths: Record<string, JsonObject> = {}
  for (const { connector, tools } of connectors)
    for (const tool of tools.toSorted((one, other) => compare(one.local, other.local)))
      paths[`/api/mcp/${tool.connector}/tools/${tool.local}`] = pathOf(tool, connector.definitions !== undefined, hub.auth, components)
  const secured = securityOf(hub.auth, [])
  return {
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
    paths: { '/api/mcp': { get: listing() }, ...paths },
    components: {
      schemas: { ...schemas, ...Object.fromEntries(Object.entries(components.schemas).toSorted(([one], [other]) => compare(one, other))) },
      responses,
      headers,
      ...(secured && { securitySchemes: schemesOf(hub.auth) }),
    },
  }
}

interface Components {
  readonly schemas: Record<string, JsonSchema>
  /** What schemas call themselves. */
  readonly ids: Set<string>
}

/** Puts a schema among the components, with the definitions it brings. Of two that call themselves the same the second is given another name. */
function putSchema({ schemas, ids }: Components, schema: JsonSchema, name: string): void {
  const embedded = embed(schema, name)
  const id = isObject(embedded.schema) && typeof embedded.schema['$id'] === 'string' ? embedded.schema['$id'] : undefined
  const isTaken = id !== undefined && ids.has(id)
  if (id !== undefined) ids.add(id)
  Object.assign(schemas, embedded.definitions, { [name]: isTaken ? { ...(embedded.schema as JsonObject), $id: `schemas/${name}` } : embedded.schema })
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

// A tool that did not change gives the same path to the document of every caller and every edit; only its schemas are put anew.
const madePaths = new WeakMap<ToolSpec, { readonly auth: Described['auth']; readonly isUpstream: boolean; readonly path: JsonObject }>()

function pathOf(tool: ToolSpec, isUpstream: boolean, auth: Described['auth'], components: Components): JsonObject {
  const { name, input, output } = tool
  if (output !== undefined) putSchema(components, output, `${name}.output`)
  putSchema(components, input, `${name}.input`)
  const known = madePaths.get(tool)
  if (known?.auth === auth && known.isUpstream === isUpstream) return known.path
  const path = { post: operation(tool, isUpstream, auth) }
  madePaths.set(tool, { auth, isUpstream, path })
  return path
}

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
