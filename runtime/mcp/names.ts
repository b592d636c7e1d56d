import { createHash } from 'node:crypto'
import type { ContentBlock } from '../contract/answer.ts'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { codes, RpcError } from './protocol.ts'

const longest = 60
const hashLength = 8
export const longestUri = 4_096

/** An upstream's prompt as endpoints that prefix name it: `<connector>_<name>`, at most 60 characters; a longer one ends in a stable hash. */
export function exposedPromptName(connector: string, name: string): string {
  const full = `${connector}_${name}`
  if (full.length <= longest) return full
  const hash = createHash('sha256').update(full).digest('hex').slice(0, hashLength)
  return `${full.slice(0, longest - hashLength - 1)}_${hash}`
}

/** An upstream's URI, or URI template, as endpoints that prefix tell it: `hub://<connector>/<the upstream's own>`. */
export const exposedUri = (connector: string, uri: string): string => `hub://${connector}/${uri}`

/** The connector and its own URI behind an exposed one; undefined for an address that is not of that form. */
export function ownUri(uri: string): { readonly connector: string; readonly uri: string } | undefined {
  const match = /^hub:\/\/([A-Za-z0-9_-]+)\/(.+)$/s.exec(uri)
  return match ? { connector: match[1] as string, uri: match[2] as string } : undefined
}

/** Throws -32602 for an address that is too long to be kept while it is watched. */
export function checkLength(uri: string): void {
  if (uri.length > longestUri) throw new RpcError(codes.invalidParams, `Invalid params: a uri that is watched may have ${longestUri} characters`)
}

/** Content blocks with the URIs of links and embedded resources exposed; the same array when there are none. */
export function exposeBlocks(blocks: readonly ContentBlock[], connector: string): readonly ContentBlock[] {
  return blocks.some(carriesUri) ? blocks.map((block) => exposeBlock(block, connector)) : blocks
}

/** True when a block holds an address of its upstream. */
export const carriesUri = (block: ContentBlock): boolean =>
  block['type'] === 'resource_link' || block['type'] === 'resource' || uiAddress(block['_meta']) !== undefined

/** One content block with its URIs exposed. */
export function exposeBlock(block: ContentBlock, connector: string): ContentBlock {
  const { type, uri, resource } = block
  if (type === 'resource_link' && typeof uri === 'string') return withMeta({ ...block, uri: exposedUri(connector, uri) }, connector)
  if (type === 'resource' && isObject(resource)) return withMeta({ ...block, resource: exposeContents(resource, connector) }, connector)
  return withMeta(block, connector)
}

/** One element of a resource read's `contents`, or of an embedded resource, with its URI exposed. */
export function exposeContents(contents: JsonObject, connector: string): JsonObject {
  const { uri } = contents
  return withMeta(typeof uri === 'string' ? { ...contents, uri: exposedUri(connector, uri) } : contents, connector)
}

/** A prompt's messages with the URIs in their content exposed. */
export function exposeMessages(messages: Json | undefined, connector: string): Json | undefined {
  if (!Array.isArray(messages)) return messages
  return messages.map((message: Json) => {
    if (!isObject(message) || !isObject(message['content'])) return message
    return { ...message, content: exposeBlock(message['content'], connector) }
  })
}

/** `_meta` with the address of its user interface (`ui.resourceUri`, or the older `ui/resourceUri`) exposed. */
export function exposeMeta(meta: Json | undefined, connector: string): Json | undefined {
  if (!isObject(meta) || uiAddress(meta) === undefined) return meta
  const { ui } = meta
  const flat = meta['ui/resourceUri']
  return {
    ...meta,
    ...(isObject(ui) && typeof ui['resourceUri'] === 'string' ? { ui: { ...ui, resourceUri: exposedUri(connector, ui['resourceUri']) } } : {}),
    ...(typeof flat === 'string' ? { 'ui/resourceUri': exposedUri(connector, flat) } : {}),
  }
}

function uiAddress(meta: Json | undefined): Json | undefined {
  if (!isObject(meta)) return undefined
  const { ui } = meta
  return (isObject(ui) ? ui['resourceUri'] : undefined) ?? meta['ui/resourceUri']
}

function withMeta<T extends JsonObject>(value: T, connector: string): T {
  const meta = value['_meta']
  const exposed = exposeMeta(meta, connector)
  return exposed === meta ? value : { ...value, _meta: exposed }
}
