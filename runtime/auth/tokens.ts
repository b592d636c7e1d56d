import { hash } from 'node:crypto'
import type * as Jose from 'jose'
import { LRUCache } from 'lru-cache'
import { HubError } from '../contract/errors.ts'
import type { IssuerConfig } from '../contract/manifest.ts'
import type { Principal } from '../contract/principal.ts'
import type { Logger } from '../contract/telemetry.ts'
import { principalOf } from './claims.ts'
import { IssuerSilent, issuerKeys, type FindKey } from './issuer.ts'
import { refusal, unavailable } from './refusal.ts'

/** Signatures only the issuer can make. HS* would make the public key a password anyone has; `none` is none. */
const asymmetric: readonly string[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
/** The types of token meant for APIs; RFC 9068 and what came before. Absent is tolerated. */
const types: readonly string[] = ['jwt', 'at+jwt', 'application/at+jwt']

const skewSeconds = 10
const trustMs = 60_000
const maxKnown = 10_000
const maxTokenLength = 16_384

interface Issuer {
  readonly configs: readonly IssuerConfig[]
  readonly algorithms: readonly string[]
  readonly findKey: FindKey
}

interface Known {
  readonly principal: Principal
  readonly until: number
}

/** Checks OAuth access tokens (JWT): at once when the token was verified in the last minute, by its issuer's keys otherwise. Throws HUB_CONFIG_VALUE for an algorithm that is not asymmetric. */
export function createTokenCheck(options: {
  readonly issuers: readonly IssuerConfig[]
  readonly publicUrl: string
  readonly fetch: typeof fetch
  readonly now: () => number
  readonly log?: Logger
}): (token: string) => Principal | Promise<Principal> {
  const { now } = options
  const issuers = groupIssuers(options)
  const known = new LRUCache<string, Known>({ max: maxKnown })

  const verify = async (token: string, digest: string): Promise<Principal> => {
    // Loaded by the first token: a hub that takes keys only never needs it.
    const jose = await import('jose')
    const issuer = issuers.get(issuerOf(jose, token))
    if (issuer === undefined) throw refusal('issuer', 'the token comes from an issuer this hub does not trust')
    const { payload, protectedHeader } = await jose
      .jwtVerify(token, issuer.findKey, {
        algorithms: [...issuer.algorithms],
        clockTolerance: skewSeconds,
        currentDate: new Date(now()),
        requiredClaims: ['exp', 'iss', 'sub', 'aud'],
      })
      .catch((error: unknown) => {
        throw explain(jose, error)
      })
    if (protectedHeader.typ !== undefined && !isAccess(protectedHeader.typ)) throw refusal('claims', 'this token is not an access token')
    // Such a token proves nothing in the hands of one who cannot show the key it names (RFC 7800), and the hub cannot ask for that.
    if (payload.cnf !== undefined) throw refusal('claims', 'this token is bound to a key of its holder, which this hub cannot check; use a bearer token')
    const audiences = [payload.aud].flat().filter(isText)
    const config = issuer.configs.find(({ audience }) => isMeantFor(audiences, audience, options.publicUrl))
    if (config === undefined) throw refusal('audience', 'the token is meant for another audience than this hub')
    const principal = principalOf(payload, config)
    known.set(digest, { principal, until: Math.min(now() + trustMs, (payload.exp ?? 0) * 1_000) })
    return principal
  }

  return (token) => {
    if (token.length > maxTokenLength) throw refusal('malformed', `the token is longer than ${maxTokenLength} characters`)
    const digest = hash('sha256', token, 'base64url')
    const found = known.get(digest)
    return found !== undefined && found.until > now() ? found.principal : verify(token, digest)
  }
}

function groupIssuers(options: {
  readonly issuers: readonly IssuerConfig[]
  readonly fetch: typeof fetch
  readonly now: () => number
  readonly log?: Logger
}): ReadonlyMap<string, Issuer> {
  const { fetch, now, log } = options
  const byUrl = Map.groupBy(options.issuers, (issuer) => issuer.url)
  return new Map(
    [...byUrl].map(([issuer, configs]) => {
      const algorithms = [...new Set(configs.flatMap((config) => config.algorithms))]
      const weak = algorithms.find((algorithm) => !asymmetric.includes(algorithm))
      if (weak !== undefined) throw new HubError('HUB_CONFIG_VALUE', `the issuer ${issuer} may not use ${weak}: only ${asymmetric.join(', ')} prove who signed`)
      const jwks = configs.find((config) => config.jwks !== undefined)?.jwks
      return [issuer, { configs, algorithms: algorithms.length > 0 ? algorithms : asymmetric, findKey: issuerKeys({ issuer, jwks, fetch, now, log }) }]
    }),
  )
}

/** What the token itself says; only to choose whose keys to check it with. */
function issuerOf({ decodeJwt, decodeProtectedHeader }: typeof Jose, token: string): string {
  try {
    decodeProtectedHeader(token)
    return decodeJwt(token).iss ?? ''
  } catch {
    throw refusal('malformed', 'this is not a token: the hub takes JSON Web Tokens and, where switched on, API keys')
  }
}

/**
 * The configured audience, with or without a slash at its end. Where that is the hub itself, tokens asked for one of its endpoints (RFC 8707: `<publicUrl>/mcp`, as its metadata names them) are meant for it too.
 */
function isMeantFor(audiences: readonly string[], audience: string, publicUrl: string): boolean {
  const wanted = withoutSlash(audience)
  const endpoints = wanted === withoutSlash(publicUrl) ? `${wanted}/mcp` : undefined
  return audiences.map(withoutSlash).some((one) => one === wanted || (endpoints !== undefined && (one === endpoints || one.startsWith(`${endpoints}/`))))
}

// A signed token says what its issuer put in, of whatever type.
const isText = (value: unknown): value is string => typeof value === 'string'
const isAccess = (type: unknown): boolean => isText(type) && types.includes(type.toLowerCase())

const withoutSlash = (url: string): string => url.replace(/\/$/, '')

function explain({ errors }: typeof Jose, error: unknown): HubError {
  if (error instanceof IssuerSilent || error instanceof errors.JWKSTimeout)
    return unavailable('HUB_CONNECTOR_DOWN', 'the token could not be checked because its issuer does not answer; try again shortly', error)
  if (error instanceof errors.JWTExpired) return refusal('expired', 'the token has expired; get a new one')
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === 'nbf'
      ? refusal('not_yet_valid', 'the token is not valid yet; check the clocks')
      : refusal('claims', `the token’s claim ${error.claim} is missing or not valid`)
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return refusal('algorithm', 'the token is signed in a way this hub does not take')
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return refusal('signature', 'the token is not signed with a key of its issuer')
  if (error instanceof errors.JWKSInvalid || (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC'))
    return unavailable('HUB_CONNECTOR_DOWN', 'the token could not be checked because its issuer’s keys cannot be read', error)
  return refusal('malformed', 'the token cannot be read')
}
