import { parseJson, type Json } from '../contract/json.ts'
import { claimsModern, isPlainModern } from './envelope.ts'
import type { LegacyEdge } from './legacy.ts'
import { readableId, readMessage, type Message, type RequestMessage } from './message.ts'
import { isHot } from './modern.ts'
import { codes, errorMessage, modernVersion } from './protocol.ts'
import type { SdkWay } from './sdk-way.ts'
import type { Visit } from './visit.ts'

/** Where requests can go. */
export interface Ways {
  readonly legacy: LegacyEdge
  readonly modern: (visit: Visit, request: RequestMessage) => void
  readonly sdk: SdkWay
  /** False sends everything the SDK can serve to the SDK. */
  readonly hotPath: boolean
}

/** Decides the era and the way of one POST: the one dispatcher. `text` is the body. What it returns, if anything, settles when the way that had to be loaded is taken. */
export function dispatch(ways: Ways, visit: Visit, text: string): Promise<void> | undefined {
  let body: Json
  try {
    body = parseJson(text)
  } catch {
    visit.reply.json(400, errorMessage(null, { code: codes.parse, message: 'Parse error: Invalid JSON' }))
    return undefined
  }
  if (Array.isArray(body)) return judge(ways, visit, body)
  const message = readMessage(body)
  if (message?.kind === 'request' && claimsModern(message.request.params)) {
    if (!ways.hotPath || !isHot(message.request.method) || !isPlainModern(message.request, visit.headers)) return ways.sdk.serve(visit, body)
    ways.modern(visit, message.request)
    return undefined
  }
  if (!message || namesModern(visit) || claims(message)) return judge(ways, visit, body)
  return toLegacy(ways, visit, body, [message], false)
}

const claims = (message: Message): boolean => message.kind === 'notification' && claimsModern(message.notification.params)

const namesModern = ({ headers }: Visit): boolean => String(headers['mcp-protocol-version'] ?? '') >= modernVersion

/** What is not plainly of one era is judged by the SDK's own rules. */
async function judge(ways: Ways, visit: Visit, body: Json): Promise<void> {
  const { reply } = visit
  let lost = false
  reply.onLost = () => (lost = true)
  const outcome = await ways.sdk.judge(visit, body)
  if (lost) return
  reply.onLost = undefined
  if (outcome.kind === 'modern') return ways.sdk.serve(visit, body)
  if (outcome.kind === 'reject') {
    const data = outcome.data as Json | undefined
    return reply.json(outcome.httpStatus, errorMessage(readableId(body), { code: outcome.code, message: outcome.message, data }))
  }
  const messages = (Array.isArray(body) ? (body as readonly Json[]) : [body]).map(readMessage)
  if (messages.includes(undefined))
    return reply.json(
      400,
      errorMessage(readableId(body), { code: codes.invalidRequest, message: 'Bad Request: the request body is not a valid JSON-RPC message' }),
    )
  await toLegacy(ways, visit, body, messages as readonly Message[], Array.isArray(body))
}

function toLegacy({ legacy, sdk, hotPath }: Ways, visit: Visit, body: Json, messages: readonly Message[], batch: boolean): Promise<void> | undefined {
  if (!hotPath && visit.headers['mcp-session-id'] === undefined) return sdk.serve(visit, body)
  legacy.post(visit, messages, batch)
  return undefined
}
