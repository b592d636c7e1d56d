import type { Json, JsonObject } from '../../contract/json.ts'
import type { Snapshot } from '../../../codegen/plan/snapshot.ts'
import { CommandError, exits } from '../exits.ts'
import { RefusedError, request, type Door } from '../wire.ts'

const mostPages = 1_000

/** What a running hub offers, as the holder of this key sees it over MCP. */
export async function seenRemotely(address: string, key: string | undefined): Promise<Snapshot> {
  const door: Door = { url: originOf(address), ...(key !== undefined && { key }) }
  const tools = await whole(door, 'tools/list', 'tools')
  const prompts = await whole(door, 'prompts/list', 'prompts')
  const resources = await whole(door, 'resources/list', 'resources')
  const templates = await whole(door, 'resources/templates/list', 'resourceTemplates')
  const named = (list: readonly JsonObject[], part: string): readonly { readonly name: string; readonly definition: JsonObject }[] =>
    list.map((definition) => ({ name: String(definition[part]), definition }))
  return {
    label: door.url,
    tools: named(tools, 'name'),
    prompts: named(prompts, 'name'),
    resources: [...named(resources, 'uri'), ...named(templates, 'uriTemplate')].map(({ name, definition }) => ({ uri: name, definition })),
    endpoints: [{ path: '/mcp', tools: tools.map((definition) => ({ tool: String(definition['name']), definition })) }],
    notes: [
      `${door.url} is seen over MCP as ${key === undefined ? 'a caller without a key' : 'the holder of this key'}: of policies only the effect is told (by annotations), and toolsets, connectors and hub.config.yaml are not compared; what this caller may not see, or what is off there, looks new`,
    ],
  }
}

function originOf(address: string): string {
  const url = URL.parse(address)
  if (url && (url.pathname === '/' || url.pathname === '/mcp') && url.search === '') return url.origin
  throw new CommandError(exits.usage, `${address} is not the address of a hub`, ['for example --against http://127.0.0.1:8080'])
}

/** Every page of a list. A hub without such things refuses the method. */
async function whole(door: Door, method: string, part: string): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = []
  let cursor: Json | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const result = await one(door, method, cursor)
    if (result === undefined) return []
    found.push(...((result[part] ?? []) as readonly JsonObject[]))
    cursor = result['nextCursor']
    if (typeof cursor !== 'string') return found
  }
  throw new CommandError(exits.problems, `${door.url} answers ${method} with pages without end`)
}

const methodNotFound = -32_601

async function one(door: Door, method: string, cursor: Json | undefined): Promise<JsonObject | undefined> {
  try {
    return await request(door, method, cursor === undefined ? {} : { cursor })
  } catch (error) {
    if (error instanceof CommandError && error.exit === exits.unreachable)
      throw new CommandError(exits.unreachable, error.message, ['give the address of a hub that runs to --against'], error)
    if (!(error instanceof RefusedError)) throw error
    if (error.code === methodNotFound && method !== 'tools/list') return undefined
    throw new CommandError(exits.problems, `${door.url} refuses ${method}: ${error.message}`, ['is this a hub?'], error)
  }
}
