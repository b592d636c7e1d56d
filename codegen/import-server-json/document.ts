import { HubError } from '../../runtime/contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'

/** A server.json of the official registry, in the words of its newest schema. */
export interface ServerDocument {
  readonly name: string
  readonly version?: string
  readonly title?: string
  readonly description?: string
  readonly packages: readonly JsonObject[]
  readonly remotes: readonly JsonObject[]
}

/** Reads a server.json of any revision of its schema, or what the registry answers about one server. Throws HUB_CONFIG_VALUE for anything else. */
export function serverDocument(value: JsonObject, location: string): ServerDocument {
  const server = camelCased(unwrapped(value, location)) as JsonObject
  const { name, title, description } = server
  const version = server['version'] ?? (isObject(server['versionDetail']) ? server['versionDetail']['version'] : undefined)
  const document = { packages: objects(server['packages']).map(renamedPackage), remotes: objects(server['remotes']).map(renamedRemote) }
  if (typeof name !== 'string' || name === '') throw refused(location, 'it has no name')
  if (document.packages.length + document.remotes.length === 0) throw refused(location, 'it names neither packages nor remotes: there is nothing to connect to')
  return {
    name,
    ...(typeof version === 'string' && { version }),
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
    ...document,
  }
}

const refused = (location: string, why: string): HubError => new HubError('HUB_CONFIG_VALUE', `${location} is no server.json of the MCP registry: ${why}`)

function unwrapped(value: JsonObject, location: string): JsonObject {
  if (isObject(value['server'])) return value['server']
  if (isObject(value['mcpServers'])) throw refused(location, 'it is the settings of a client; give its command to hub import mcp')
  const { servers } = value
  if (!Array.isArray(servers)) return value
  const [only, second] = objects(servers)
  if (only === undefined || second !== undefined) throw refused(location, `it lists ${servers.length} servers; give the address of one`)
  return unwrapped(only, location)
}

const objects = (value: Json | undefined): readonly JsonObject[] => (Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : [])

/** The first revisions wrote snake_case. Names of variables and of `_meta` are data. */
function camelCased(value: Json, isData = false): Json {
  if (Array.isArray(value)) return value.map((item: Json) => camelCased(item))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      isData || key.startsWith('_') ? key : key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      camelCased(inner, key === 'variables'),
    ]),
  )
}

function renamedPackage({ registryName, name, ...rest }: JsonObject): JsonObject {
  const registry = rest['registryType'] ?? registryName ?? null
  return { ...rest, registryType: registry === 'docker' ? 'oci' : registry, identifier: rest['identifier'] ?? name ?? null }
}

function renamedRemote({ transportType, ...rest }: JsonObject): JsonObject {
  return { ...rest, type: rest['type'] ?? transportType ?? 'streamable-http' }
}
