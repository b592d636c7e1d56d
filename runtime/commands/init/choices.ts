/** How callers of a new hub say who they are. */
export const authModes = ['local', 'keys', 'oauth'] as const
/** One of `authModes`. */
export type AuthMode = (typeof authModes)[number]

/** What a new hub is to be. */
export interface Choices {
  readonly name: string
  /** The example connector: candles of the S&P 500 in an embedded PostgreSQL. */
  readonly market: boolean
  /** Addresses of databases, or variables that hold them. */
  readonly postgres: readonly string[]
  /** Commands or addresses of MCP servers. */
  readonly mcp: readonly string[]
  /** OpenAPI documents: files or addresses. */
  readonly openapi: readonly string[]
  readonly auth: AuthMode
  /** For oauth: who issues tokens. */
  readonly issuer?: string
}

/** What is wrong with the name of a hub; undefined when it is good. */
export function hubNameFault(name: string): string | undefined {
  if (name.trim() === '') return 'a hub has a name: clients show it'
  return /^[\w .-]{1,60}$/u.test(name) ? undefined : 'at most 60 letters, digits, spaces, dots, _ and -'
}

/** A name for the hub from its folder. */
export function hubNameOf(folder: string): string {
  const cleaned = folder.replace(/[^\w.-]+/g, '-').replace(/^-+|-+$/g, '')
  return cleaned === '' ? 'my-hub' : cleaned.slice(0, 60)
}
