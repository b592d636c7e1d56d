import type { JsonObject } from '../../runtime/contract/json.ts'
import type { HubConfig } from '../../runtime/contract/manifest.ts'
import type { Output } from '../emit.ts'
import type { Emitter } from '../emitter.ts'
import { selectOffer, wholeOffer, type Offer } from '../toolsets.ts'
import { namespaceOf, remoteOf, shortened, slug } from './address.ts'

const schema = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'
const longestWords = 100

/** A document of the official MCP registry's form for each generated server: everything, each connector, each toolset. For registries of an organisation's own, and for publishing. */
export const serversEmitter: Emitter = {
  name: 'servers',
  whole({ plan }) {
    const { hub, connectors, toolsets } = plan
    const all = wholeOffer(plan)
    return [
      document(hub, {
        file: 'all',
        path: '/mcp',
        title: hub.name,
        words: connectors.length === 0 ? 'No connectors yet.' : `${connectors.map(({ name }) => name).join(', ')} behind one endpoint`,
        offer: all,
      }),
      ...connectors.map((connector) =>
        document(hub, {
          file: `connector.${connector.name}`,
          suffix: connector.name,
          path: `/mcp/connectors/${connector.name}`,
          title: `${hub.name}: ${connector.name}`,
          words: connector.summary,
          offer: connector,
        }),
      ),
      ...toolsets.map((toolset) => {
        const offer = selectOffer(all, toolset)
        const words = `A selection of tools: ${offer.tools.map(({ name }) => name).join(', ')}`
        const { name } = toolset
        return document(hub, { file: `toolset.${name}`, suffix: `toolset.${name}`, path: `/mcp/toolsets/${name}`, title: `${hub.name}: ${name}`, words, offer })
      }),
    ]
  },
}

interface Server {
  readonly file: string
  /** After the hub's name; nothing for the server of everything. */
  readonly suffix?: string
  readonly path: string
  readonly title: string
  readonly words: string
  readonly offer: Offer
}

function document(hub: HubConfig, { file, suffix, path, title, words, offer }: Server): Output {
  const effects = ['read', 'write', 'destroy'].map((effect) => [effect, offer.tools.filter((tool) => tool.effect === effect).length] as const)
  const content: JsonObject = {
    $schema: schema,
    name: `${namespaceOf(hub.publicUrl)}/${slug(hub.name)}${suffix === undefined ? '' : `.${suffix}`}`,
    title: shortened(title, longestWords),
    description: shortened(words, longestWords),
    version: hub.version,
    remotes: [remoteOf(hub, path)],
    _meta: {
      'io.modelcontextprotocol.registry/publisher-provided': {
        tools: { ...Object.fromEntries(effects) },
        resources: offer.resources.length,
        prompts: offer.prompts.length,
      },
    },
  }
  return { path: `servers/${file}.server.json`, content: `${JSON.stringify(content, null, 2)}\n` }
}
