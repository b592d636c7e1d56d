import type { Answer, ContentBlock } from '../../contract/answer.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject } from '../../contract/json.ts'
import type { JsonObject } from '../../contract/json.ts'

/** What the upstream says of itself or of this connection, and no caller of the hub has asked for. */
const ownMeta = ['serverInfo', 'clientInfo', 'clientCapabilities', 'protocolVersion', 'subscriptionId', 'logLevel'].map(
  (name) => `io.modelcontextprotocol/${name}`,
)

type Input = Extract<Answer, { type: 'input' }>

/** A `tools/call` result as the hub's answer. */
export function answerOf(result: JsonObject): Answer {
  if (result.resultType !== undefined && result.resultType !== 'complete') return inputOf(result)
  const { content, structuredContent: structured, isError } = result
  if (content !== undefined && !Array.isArray(content)) throw unusable('content is not a list')
  if (content === undefined && structured === undefined) throw unusable('there is neither content nor structuredContent')
  const meta = visibleMeta(result._meta)
  return {
    type: 'content',
    content: (content ?? []) as readonly ContentBlock[],
    ...(structured === undefined ? undefined : { structured }),
    ...(isError === true ? { isError } : undefined),
    ...(meta === undefined ? undefined : { meta }),
  }
}

/** Any other result: as it came, without what the upstream says of itself; or its question to the user. */
export function plainOf(result: JsonObject): JsonObject | Input {
  if (result.resultType !== undefined && result.resultType !== 'complete') return inputOf(result)
  const { resultType: _complete, _meta, ...rest } = result
  const meta = visibleMeta(_meta)
  return meta === undefined ? rest : { ...rest, _meta: meta }
}

function inputOf(result: JsonObject): Input {
  if (result.resultType !== 'input_required') throw unusable(`its kind is ${String(result.resultType).slice(0, 40)}`)
  const { inputRequests = {}, requestState = '' } = result
  if (!isObject(inputRequests) || typeof requestState !== 'string') throw unusable('its question to the user has another shape than the protocol’s')
  return { type: 'input', requests: inputRequests, state: requestState }
}

const unusable = (why: string): HubError => new HubError('HUB_UPSTREAM_FAILED', `the upstream answered with a result the protocol does not have: ${why}`)

/** `_meta` without the upstream's own entries; undefined when nothing is left. */
function visibleMeta(meta: unknown): JsonObject | undefined {
  if (!isObject(meta)) return undefined
  const names = Object.keys(meta).filter((name) => !ownMeta.includes(name))
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, meta[name] as JsonObject]))
}

/** A legacy upstream's "a page must be opened first" (-32042) as the question it is; undefined for other errors. */
export function pagesToOpen(error: JsonObject): Input | undefined {
  if (error.code !== -32_042 || !isObject(error.data) || !Array.isArray(error.data.elicitations)) return undefined
  const requests = error.data.elicitations.map((params: JsonObject, index: number) => [
    `page${index + 1}`,
    { method: 'elicitation/create', params: { mode: 'url', ...params } },
  ])
  return { type: 'input', requests: Object.fromEntries(requests) as JsonObject, state: '' }
}
