import { HubError } from '../../contract/errors.ts'
import type { KindTools } from '../../contract/kind.ts'
import { isHeaderValue } from './header.ts'
import type { AuthConfig, OAuth2Config, TextOrSecret } from './auth.ts'
import type { HttpConfig } from './config.ts'
import type { Line } from './exchange.ts'
import { Tokens } from './tokens.ts'

/** What one request carries to say who the hub is. */
export interface Grant {
  /** Names and values in turn. */
  readonly headers: readonly string[]
  /** A pair of the query, as it is sent; empty: none. */
  readonly query: string
  /** Set where another grant can be had when this one is refused. */
  readonly token?: string
}

/** Who the hub says it is. */
export interface Credentials {
  current(): Grant | Promise<Grant>
  /** A service refused the grant. */
  drop(grant: Grant): void
}

/** The plain text of a setting; a secret's is protected from then on. */
export type RevealText = (value: TextOrSecret) => string

/** What carries nothing. */
export const nobody: Grant = { headers: [], query: '' }

/** Reads `auth:`; `openLine` opens one for what a token needs; without one, or without the optional secret it names, requests carry nothing. */
export async function credentialsOf(config: HttpConfig, lent: KindTools, reveal: RevealText, openLine: () => Line): Promise<Credentials> {
  const { auth } = config
  if (auth?.oauth2 !== undefined) return tokenCredentials(auth.oauth2, lent, reveal, openLine)
  const grant = auth === undefined ? nobody : staticGrant(auth, reveal)
  return { current: () => grant, drop: () => {} }
}

function staticGrant({ header, query, basic, bearer }: AuthConfig, reveal: RevealText): Grant {
  if (header?.value !== undefined) return inHeader(header.name.toLowerCase(), `${header.prefix ?? ''}${reveal(header.value)}`)
  if (query?.value !== undefined) return { headers: [], query: `${encodeURIComponent(query.name)}=${encodeURIComponent(reveal(query.value))}` }
  if (bearer !== undefined) return inHeader('authorization', `Bearer ${reveal(bearer)}`)
  if (basic?.user === undefined) return nobody
  const login = `${reveal(basic.user)}:${basic.password === undefined ? '' : reveal(basic.password)}`
  return inHeader('authorization', `Basic ${Buffer.from(login).toString('base64')}`)
}

function inHeader(name: string, value: string): Grant {
  if (isHeaderValue(value)) return { headers: [name, value], query: '' }
  throw new HubError('HUB_CONFIG_VALUE', `what auth puts into the header ${name} holds a character that no header can carry`)
}

async function tokenCredentials(oauth2: OAuth2Config, lent: KindTools, reveal: RevealText, openLine: () => Line): Promise<Credentials> {
  const { tokenUrl, clientId, clientSecret, scopes, audience, clientIn = 'header' } = oauth2
  if (clientId === undefined || clientSecret === undefined) return { current: () => nobody, drop: () => {} }
  const parameters = { ...(scopes && scopes.length > 0 && { scope: scopes.join(' ') }), ...(audience !== undefined && { audience }) }
  const client = { tokenUrl, id: reveal(clientId), secret: reveal(clientSecret), clientIn, parameters }
  const { tokenFetcher } = await import('./token-endpoint.ts')
  const tokens = new Tokens(tokenFetcher(client, openLine(), (text) => lent.secrets.scrub(text)))
  let grant: Grant = nobody

  function grantOf(value: string): Grant {
    if (grant.token === value) return grant
    lent.secrets.protect(value)
    grant = { ...inHeader('authorization', `Bearer ${value}`), token: value }
    return grant
  }

  return {
    current() {
      const token = tokens.current()
      return token instanceof Promise ? token.then(({ value }) => grantOf(value)) : grantOf(token.value)
    },
    drop: ({ token }) => (token === undefined ? undefined : tokens.drop(token)),
  }
}
