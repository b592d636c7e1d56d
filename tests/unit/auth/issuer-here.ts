import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose'
import type { IssuerConfig } from '../../../runtime/contract/manifest.ts'

/** A real issuer on loopback: metadata, keys, and tokens. */
export interface Issuer {
  readonly url: string
  /** Every path asked for, in order. */
  readonly asked: readonly string[]
  /** Answers instead of the issuer while set. */
  broken: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  /** A token as this issuer would give it now; `claims` and `header` replace what they name, undefined removes. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
  /** From now on signs with a new key; the old one is no longer published. */
  rotate(): Promise<void>
  publicKey(): CryptoKey
  jwk(): JWK
  config(more?: Partial<IssuerConfig>): IssuerConfig
  close(): Promise<void>
}

export async function startIssuer(
  options: { readonly path?: string; readonly metadataAt?: string; readonly algorithm?: string; readonly metadata?: (issuer: string) => unknown } = {},
): Promise<Issuer> {
  const { path = '', algorithm = 'ES256' } = options
  const asked: string[] = []
  let serial = 0
  let current = await newKey()

  async function newKey() {
    const pair = await generateKeyPair(algorithm, { extractable: true })
    const kid = `key-${++serial}`
    return { ...pair, kid, jwk: { ...(await exportJWK(pair.publicKey)), kid, use: 'sig' } }
  }

  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (issuer.broken) return issuer.broken(request, response)
    const answer = (value: unknown): void => void response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
    if (request.url === '/keys') return answer({ keys: [current.jwk] })
    if (request.url === (options.metadataAt ?? `/.well-known/oauth-authorization-server${path}`))
      return answer(options.metadata?.(url) ?? { issuer: url, jwks_uri: `http://127.0.0.1:${port}/keys` })
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}${path}`

  const issuer: Issuer = {
    url,
    asked,
    broken: undefined,
    async token(claims = {}, header = {}) {
      const now = Math.floor(Date.now() / 1_000)
      const payload: JWTPayload = { iss: url, aud: 'https://hub.example.com', sub: 'alice', iat: now, exp: now + 300, ...claims }
      return new SignJWT(payload).setProtectedHeader({ alg: algorithm, kid: current.kid, typ: 'at+jwt', ...header }).sign(current.privateKey)
    },
    async rotate() {
      current = await newKey()
    },
    publicKey: () => current.publicKey,
    jwk: () => current.jwk,
    config: (more) => ({ url, audience: 'https://hub.example.com', algorithms: [], roleMap: {}, defaultRole: 'reader', ...more }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return issuer
}
