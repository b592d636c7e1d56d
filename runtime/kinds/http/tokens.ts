/** An access token, and when to fetch the next one (`performance.now()`): by the hub's own steady clock, whatever the time of day is on either side. */
export interface Token {
  readonly value: string
  readonly renewAt: number
}

/** Where tokens come from. */
export type FetchToken = () => Promise<Token>

/** One token for all calls: fetched once at a time, kept until shortly before it expires or was refused. */
export class Tokens {
  readonly #fetch: FetchToken
  #token: Token | undefined
  #flight: Promise<Token> | undefined

  constructor(fetch: FetchToken) {
    this.#fetch = fetch
  }

  /** The token in use, or the one being fetched. */
  current(): Token | Promise<Token> {
    if (this.#token !== undefined && performance.now() < this.#token.renewAt) return this.#token
    this.#flight ??= this.#renew()
    return this.#flight
  }

  /** A service refused this token: the next call fetches another, unless that was done meanwhile. */
  drop(value: string): void {
    if (this.#token?.value === value) this.#token = undefined
  }

  async #renew(): Promise<Token> {
    try {
      this.#token = await this.#fetch()
      return this.#token
    } finally {
      this.#flight = undefined
    }
  }
}
