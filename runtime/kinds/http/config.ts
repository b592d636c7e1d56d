import type { JsonObject } from '../../contract/json.ts'
import type { Secret } from '../../contract/secret.ts'
import { failureSchema, pointer, type Failure } from './operation.ts'

/** A setting that may be a secret. */
export type TextOrSecret = string | number | boolean | Secret

/** How the hub says who it is; exactly one. What stands for an optional secret without a value is absent. */
export interface AuthConfig {
  readonly header?: { readonly name: string; readonly prefix?: string; readonly value?: Secret }
  readonly query?: { readonly name: string; readonly value?: Secret }
  readonly basic?: { readonly user?: TextOrSecret; readonly password?: Secret }
  readonly bearer?: Secret
  readonly oauth2?: OAuth2Config
}

/** The client credentials grant of RFC 6749, section 4.4. */
export interface OAuth2Config {
  readonly tokenUrl: string
  readonly clientId?: TextOrSecret
  readonly clientSecret?: Secret
  readonly scopes?: readonly string[]
  readonly audience?: string
  readonly clientIn?: 'header' | 'body'
}

/** `config:` of a connector of this kind, as the compiler hands it over. */
export interface HttpConfig {
  readonly base: string
  readonly headers?: Readonly<Record<string, TextOrSecret | null>>
  readonly auth?: AuthConfig
  readonly errors?: { readonly pointer: string }
  readonly failure?: Failure
  readonly health?: string
  readonly pool?: number
  readonly retries?: number
  readonly maxBody?: string
  readonly adHoc?: boolean
}

/** What of the config decides how requests are sent. */
export interface Settings {
  readonly origin: string
  /** Of base; without a slash at its end. */
  readonly basePath: string
  readonly pool: number
  readonly retries: number
  readonly maxBodyBytes: number
}

const defaults = { pool: 32, retries: 2, maxBody: '4mb' }
const plainOrSecret = { type: ['string', 'number', 'boolean'], 'x-secret': true, 'x-secret-plain': true }
const secret = (description: string): JsonObject => ({ type: 'string', minLength: 1, 'x-secret': true, description })

const fields = (description: string, properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  ...(required.length > 0 && { required }),
  description,
  properties,
})

const authSchema = fields('How the hub says who it is: one of header, query, basic, bearer and oauth2.', {
  header: fields(
    'A key in a header.',
    {
      name: { type: 'string', minLength: 1, description: 'The header that carries it.', examples: ['X-Api-Key'] },
      prefix: { type: 'string', description: 'What stands before the key, a space included.', examples: ['Apikey '] },
      value: secret('The key.'),
    },
    ['name'],
  ),
  query: fields(
    'A key in the query, where a service takes it nowhere else: addresses end up in logs.',
    { name: { type: 'string', minLength: 1, description: 'The query parameter that carries it.' }, value: secret('The key.') },
    ['name'],
  ),
  basic: fields('RFC 7617.', { user: { ...plainOrSecret, description: 'The user.' }, password: secret('The password.') }),
  bearer: secret('A token that does not change.'),
  oauth2: fields(
    'Client credentials (RFC 6749, section 4.4); the token is kept and fetched anew before it expires.',
    {
      tokenUrl: { type: 'string', minLength: 1, description: 'The token endpoint.', examples: ['https://id.example.com/oauth2/token'] },
      clientId: { ...plainOrSecret, description: 'The client’s id.' },
      clientSecret: secret('The client’s secret.'),
      scopes: { type: 'array', items: { type: 'string', minLength: 1 }, description: 'What to ask for.' },
      audience: { type: 'string', minLength: 1, description: 'Which service the token is for, where the token endpoint asks for it.' },
      clientIn: { enum: ['header', 'body'], default: 'header', description: 'Where id and secret are sent.' },
    },
    ['tokenUrl'],
  ),
})

/** The schema of `config:`. */
export const configSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['base'],
  properties: {
    base: { type: 'string', minLength: 1, description: 'What every request begins with.', examples: ['https://api.example.com/v1'] },
    headers: { type: 'object', additionalProperties: plainOrSecret, description: 'Headers of every request.', examples: [{ Accept: 'application/json' }] },
    auth: authSchema,
    errors: fields(
      'Where an answer of status 400 and up says what is wrong; the usual places are looked into anyway.',
      { pointer: pointer('The words.', '/message') },
      ['pointer'],
    ),
    failure: failureSchema,
    health: {
      type: 'string',
      minLength: 1,
      description: 'A path that is asked with GET to see whether the service is up; without it HEAD of base. calls: nothing is asked, the last call tells.',
      examples: ['/ping', 'calls'],
    },
    pool: { type: 'integer', minimum: 1, maximum: 64, default: defaults.pool, description: 'Requests at one time at most; further ones wait.' },
    retries: {
      type: 'integer',
      minimum: 0,
      maximum: 5,
      default: defaults.retries,
      description: 'Further attempts of what may be repeated, when the service answers 429, 500, 502, 503 or 504.',
    },
    maxBody: {
      type: 'string',
      pattern: '^\\d+(\\.\\d+)?(b|kb|mb)$',
      title: 'size such as 4mb',
      default: defaults.maxBody,
      description: 'The largest body taken, unpacked.',
    },
    adHoc: { type: 'boolean', default: false, description: 'Offer the standard tool request: any GET below base, capped.' },
  },
}

const units: Readonly<Record<string, number>> = { b: 1, kb: 1_024, mb: 1_048_576 }

/** Config as it is used. `base` was checked by `lintConfig`. */
export function settingsOf(config: HttpConfig): Settings {
  const { origin, pathname } = new URL(config.base)
  const [, amount, unit = 'b'] = /^(\d+(?:\.\d+)?)(b|kb|mb)$/.exec(config.maxBody ?? defaults.maxBody) ?? []
  return {
    origin,
    basePath: pathname.replace(/\/+$/, ''),
    pool: config.pool ?? defaults.pool,
    retries: config.retries ?? defaults.retries,
    maxBodyBytes: Math.round(Number(amount) * (units[unit] ?? 1)),
  }
}
