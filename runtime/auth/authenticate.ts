import type { IncomingHttpHeaders } from 'node:http'
import { HubError } from '../contract/errors.ts'
import type { JsonObject } from '../contract/json.ts'
import type { HubConfig, IssuerConfig } from '../contract/manifest.ts'
import type { Principal } from '../contract/principal.ts'
import type { ApiKeyStore } from '../contract/store.ts'
import type { Logger } from '../contract/telemetry.ts'
import { createKeyCheck, keyPrefix } from './keys.ts'
import { authenticateLocal } from './local.ts'
import { refusal } from './refusal.ts'
import { createTokenCheck } from './tokens.ts'

/** Who is calling, and what to tell one who may not. */
export interface Authenticator {
  /** The caller's principal; the same object while its credential is cached. `connection` is whatever stands for the caller's connection: the same credential over the same one is not checked anew for 2 s. Throws or rejects HUB_UNAUTHENTICATED, or a 503 when the credential could not be checked. */
  authenticate(headers: IncomingHttpHeaders, remoteAddress: string | undefined, connection?: object): Principal | Promise<Principal>
  /** The value of `WWW-Authenticate` for a refusal (RFC 6750 and 9728). It leads to the metadata of the hub, or of the path that was asked (`/mcp`): clients discard what speaks of another address. */
  challenge(error: HubError, path?: string): string
  /** Protected-resource metadata (RFC 9728) of the hub, or of one of its paths (`/mcp`). */
  metadata(path?: string): JsonObject
}

type Check = (credential: string) => Principal | Promise<Principal>

/** What a connection was let in with last. */
interface Admitted {
  readonly header: string
  readonly principal: Principal
  readonly until: number
}

/** With the time a key is trusted after it was looked up, no more than the 5 s in which a revocation takes effect. */
const admittedMs = 2_000

/** Makes the hub's authenticator. `fetch` should pass the egress guard. Throws HUB_CONFIG_VALUE when the mode lacks what it stands on. */
export function createAuthenticator(options: {
  readonly mode: HubConfig['auth']['mode']
  readonly issuers: readonly IssuerConfig[]
  readonly publicUrl: string
  readonly keys?: ApiKeyStore
  readonly fetch?: typeof fetch
  readonly now?: () => number
  readonly onFailure?: (reason: string) => void
  /** Where an issuer that does not answer is told of, and why it does not. */
  readonly log?: Logger
}): Authenticator {
  const { mode, issuers, log } = options
  const now = options.now ?? Date.now
  const publicUrl = options.publicUrl.replace(/\/$/, '')
  const withTokens = mode === 'oauth' || mode === 'keys+oauth'
  const check = mode === 'local' ? undefined : checkOf()

  function checkOf(): Check {
    if (withTokens && issuers.length === 0) throw new HubError('HUB_CONFIG_VALUE', `auth.mode ${mode} needs at least one issuer under auth.issuers`)
    const tokens = withTokens ? createTokenCheck({ issuers, publicUrl, fetch: options.fetch ?? fetch, now, log }) : undefined
    if (mode === 'oauth' && tokens !== undefined) return tokens
    if (options.keys === undefined) throw new HubError('HUB_CONFIG_VALUE', `auth.mode ${mode} needs the hub’s PostgreSQL, where keys are kept`)
    const keys = createKeyCheck(options.keys, now)
    return tokens === undefined ? keys : (credential) => (credential.startsWith(keyPrefix) ? keys(credential) : tokens(credential))
  }

  const counted = (error: unknown): never => {
    if (error instanceof HubError) options.onFailure?.(String(error.details.reason))
    throw error
  }

  // Compares a credential with one the same connection was let in with before, so that the time it takes tells nobody anything.
  const admitted = new WeakMap<object, Admitted>()
  const admit = (connection: object | undefined, headers: IncomingHttpHeaders, principal: Principal): Principal => {
    const header = headerIn(headers)
    const until = Math.min(now() + admittedMs, principal.expiresAt ?? Infinity)
    if (connection !== undefined && header !== undefined) admitted.set(connection, { header, principal, until })
    return principal
  }
  const admittedBefore = (connection: object | undefined, headers: IncomingHttpHeaders): Principal | undefined => {
    const before = connection && admitted.get(connection)
    return before !== undefined && before.header === headerIn(headers) && before.until > now() ? before.principal : undefined
  }

  return {
    authenticate(headers, remoteAddress, connection) {
      try {
        if (check === undefined) return authenticateLocal(headers, remoteAddress)
        const before = admittedBefore(connection, headers)
        if (before !== undefined) return before
        const principal = check(credentialIn(headers))
        if (!(principal instanceof Promise)) return admit(connection, headers, principal)
        return principal.then((known) => admit(connection, headers, known), counted)
      } catch (error) {
        return counted(error)
      }
    },

    challenge(error, path = '') {
      const parts: string[] = []
      if (error.code === 'HUB_SCOPE_INSUFFICIENT') parts.push('error="insufficient_scope"')
      // RFC 6750: one who brought no credential is told where to get one, not that theirs is bad.
      else if (error.details.reason !== 'missing') parts.push('error="invalid_token"')
      if (parts.length > 0) parts.push(`error_description="${quotable(error.message)}"`)
      const scopes = error.details.scopes
      if (Array.isArray(scopes) && scopes.length > 0) parts.push(`scope="${quotable(scopes.join(' '))}"`)
      if (withTokens) parts.push(`resource_metadata="${wellKnown(publicUrl + path)}"`)
      return `Bearer ${parts.length > 0 ? parts.join(', ') : 'realm="hub"'}`
    },

    metadata: (path = '') => ({
      resource: publicUrl + path.replace(/\/$/, ''),
      resource_name: 'MCP integration hub',
      ...(withTokens && { authorization_servers: [...new Set(issuers.map((issuer) => issuer.url))] }),
      bearer_methods_supported: ['header'],
    }),
  }
}

/** The address of a resource's metadata: the well-known path goes between host and path (RFC 9728, 3.1). */
function wellKnown(resource: string): string {
  const { origin, pathname } = new URL(resource)
  return `${origin}/.well-known/oauth-protected-resource${pathname.replace(/\/$/, '')}`
}

/** The header a credential is in, as it came. */
function headerIn(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['x-api-key']
  return headers.authorization ?? (typeof key === 'string' ? key : undefined)
}

function credentialIn(headers: IncomingHttpHeaders): string {
  const written = headers.authorization
  if (written !== undefined) {
    const [, credential] = /^bearer +(\S+) *$/i.exec(written) ?? []
    if (credential === undefined) throw refusal('malformed', 'the Authorization header does not read Bearer <credential>')
    return credential
  }
  const key = headers['x-api-key']
  if (typeof key === 'string' && key !== '') return key
  throw refusal('missing', 'this hub asks for a credential: Authorization: Bearer <credential>')
}

/** Text that may stand between quotes in a header. */
const quotable = (text: string): string =>
  text
    .replaceAll('’', "'")
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/["\\]/g, "'")
