import type { JsonObject } from '../../contract/json.ts'
import type { Secret } from '../../contract/secret.ts'

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

/** A setting that may be a secret, in a schema. */
export const plainOrSecret: JsonObject = { type: ['string', 'number', 'boolean'], 'x-secret': true, 'x-secret-plain': true }
const secret = (description: string): JsonObject => ({ type: 'string', minLength: 1, 'x-secret': true, description })

/** An object with these properties and no others, in a schema. */
export const fields = (description: string, properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  ...(required.length > 0 && { required }),
  description,
  properties,
})

/** The schema of `auth:`. */
export const authSchema = fields('How the hub says who it is: one of header, query, basic, bearer and oauth2.', {
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
