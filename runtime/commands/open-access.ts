import { dirname } from 'node:path'
import type { ConnectorSummary } from '../contract/catalogue.ts'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { refused, type Access } from './access.ts'
import { findConfigFile } from './config-file.ts'
import { CommandError, exits } from './exits.ts'
import type { AccessOptions } from './options.ts'
import { findRunning } from './running.ts'
import { RefusedError, request, type Door } from './wire.ts'

/** The hub at --url, else the one that runs from this folder, else one opened here and closed afterwards. */
export async function openAccess(options: AccessOptions): Promise<Access> {
  const key = options.key ?? process.env.HUB_KEY
  if (options.url !== undefined) return remote({ url: checkUrl(options.url), key })
  const configFile = findConfigFile(options.config)
  const running = await findRunning(dirname(configFile))
  if (running) return remote({ url: running.url, key })
  return (await import('./local.ts')).openLocalAccess(configFile)
}

function checkUrl(url: string): string {
  const parsed = URL.parse(url)
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed.origin
  throw new CommandError(exits.usage, `--url ${url} is not an address`, ['for example --url http://127.0.0.1:8080'])
}

function remote(door: Door): Access {
  const callTool = async (name: string, args: JsonObject): Promise<JsonObject> => {
    try {
      return await request(door, 'tools/call', { name, arguments: args })
    } catch (error) {
      if (error instanceof RefusedError) throw refused(error.message, isObject(error.data) ? error.data.suggestions : undefined)
      throw error
    }
  }
  return {
    callTool,
    async listTools() {
      const tools: JsonObject[] = []
      let cursor: Json | undefined
      do {
        const page: JsonObject = await request(door, 'tools/list', cursor === undefined ? {} : { cursor })
        tools.push(...((page.tools ?? []) as readonly JsonObject[]))
        cursor = page.nextCursor
      } while (typeof cursor === 'string')
      return tools
    },
    async listConnectors() {
      const { structuredContent } = await callTool('hub_list_connectors', {})
      const listed = isObject(structuredContent) ? structuredContent.connectors : undefined
      if (!Array.isArray(listed))
        throw new CommandError(exits.problems, 'this hub does not tell its connectors', ['switch on the connector of kind hub: connectors/hub.yaml'])
      return listed as unknown as readonly ConnectorSummary[]
    },
    close: () => Promise.resolve(),
  }
}
