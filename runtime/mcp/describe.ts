import type { HubConfig } from '../contract/manifest.ts'
import { isObject, type JsonObject } from '../contract/json.ts'
import type { Endpoint, Upstream, View } from '../registry/types.ts'
import { finish, type Reader } from './answer.ts'
import { legacyVersions, metaKeys, modernVersion, type Era } from './protocol.ts'

/** Extensions the hub carries through untouched. Others need the hub's own work and are not promised. */
const carriedExtensions = ['io.modelcontextprotocol/ui']

/** How the hub names itself on an endpoint. */
export const serverInfoOf = ({ name, version }: HubConfig, endpoint: Endpoint): { readonly name: string; readonly version: string } => ({
  name: endpoint.kind === 'all' ? name : `${name}/${endpoint.name}`,
  version,
})

/** The label connections of an endpoint are counted under. */
export const connectionLabel = ({ kind, name }: Endpoint): string => (kind === 'all' ? 'all' : name)

/** Makes the readers of endpoints: one per endpoint and era, kept. */
export function createReaders(config: HubConfig): (endpoint: Endpoint, era: Era) => Reader {
  const kept = new WeakMap<Endpoint, Readonly<Record<Era, Reader>>>()
  return (endpoint, era) => {
    let readers = kept.get(endpoint)
    if (!readers) {
      const serverMember = `"${metaKeys.server}":${JSON.stringify(serverInfoOf(config, endpoint))}`
      const { prefixed } = endpoint
      readers = { legacy: { era: 'legacy', prefixed, serverMember }, modern: { era: 'modern', prefixed, serverMember } }
      kept.set(endpoint, readers)
    }
    return readers[era]
  }
}

const liveCapabilities: JsonObject = { resources: { subscribe: true } }

/** What an upstream said it can do: live when it was opened, else as pinned; connectors of live kinds have resources. */
export const capabilitiesOfUpstream = ({ connector }: Upstream): JsonObject =>
  connector.extras()?.capabilities ?? (connector.spec.definitions === undefined ? liveCapabilities : connector.spec.definitions.capabilities)

/** The server capabilities of a view. Where names are prefixed everything may come with the next reload; a connector's own endpoint promises what the connector has. */
export function capabilitiesOf(view: View): JsonObject {
  const upstreams = view.upstreams.map(capabilitiesOfUpstream)
  const any = (name: string): boolean => view.endpoint.prefixed || upstreams.some((capabilities) => capabilities[name] !== undefined)
  const extensions = extensionsOf(upstreams)
  return {
    tools: { listChanged: true },
    logging: {},
    ...(any('prompts') || view.prompts.length > 0 ? { prompts: { listChanged: true } } : {}),
    ...(any('resources') || view.resources.length > 0 ? { resources: { listChanged: true, subscribe: true } } : {}),
    ...(any('completions') ? { completions: {} } : {}),
    ...(Object.keys(extensions).length > 0 ? { extensions } : {}),
  }
}

function extensionsOf(upstreams: readonly JsonObject[]): JsonObject {
  const carried: Record<string, JsonObject> = {}
  for (const { extensions } of upstreams) {
    if (!isObject(extensions)) continue
    for (const name of carriedExtensions) if (isObject(extensions[name])) carried[name] ??= extensions[name]
  }
  return carried
}

/** What a client's model is told of an endpoint before anything else. */
export function instructionsOf({ endpoint, upstreams }: View): string | undefined {
  if (endpoint.kind !== 'connector') return endpoint.instructions
  return upstreams[0]?.connector.extras()?.instructions ?? endpoint.instructions
}

/** The result of `initialize`: the version asked for when the hub speaks it, else its newest legacy one. */
export function initializeResult(config: HubConfig, view: View, asked: string): JsonObject & { readonly protocolVersion: string } {
  const instructions = instructionsOf(view)
  return {
    protocolVersion: legacyVersions.includes(asked) ? asked : (legacyVersions[0] as string),
    capabilities: capabilitiesOf(view),
    serverInfo: serverInfoOf(config, view.endpoint),
    ...(instructions === undefined ? {} : { instructions }),
  }
}

/** The text of the result of `server/discover`. */
export function discoverResult(view: View, reader: Reader): string {
  const instructions = instructionsOf(view)
  return finish(
    { supportedVersions: [modernVersion], capabilities: capabilitiesOf(view), ...(instructions === undefined ? {} : { instructions }) },
    reader,
    true,
  )
}
