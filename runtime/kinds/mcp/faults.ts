import { HubError } from '../../contract/errors.ts'
import { isObject } from '../../contract/json.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Effect } from '../../contract/principal.ts'
import type { Ask } from './flight.ts'

const textAtMost = 600

/** Upstream text as it may be shown: scrubbed, one length. */
export const shown = (text: unknown, scrub: (text: string) => string): string => scrub(String(text)).slice(0, textAtMost)

/** The system behind the connector does not answer. After a write may have been seen, says so instead of inviting a repeat. */
export function down(connector: string, why: string, retryAfterMs: number, lost?: Effect): HubError {
  const unknown = lost === 'write' || lost === 'destroy'
  const wayOn = unknown ? 'its outcome is unknown: look before you repeat it' : `try again in ${Math.max(1, Math.ceil(retryAfterMs / 1000))} s`
  return new HubError('HUB_CONNECTOR_DOWN', `upstream of ${connector} ${why}; ${wayOn}`, {
    connector,
    retryAfterMs,
    ...(unknown ? { outcome: 'unknown' } : {}),
  })
}

/** The upstream answered, but not as the protocol says. */
export function garbled(connector: string, what: string, lost?: Effect): HubError {
  const unknown = lost === 'write' || lost === 'destroy'
  return new HubError('HUB_UPSTREAM_FAILED', `upstream of ${connector} ${what}${unknown ? '; its outcome is unknown: look before you repeat it' : ''}`, {
    connector,
    ...(unknown ? { outcome: 'unknown' } : {}),
  })
}

/** What a JSON-RPC error of an upstream means to the caller. */
export function refusal(connector: string, scrub: (text: string) => string): (error: JsonObject, ask: Ask) => HubError {
  return (error, ask) => {
    const code = typeof error.code === 'number' ? error.code : undefined
    const message = shown(error.message ?? 'no reason given', scrub)
    const facts = { connector, upstreamCode: code }
    switch (code) {
      case -32_002:
        return new HubError('HUB_RESOURCE_UNKNOWN', `upstream of ${connector} has no such resource: ${message}`, facts)
      case -32_602:
        return new HubError(ofInvalid(ask.method, message), `upstream of ${connector} refused the arguments: ${message}`, facts)
      case -32_021:
        return new HubError('HUB_INPUT_UNSUPPORTED', `upstream of ${connector} needs a client that can do more: ${message}`, {
          ...facts,
          ...(isObject(error.data) && isObject(error.data['requiredCapabilities']) ? { requiredCapabilities: error.data['requiredCapabilities'] } : {}),
        })
      case -32_022:
        return new HubError('HUB_CONNECTOR_DOWN', `upstream of ${connector} no longer speaks this protocol version; it is asked again at the next call`, {
          ...facts,
          retryAfterMs: 1000,
        })
      default:
        return new HubError('HUB_UPSTREAM_FAILED', `upstream of ${connector} answered with an error: ${message}`, facts)
    }
  }
}

function ofInvalid(method: string, message: string): 'HUB_RESOURCE_UNKNOWN' | 'HUB_PROMPT_UNKNOWN' | 'HUB_ARGS_INVALID' | 'HUB_UPSTREAM_FAILED' {
  const unknown = /not found|unknown|no such|does not exist/i.test(message)
  if (method === 'resources/read') return 'HUB_RESOURCE_UNKNOWN'
  if (method === 'prompts/get' && unknown) return 'HUB_PROMPT_UNKNOWN'
  if (method === 'tools/call' && unknown) return 'HUB_UPSTREAM_FAILED'
  return 'HUB_ARGS_INVALID'
}

/** An HTTP status other than 2xx, without a JSON-RPC error in its body. */
export function statusFault(connector: string, status: number, headers: Readonly<Record<string, unknown>>, lost?: Effect): HubError {
  const facts = { connector, upstreamStatus: status }
  const retryAfter = Number(headers['retry-after'])
  const retryAfterMs = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter * 1000 : 1000
  if (status === 401 || status === 403) {
    return new HubError(
      'HUB_UPSTREAM_FAILED',
      `upstream of ${connector} refuses the hub (status ${status}); its operator checks headers in the manifest`,
      facts,
    )
  }
  if (status === 429) return new HubError('HUB_LIMITED', `upstream of ${connector} has too many calls; retry after the time given`, { ...facts, retryAfterMs })
  if (status === 502 || status === 503 || status === 504) return down(connector, `answered with status ${status}`, retryAfterMs, lost)
  return new HubError('HUB_UPSTREAM_FAILED', `upstream of ${connector} answered with status ${status}`, facts)
}

/** The JSON-RPC error in a body, if there is one. */
export const rpcErrorIn = (body: unknown): JsonObject | undefined => (isObject(body) && isObject(body.error) ? body.error : undefined)

/** Why an upstream could not be started; reads on after "upstream of <connector>". */
export class Failure extends Error {}

/** What went wrong at a start, in words that hold nothing of the upstream's own; the HubError itself where there is one inside. */
export function startFailure(error: unknown): HubError | Failure {
  for (let inner: unknown = error, depth = 0; inner instanceof Error && depth < 6; inner = inner.cause, depth++) {
    if (inner instanceof HubError || inner instanceof Failure) return inner
    const { code, data } = inner as { readonly code?: unknown; readonly data?: { readonly status?: unknown } }
    const status = data?.status
    if (status === 401 || status === 403) return new Failure(`refuses the hub (status ${status}); check headers in its manifest`)
    if (typeof status === 'number') return new Failure(`answered with status ${status}`)
    if (code === 'REQUEST_TIMEOUT') return new Failure('did not answer in time')
    if (typeof code === 'string' && /^(E[A-Z]+|UND_ERR_\w+)$/.test(code)) return new Failure(`cannot be reached (${code})`)
  }
  return new Failure('could not be started')
}
