import type { JsonObject } from '../contract/json.ts'
import { defaultPolicyFields, duration, fields, mapOf, rate, roleField, size, texts } from './policy-schema.ts'

const connect = { default: 'embedded', type: 'string', minLength: 1, 'x-secret': true, 'x-secret-plain': true }

/** The schema of hub.config.yaml. */
export const hubConfigSchema: JsonObject = fields(
  'hub.config.yaml',
  {
    hub: fields('hub', {
      name: { type: 'string', minLength: 1, maxLength: 60, default: 'integration-hub', description: 'How the hub calls itself to clients.' },
      listen: {
        type: ['string', 'integer'],
        default: '127.0.0.1:8080',
        description: 'Address and port it listens on.',
        examples: ['127.0.0.1:8080', '0.0.0.0:8080'],
      },
      publicUrl: { type: 'string', pattern: '^https?://[^\\s/]+', title: 'web address (http or https)', description: 'The address clients know it by.' },
    }),
    manifests: { ...texts('Files with connectors, as globs from this file’s folder.'), default: ['connectors/*.yaml'], examples: [['connectors/*.yaml']] },
    overlays: mapOf({ type: 'string', minLength: 1 }, 'Files that are laid over this one, each under the value of HUB_ENV that picks it.'),
    stores: fields('stores field', {
      postgres: { ...connect, description: 'Audit, keys, grants, usage: a postgres:// address, a secret that holds one, or embedded (under .hub/).' },
      redis: { ...connect, description: 'Cache, limits and sessions: embedded, which is this process’s memory, and nothing else.' },
    }),
    auth: fields('auth field', {
      mode: {
        enum: ['local', 'keys', 'oauth', 'keys+oauth'],
        default: 'local',
        description: 'local: loopback only, one local principal; keys: API keys; oauth: bearer tokens.',
      },
      issuers: { type: 'array', description: 'Whose bearer tokens are good here.', items: issuerField() },
      cors: texts('Origins of browsers that may call; never a wildcard.'),
      hosts: texts('Further Host names this hub answers to.'),
    }),
    limits: fields('limits field', {
      principal: { ...rate('Calls of one principal.'), default: '100/min' },
      organisation: { ...rate('Calls of one organisation.'), default: '1000/min' },
      body: { ...size('Largest request body.'), default: '1mb' },
      concurrency: { type: 'integer', minimum: 1, maximum: 100_000, default: 64, description: 'Calls at one time, over all callers.' },
    }),
    defaults: { ...fields('default policy', defaultPolicyFields), description: 'Laid under the policies of all tools.' },
    cache: mapOf(
      {
        anyOf: [
          { ...duration('How long an answer is fresh.') },
          fields('lifetime', { ttl: duration('How long an answer is fresh.'), stale: duration('How long after that it may still be given.') }, ['ttl']),
        ],
      },
      'Named lifetimes; a tool may say cache: schema.',
    ),
    tiers: mapOf(
      fields('tier', { start: { enum: ['eager', 'lazy'], description: 'When connectors of this tier are opened.' }, ...defaultPolicyFields }),
      'Defaults by trust; a connector names its tier.',
    ),
    toolsets: mapOf(
      fields('toolset', {
        tools: texts('Full names of tools; * stands for anything.'),
        prompts: texts('Full names of prompts; * stands for anything.'),
        resources: texts('Addresses of resources; * stands for anything.'),
      }),
      'Named selections, each served on /mcp/toolsets/<name>.',
    ),
    egress: fields('egress field', { allow: texts('Private hosts and CIDR ranges that may be reached all the same.') }),
  },
  [],
)

function issuerField(): JsonObject {
  return fields(
    'issuer',
    {
      url: { type: 'string', pattern: '^https?://\\S+$', title: 'web address (http or https)', description: 'The issuer, as tokens name it (iss).' },
      audience: { type: 'string', minLength: 1, description: 'What tokens for this hub have as audience (aud).' },
      jwks: {
        type: 'string',
        pattern: '^https?://\\S+$',
        title: 'web address (http or https)',
        description: 'Where its keys are; otherwise its metadata says so.',
      },
      algorithms: {
        type: 'array',
        minItems: 1,
        items: { enum: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] },
        default: ['RS256', 'ES256'],
        description: 'Signatures that are accepted.',
      },
      organisation: { type: 'string', minLength: 1, description: 'The claim that names the organisation, as claims.<name>.', examples: ['claims.org'] },
      roles: fields('roles field', {
        claim: { type: 'string', minLength: 1, description: 'The claim that holds the groups or roles.' },
        map: { type: 'object', description: 'Values of that claim, and the role each gives.', additionalProperties: roleField },
        default: { ...roleField, default: 'reader', description: 'The role of a token that the map does not name.' },
      }),
    },
    ['url', 'audience'],
  )
}
