import type { FlattenedJWSInput, CryptoKey, JWSHeaderParameters } from 'jose'
import { isObject } from '../contract/json.ts'
import type { Logger } from '../contract/telemetry.ts'

/** Finds the key a token of one issuer is signed with. */
export type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>

/** The issuer could not be asked: says nothing of the token. */
export class IssuerSilent extends Error {}

const timeoutMs = 5_000
/** After a failure the issuer is left alone for so long. */
const restMs = 5_000
/** Of metadata or keys: both are a few kilobytes. */
const maxBytes = 1024 * 1024

/** The keys of one issuer, fetched when first needed, kept 10 minutes, fetched again when a token names an unknown one (at most every 30 s). Rejects IssuerSilent when the issuer does not answer; `log` is told why, callers are not. */
export function issuerKeys(options: {
  readonly issuer: string
  readonly jwks: string | undefined
  readonly fetch: typeof fetch
  readonly now: () => number
  readonly log?: Logger
}): FindKey {
  const { issuer, fetch: get, now, log } = options
  let keys: Promise<FindKey> | undefined
  let failedAt = -Infinity

  // Keys already here go on serving while the issuer rests.
  const unlessResting = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (now() - failedAt < restMs) throw new IssuerSilent('the issuer did not answer a moment ago')
    try {
      return await work()
    } catch (error) {
      failedAt = now()
      log?.warn('an issuer’s keys cannot be fetched', { issuer, error })
      throw new IssuerSilent('the issuer does not answer', { cause: error })
    }
  }

  const open = async (): Promise<FindKey> => {
    const address = await unlessResting(async () => secureUrl(options.jwks ?? (await discover(issuer, get))))
    const { createRemoteJWKSet, customFetch } = await import('jose')
    return createRemoteJWKSet(address, {
      [customFetch]: (url: string, init: RequestInit) => unlessResting(() => fetchKeys(get, url, init)),
      timeoutDuration: timeoutMs,
    })
  }

  return async (header, token) => {
    keys ??= open().catch((error: unknown) => {
      keys = undefined
      throw error
    })
    const find = await keys
    return find(header, token)
  }
}

async function fetchJson(get: typeof fetch, address: string, init: RequestInit): Promise<unknown> {
  const response = await get(address, init)
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${address} answers HTTP ${response.status}`)
  }
  const text = await boundedText(response, address)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${address} does not answer JSON`, { cause: error })
  }
}

/** A key set, as jose asks for it. */
async function fetchKeys(get: typeof fetch, address: string, init: RequestInit): Promise<Response> {
  const keys = await fetchJson(get, address, init)
  if (!isObject(keys) || !Array.isArray(keys.keys)) throw new Error(`${address} is not a key set`)
  return Response.json(keys)
}

async function boundedText({ body }: Response, address: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // Leaving the loop cancels what still comes.
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw new Error(`${address} answers more than 1 MB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** The JWKS address from the issuer's metadata: RFC 8414 first, then OpenID Connect Discovery. */
async function discover(issuer: string, get: typeof fetch): Promise<string> {
  let last: unknown
  for (const address of metadataAddresses(issuer)) {
    try {
      const metadata = await fetchJson(get, address, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs), headers: { accept: 'application/json' } })
      if (!isObject(metadata) || metadata.issuer !== issuer) throw new Error(`${address} is not the metadata of ${issuer}`)
      if (typeof metadata.jwks_uri !== 'string') throw new Error(`${address} names no jwks_uri`)
      return metadata.jwks_uri
    } catch (error) {
      last = error
    }
  }
  throw last
}

function metadataAddresses(issuer: string): readonly string[] {
  const { origin, pathname } = secureUrl(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ]
}

/** Keys that come over plain HTTP are anybody's, except on this machine. */
function secureUrl(address: string): URL {
  const url = new URL(address)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname))) return url
  throw new IssuerSilent(`${url.origin} is neither https nor on this machine`)
}
