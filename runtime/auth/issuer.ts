import type { FlattenedJWSInput, CryptoKey, JWSHeaderParameters } from 'jose'
import { isObject } from '../contract/json.ts'

/** Finds the key a token of one issuer is signed with. */
export type FindKey = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>

/** The issuer could not be asked: says nothing of the token. */
export class IssuerSilent extends Error {}

const timeoutMs = 5_000
/** After a failure the issuer is left alone for so long. */
const restMs = 5_000

/** The keys of one issuer, fetched when first needed, kept 10 minutes, fetched again when a token names an unknown one (at most every 30 s). Rejects IssuerSilent when the issuer does not answer. */
export function issuerKeys(options: {
  readonly issuer: string
  readonly jwks: string | undefined
  readonly fetch: typeof fetch
  readonly now: () => number
}): FindKey {
  let keys: Promise<FindKey> | undefined
  let failedAt = -Infinity

  // Keys already here go on serving while the issuer rests.
  const unlessResting = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (options.now() - failedAt < restMs) throw new IssuerSilent('the issuer did not answer a moment ago')
    try {
      return await work()
    } catch (error) {
      failedAt = options.now()
      throw new IssuerSilent('the issuer does not answer', { cause: error })
    }
  }

  const open = async (): Promise<FindKey> => {
    const address = options.jwks ?? (await unlessResting(() => discover(options.issuer, options.fetch)))
    const { createRemoteJWKSet, customFetch } = await import('jose')
    return createRemoteJWKSet(secureUrl(address), {
      [customFetch]: (url: string, init: RequestInit) => unlessResting(() => fetchGood(options.fetch, url, init)),
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

async function fetchGood(get: typeof fetch, address: string, init: RequestInit): Promise<Response> {
  const response = await get(address, init)
  if (response.status !== 200) throw new Error(`${address} answers HTTP ${response.status}`)
  return response
}

/** The JWKS address from the issuer's metadata: RFC 8414 first, then OpenID Connect Discovery. */
async function discover(issuer: string, get: typeof fetch): Promise<string> {
  let last: unknown
  for (const address of metadataAddresses(issuer)) {
    try {
      const response = await fetchGood(get, address, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs), headers: { accept: 'application/json' } })
      const metadata: unknown = await response.json()
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
