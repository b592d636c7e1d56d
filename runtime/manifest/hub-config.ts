import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { HubConfig, IssuerConfig } from '../contract/manifest.ts'
import type { Role } from '../contract/principal.ts'
import { Secret } from '../contract/secret.ts'
import type { RatePolicy } from '../contract/tool.ts'
import { withoutTrailing } from '../contract/trailing.ts'
import { allowanceFault } from './allowance.ts'
import { isLoopback, listenUrl, parseListen, type Listen } from './listen.ts'
import type { Tell } from './problems.ts'
import { parseRate, parseSize, sizePattern } from './scalars.ts'

const map = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
const texts = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? (value as Json[]).map(String) : [])

/** The hub's own settings, from values that passed the schema of hub.config.yaml; rules between fields are told here. */
export function hubConfig(value: JsonObject, directory: string, version: string, tell: Tell): HubConfig {
  const [hub, stores, auth, limits] = [map(value['hub']), map(value['stores']), map(value['auth']), map(value['limits'])]
  const listen = listenOf(hub['listen'], tell)
  const mode = String(auth['mode']) as HubConfig['auth']['mode']
  tellAuth(auth, mode, listen, tell)
  return {
    name: String(hub['name']),
    version,
    listen,
    publicUrl: publicUrlOf(hub['publicUrl'], tell) ?? listenUrl(listen),
    directory,
    stores: {
      postgres: postgresOf(stores['postgres'], tell),
      redis: inProcess(stores['redis'], tell),
    },
    auth: {
      mode,
      issuers: Array.isArray(auth['issuers']) ? (auth['issuers'] as Json[]).map((issuer) => issuerOf(map(issuer))) : [],
      cors: texts(auth['cors']),
      hosts: texts(auth['hosts']),
    },
    limits: {
      principal: rateOf(limits['principal'], 'principal', tell),
      organisation: rateOf(limits['organisation'], 'organisation', tell),
      bodyBytes: bodyBytesOf(limits['body'], tell),
      concurrency: Number(limits['concurrency']),
    },
    egress: { allow: allowanceOf(map(value['egress'])['allow'], tell) },
  }
}

function listenOf(value: Json | undefined, tell: Tell): Listen {
  const listen = parseListen(String(value))
  if (listen) return listen
  tell({ code: 'HUB_CONFIG_VALUE', message: '"listen" is not an address and a port', hint: 'write it as 127.0.0.1:8080', path: ['hub', 'listen'] })
  return { host: '127.0.0.1', port: 8080 }
}

function tellAuth(auth: JsonObject, mode: string, listen: Listen, tell: Tell): void {
  if (mode === 'local' && !isLoopback(listen.host)) {
    const message = `auth.mode local serves this machine only, and the hub would listen on ${listen.host}`
    tell({ code: 'HUB_CONFIG_VALUE', message, hint: 'listen on 127.0.0.1, or set auth.mode to keys or oauth', path: ['hub', 'listen'] })
  }
  const issuers = Array.isArray(auth['issuers']) ? auth['issuers'] : []
  if (mode.includes('oauth') && issuers.length === 0) {
    tell({
      code: 'HUB_CONFIG_MISSING_FIELD',
      message: `auth.mode ${mode} needs at least one of "issuers"`,
      hint: 'add issuers: with the url and audience of each',
      path: ['auth', 'mode'],
    })
  }
  for (const [index, origin] of texts(auth['cors']).entries()) {
    if (isOrigin(origin)) continue
    const message = origin.includes('*') ? 'browsers of every origin may not call a hub' : `"${origin}" is not an origin`
    tell({ code: 'HUB_CONFIG_VALUE', message, hint: 'name each origin: https://console.example.com', path: ['auth', 'cors', index] })
  }
}

const isOrigin = (text: string): boolean => /^https?:\/\/[^\s/*]+$/.test(text) && URL.canParse(text)

/** What the schema's pattern lets pass and no address is. */
function publicUrlOf(value: Json | undefined, tell: Tell): string | undefined {
  if (typeof value !== 'string') return undefined
  if (/^https?:\/\//.test(value) && !URL.canParse(value)) {
    const hint = 'write it as https://hub.example.com, with a port where there is one'
    tell({ code: 'HUB_CONFIG_VALUE', message: '"publicUrl" is not a web address', hint, path: ['hub', 'publicUrl'] })
  }
  return withoutTrailing(value, '/')
}

function bodyBytesOf(value: Json | undefined, tell: Tell): number {
  const bytes = parseSize(String(value))
  if (!bytes && new RegExp(sizePattern).test(String(value)))
    tell({
      code: 'HUB_CONFIG_VALUE',
      message: `"body" cannot be ${String(value)}`,
      hint: 'give one above nothing, and not beyond counting',
      path: ['limits', 'body'],
    })
  return bytes ?? 0
}

/** 'embedded', or the address behind a Secret. Nothing of the address is told. */
function postgresOf(value: unknown, tell: Tell): unknown {
  const text = value instanceof Secret ? value.reveal() : value
  if (text === 'embedded' || typeof text !== 'string') return 'embedded'
  if (!/^postgres(?:ql)?:\/\//.test(text)) {
    const message = '"postgres" is neither embedded nor an address of postgres'
    tell({ code: 'HUB_CONFIG_VALUE', message, hint: 'it begins with postgres://', path: ['stores', 'postgres'], part: 'key' })
  }
  return value instanceof Secret ? value : new Secret(text, 'hub.config.yaml:stores.postgres')
}

/** An address taken here in silence would let replicas count limits each for itself, and nobody know. A secret without a value reads as undefined. */
function inProcess(value: unknown, tell: Tell): 'embedded' {
  if (value === undefined || value instanceof Secret || (typeof value === 'string' && value !== 'embedded')) {
    const message = '"redis" can only be embedded: cache, limits and sessions are kept in the hub’s own process'
    tell({ code: 'HUB_CONFIG_VALUE', message, hint: 'remove it; several replicas count limits each for itself', path: ['stores', 'redis'], part: 'key' })
  }
  return 'embedded'
}

function allowanceOf(value: Json | undefined, tell: Tell): readonly string[] {
  for (const [index, entry] of Array.isArray(value) ? (value as Json[]).entries() : []) {
    const fault = typeof entry === 'string' ? allowanceFault(entry) : undefined
    if (fault !== undefined) tell({ code: 'HUB_CONFIG_VALUE', ...fault, path: ['egress', 'allow', index] })
  }
  return texts(value)
}

function rateOf(value: Json | undefined, name: string, tell: Tell): RatePolicy {
  const rate = parseRate(String(value))
  if (rate) return rate
  if (/^\d+\//.test(String(value)))
    tell({ code: 'HUB_CONFIG_VALUE', message: `"${name}" cannot be ${String(value)}`, hint: 'give at least one call', path: ['limits', name] })
  return { calls: 1, perMs: 60_000 }
}

function issuerOf(issuer: JsonObject): IssuerConfig {
  const { url, audience, jwks, algorithms, organisation, roles } = issuer
  const { claim, map: roleMap, default: defaultRole = 'reader' } = map(roles)
  return {
    url: String(url),
    audience: String(audience),
    ...(typeof jwks === 'string' && { jwks }),
    algorithms: algorithms === undefined ? ['RS256', 'ES256'] : texts(algorithms),
    ...(typeof organisation === 'string' && { organisationClaim: organisation.replace(/^claims\./, '') }),
    ...(typeof claim === 'string' && { roleClaim: claim.replace(/^claims\./, '') }),
    roleMap: map(roleMap) as Readonly<Record<string, Role>>,
    defaultRole: defaultRole as Role,
  }
}
