import {
  allowInsecureRequests,
  clientCredentialsGrantRequest,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  processClientCredentialsResponse,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi'
import { HubError } from '../../contract/errors.ts'
import { isRedirect } from '../../guards/redirects.ts'
import { Loss, TooLong, type Line } from './exchange.ts'
import type { FetchToken } from './tokens.ts'

/** What a token is asked for with. */
export interface Client {
  readonly tokenUrl: string
  readonly id: string
  readonly secret: string
  readonly clientIn: 'header' | 'body'
  readonly parameters: Readonly<Record<string, string>>
}

const timeoutMs = 10_000
const marginMs = 30_000
const unstatedMs = 300_000
const refusedRetryMs = 30_000
const silentRetryMs = 1_000

/** Fetches tokens by client credentials (RFC 6749, section 4.4). Rejects HUB_CONNECTOR_DOWN in words that hold nothing of id, secret or address. */
export function tokenFetcher(client: Client, line: Line, scrub: (text: string) => string): FetchToken {
  const server = { issuer: new URL(client.tokenUrl).origin, token_endpoint: client.tokenUrl }
  const authentication = client.clientIn === 'body' ? ClientSecretPost(client.secret) : ClientSecretBasic(client.secret)
  return async () => {
    const startedAt = performance.now()
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const options = {
        [customFetch]: (url: string, init: RequestInit) => exchange(line, url, init, signal),
        [allowInsecureRequests]: client.tokenUrl.startsWith('http:'),
      }
      const response = await clientCredentialsGrantRequest(server, { client_id: client.id }, authentication, { ...client.parameters }, options)
      const answer = await processClientCredentialsResponse(server, { client_id: client.id }, response)
      if (answer.token_type !== 'bearer') throw new TokenFailure('gave a token that is not of type Bearer')
      const lifeMs = answer.expires_in === undefined ? unstatedMs : answer.expires_in * 1_000
      return { value: answer.access_token, renewAt: startedAt + lifeMs - Math.min(marginMs, lifeMs / 10) }
    } catch (error) {
      throw failureOf(error, scrub)
    }
  }
}

class TokenFailure extends Error {}

/** The library takes nothing but the platform's own Response. */
async function exchange(line: Line, address: string, { method = 'POST', headers, body }: RequestInit, signal: AbortSignal): Promise<Response> {
  const outgoing = { method, url: new URL(address), headers: [...new Headers(headers)].flat(), body: String(body) }
  const incoming = await line.exchange(outgoing, signal).catch((error: unknown) => {
    // A kept-alive socket that the other side closes just then; a token more does no harm.
    if (error instanceof Loss && error.isEarly) return line.exchange(outgoing, signal)
    throw error
  })
  if (isRedirect(incoming.status)) throw new TokenFailure('redirects, which is not followed')
  if (incoming.status >= 500) throw new TokenFailure(`answered with status ${incoming.status}`)
  const kept = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as [string, string])
  return new Response(incoming.status === 204 ? null : incoming.body, { status: incoming.status, headers: kept })
}

function failureOf(error: unknown, scrub: (text: string) => string): HubError {
  if (error instanceof HubError) return error
  if (error instanceof ResponseBodyError) {
    const description = error.error_description === undefined ? '' : `: ${scrub(error.error_description).slice(0, 300)}`
    return refused(`${scrub(error.error).slice(0, 60)}${description}`)
  }
  if (error instanceof WWWAuthenticateChallengeError) return refused(`status ${error.status}`)
  if (error instanceof TokenFailure) return silent(error.message)
  if (error instanceof TooLong) return silent('answered with far more than a token')
  if (error instanceof Loss) return silent(`does not answer (${error.reason})`)
  return silent((error as Error).name === 'TimeoutError' ? `does not answer within ${timeoutMs / 1_000} s` : 'answered with something that is no token')
}

const refused = (reason: string): HubError =>
  new HubError('HUB_CONNECTOR_DOWN', `the token endpoint refuses the hub (${reason}); its operator checks auth in the manifest`, {
    retryAfterMs: refusedRetryMs,
  })

const silent = (what: string): HubError => new HubError('HUB_CONNECTOR_DOWN', `the token endpoint ${what}`, { retryAfterMs: silentRetryMs })
