import type { JsonObject } from '../../contract/json.ts'
import type { Secret } from '../../contract/secret.ts'
import { durationMs, durationPattern, timerMs } from '../../contract/duration.ts'

/** What an exchange knows an account by, under the names ccxt gives it. */
export const credentialNames = ['apiKey', 'secret', 'password', 'uid', 'login', 'walletAddress', 'privateKey', 'token', 'twofa', 'accountId'] as const
/** One of them. */
export type CredentialName = (typeof credentialNames)[number]

/** Credentials of one exchange. What stands for an optional secret without a value is absent. */
export type CredentialConfig = { readonly [name in CredentialName]?: Secret | string | null }

/** How one exchange is spoken to. */
export interface VenueConfig {
  readonly options?: JsonObject
  readonly sandbox?: boolean
  readonly urls?: string | JsonObject
  readonly timeout?: string
  readonly rateLimit?: string
}

/** `config:` of a connector of this kind, as the compiler hands it over. */
export interface CcxtConfig {
  readonly exchanges: readonly string[]
  readonly credentials?: Readonly<Record<string, CredentialConfig>>
  readonly venues?: Readonly<Record<string, VenueConfig>>
  readonly account?: boolean
  readonly timeout?: string
  readonly markets?: string
  readonly queue?: number
}

/** Config as it is used. */
export interface Settings {
  readonly exchanges: readonly string[]
  readonly marketsMs: number
  readonly queue: number
  timeoutMsOf(exchange: string): number
  /** How long one request of weight 1 counts; undefined: as ccxt says. */
  rateLimitMsOf(exchange: string): number | undefined
}

const defaults = { timeout: '10s', markets: '1h', queue: 200 }

const duration = (description: string, value?: string): JsonObject => ({
  type: 'string',
  pattern: durationPattern,
  title: 'duration such as 10s',
  description,
  ...(value === undefined ? {} : { default: value, examples: [value] }),
})

const secret = (description: string): JsonObject => ({ type: 'string', minLength: 1, 'x-secret': true, description })

const credentialSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  description: 'What this exchange knows the account by. Best a key that may only read.',
  properties: {
    apiKey: secret('The API key.'),
    secret: secret('The secret that goes with it.'),
    password: secret('The passphrase of the key, where the exchange has one.'),
    uid: secret('The user id, where the exchange asks for it.'),
    login: secret('The login, where the exchange asks for it.'),
    walletAddress: secret('The wallet, on exchanges without accounts.'),
    privateKey: secret('The key of that wallet.'),
    token: secret('A token, where the exchange takes one.'),
    twofa: secret('The seed of one-time passwords, where the exchange asks for them.'),
    accountId: secret('The account, where one login has several.'),
  },
}

const venueSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  description: 'How this exchange is spoken to.',
  properties: {
    options: { type: 'object', description: 'Options of ccxt for this exchange, as its manual names them.', examples: [{ defaultType: 'swap' }] },
    sandbox: { type: 'boolean', default: false, description: 'Speak to the exchange’s test system.' },
    urls: {
      type: ['string', 'object'],
      description:
        'Where it is instead of at its own addresses: the origin of a proxy, asked for ORIGIN/api.kraken.com/0/public/Ticker (REST and WebSocket alike), or a map laid over ccxt’s `urls`. Empty: at its own.',
      examples: ['https://proxy.example.com', { api: { public: 'https://proxy.example.com' } }],
    },
    timeout: duration('How long one request to it may take.'),
    rateLimit: duration('How long one request of weight 1 counts, where an account may do more or less than ccxt says. 0ms: no limit.'),
  },
}

/** The schema of `config:`. */
export const configSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['exchanges'],
  properties: {
    exchanges: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      uniqueItems: true,
      items: { type: 'string', minLength: 1 },
      description: 'Ids of the exchanges, as ccxt names them. The first is asked where a call names none.',
      examples: [['binance', 'coinbase', 'kraken']],
    },
    credentials: {
      type: 'object',
      additionalProperties: credentialSchema,
      description: 'By exchange. Only what reads an account needs them; public data does not.',
    },
    venues: { type: 'object', additionalProperties: venueSchema, description: 'Settings of single exchanges.' },
    account: {
      type: 'boolean',
      default: false,
      description: 'Offer the standard tools that read an account: balances, positions, open_orders, my_trades. Nothing trades.',
    },
    timeout: duration('How long one request to an exchange may take.', defaults.timeout),
    markets: duration('How long the list of an exchange’s markets is good for; an older one is renewed while it is used.', defaults.markets),
    queue: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: defaults.queue,
      description: 'Requests that may wait for one exchange’s rate limit; further ones are refused with a time to retry.',
    },
  },
}

/** Config with its defaults, in milliseconds. */
export function settingsOf(config: CcxtConfig): Settings {
  const general = config.timeout ?? defaults.timeout
  return {
    exchanges: config.exchanges,
    marketsMs: durationMs(config.markets ?? defaults.markets),
    queue: config.queue ?? defaults.queue,
    timeoutMsOf: (exchange) => timerMs(durationMs(config.venues?.[exchange]?.timeout ?? general)),
    rateLimitMsOf: (exchange) => {
      const written = config.venues?.[exchange]?.rateLimit
      return written === undefined ? undefined : durationMs(written)
    },
  }
}
