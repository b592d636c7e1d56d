import { dirname } from 'node:path'
import type { ConnectorSummary } from '../contract/catalogue.ts'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { refused, UntoldError, type Access } from './access.ts'
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
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:')
    throw new CommandError(exits.usage, `--url ${url} is not an address`, ['for example --url http://127.0.0.1:8080'])
  if (parsed.pathname !== '/' || parsed.search !== '')
    throw new CommandError(exits.usage, '--url is the address of a hub, without a path', [`for example --url ${parsed.origin}`])
  return parsed.origin
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
      const { structuredContent } = await request(door, 'tools/call', { name: 'hub_list_connectors', arguments: {} }).catch(orUntold)
      const listed = isObject(structuredContent) ? structuredContent.connectors : undefined
      if (!Array.isArray(listed)) throw new UntoldError()
      return listed as unknown as readonly ConnectorSummary[]
    },
    close: () => Promise.resolve(),
  }
}

/** Only the connector of kind hub has the tool that tells of connectors. */
function orUntold(error: unknown): never {
  if (!(error instanceof RefusedError)) throw error
  throw isObject(error.data) && error.data.code === 'HUB_TOOL_UNKNOWN' ? new UntoldError() : refused(error.message, undefined)
}
