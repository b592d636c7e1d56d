import type { JsonObject } from '../../contract/json.ts'
import { withoutTrailing } from '../../contract/trailing.ts'
import { authSchema, fields, plainOrSecret, type AuthConfig, type TextOrSecret } from './auth.ts'
import { failureSchema, operationSchema, pointer, type Failure } from './operation.ts'
import type { StreamsConfig } from './streams/config.ts'
import { streamsSchema } from './streams/schema.ts'

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
  readonly streams?: StreamsConfig
  readonly streamLatest?: boolean
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
    streams: streamsSchema(authSchema, operationSchema['properties'] as { readonly [name: string]: JsonObject }),
    streamLatest: { type: 'boolean', default: false, description: 'Offer the standard tool stream_latest: the latest row of each wanted key of a stream.' },
  },
}

const units: Readonly<Record<string, number>> = { b: 1, kb: 1_024, mb: 1_048_576 }

/** A size in bytes; its text was checked by the schema. */
export function bytesOf(size: string): number {
  const [, amount, unit = 'b'] = /^(\d+(?:\.\d+)?)(b|kb|mb)$/.exec(size) ?? []
  return Math.round(Number(amount) * (units[unit] ?? 1))
}

/** Config as it is used. `base` was checked by `lintConfig`. */
export function settingsOf(config: HttpConfig): Settings {
  const { origin, pathname } = new URL(config.base)
  return {
    origin,
    basePath: withoutTrailing(pathname, '/'),
    pool: config.pool ?? defaults.pool,
    retries: config.retries ?? defaults.retries,
    maxBodyBytes: bytesOf(config.maxBody ?? defaults.maxBody),
  }
}
