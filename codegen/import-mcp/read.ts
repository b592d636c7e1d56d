import type { Client, StandardSchemaV1 } from '@modelcontextprotocol/client'
import type { Bounds } from './connect.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Definitions } from '../../runtime/contract/kind.ts'

const mostPages = 64
const mostBytes = 16 * 1024 * 1024

/** Hands results on as the server wrote them: what is pinned must be whole, fields the client does not know included. */
const asWritten: StandardSchemaV1<unknown, JsonObject> = { '~standard': { version: 1, vendor: 'hub', validate: (value) => ({ value: value as JsonObject }) } }

/** Reads everything a connected server says of itself, page by page, sorted by name. The SDK refuses results that are no lists; rejects HUB_UPSTREAM_FAILED for lists that do not end or name one thing twice. */
export async function readDefinitions(client: Client, bounds: Bounds): Promise<Definitions> {
  const capabilities = (client.getServerCapabilities() ?? {}) as JsonObject
  const read = (offered: unknown, method: string, member: string, key: string): Promise<readonly JsonObject[]> =>
    offered === undefined ? Promise.resolve([]) : readPages(client, method, member, key, bounds)
  // Many servers that have resources have no templates, and no method to list them; the hub takes that for an empty list when it runs, too.
  const readIfKnown = (...asked: Parameters<typeof read>): Promise<readonly JsonObject[]> =>
    read(...asked).catch((error: unknown) => {
      if (isUnknownMethod(error)) return []
      throw error
    })
  return {
    server: (client.getServerVersion() ?? {}) as unknown as JsonObject,
    ...(client.getInstructions() === undefined ? {} : { instructions: client.getInstructions() }),
    capabilities,
    tools: await read(capabilities.tools, 'tools/list', 'tools', 'name'),
    prompts: await readIfKnown(capabilities.prompts, 'prompts/list', 'prompts', 'name'),
    resources: await readIfKnown(capabilities.resources, 'resources/list', 'resources', 'uri'),
    resourceTemplates: await readIfKnown(capabilities.resources, 'resources/templates/list', 'resourceTemplates', 'uriTemplate'),
  }
}

async function readPages(client: Client, method: string, member: string, key: string, bounds: Bounds): Promise<readonly JsonObject[]> {
  const found = new Map<string, JsonObject>()
  let cursor: string | undefined
  let bytes = 0
  for (let page = 0; page < mostPages; page += 1) {
    const result = await client.request({ method, params: cursor === undefined ? {} : { cursor } }, asWritten, bounds)
    for (const entry of result[member] as readonly JsonObject[]) {
      if (found.has(entry[key] as string)) throw new HubError('HUB_UPSTREAM_FAILED', `the server lists ${key} "${entry[key] as string}" twice in ${method}`)
      found.set(entry[key] as string, entry)
    }
    bytes += JSON.stringify(result).length
    if (bytes > mostBytes) throw new HubError('HUB_UPSTREAM_FAILED', `the answers to ${method} are larger than ${mostBytes} bytes`)
    cursor = typeof result.nextCursor === 'string' ? result.nextCursor : undefined
    if (cursor === undefined) return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
  }
  throw new HubError('HUB_UPSTREAM_FAILED', `${method} did not end after ${mostPages} pages`)
}

const isUnknownMethod = (error: unknown): boolean => error instanceof Error && (error as { readonly code?: unknown }).code === -32_601
