import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { variableName } from '../import-source/name.ts'
import type { Operation } from './operations.ts'
import type { References } from './pointer.ts'

/** How the connector says who it is: fields of its `config:`. */
export interface Security {
  readonly config: JsonObject
  /** What the secrets are, for the head of the manifest. */
  readonly secrets: readonly { readonly name: string; readonly meaning: string }[]
  readonly notes: readonly string[]
}

/** Schemes of one requirement, with their scopes. */
type Requirement = ReadonlyMap<string, readonly string[]>

/** Parameters that carry keys, as `header X-Api-Key`. */
export function credentialsOf(document: JsonObject, references: References): ReadonlySet<string> {
  return new Set(
    Object.values(schemesOf(document)).flatMap((written) => {
      const scheme = references.follow(written)
      return scheme?.['type'] === 'apiKey' ? [`${String(scheme['in'])} ${String(scheme['name'])}`] : []
    }),
  )
}

function schemesOf({ components }: JsonObject): JsonObject {
  return isObject(components) && isObject(components['securitySchemes']) ? components['securitySchemes'] : {}
}

/** Picks what most operations ask for, secrets as references. */
export function securityOf(connector: string, document: JsonObject, operations: readonly Operation[], references: References): Security {
  const schemes = schemesOf(document)
  const asked = operations.map(({ value }) => requirementsOf(value['security'] ?? document['security']))
  const best = mostAsked(asked, (requirement) => [...requirement.keys()].every((name) => isUsable(references.follow(schemes[name]))))
  const unmet = asked.filter((one) => one.length > 0 && one.every((requirement) => requirement.size > 0))
  if (best === undefined) {
    const named = [...new Set(unmet.flat().flatMap((requirement) => [...requirement.keys()]))]
    return {
      config: {},
      secrets: [],
      notes: named.length === 0 ? [] : [`the API asks for ${named.join(', ')}, which kind http does not speak: calls will be refused`],
    }
  }
  const drafts = [...best].map(([name, scopes]) => schemeOf(connector, name, references.follow(schemes[name]) as JsonObject, scopes))
  const optional = unmet.length === 0
  return combine(drafts, optional, otherNotes(asked, best))
}

function requirementsOf(value: Json | undefined): readonly Requirement[] {
  if (!Array.isArray(value)) return []
  return (value as readonly Json[]).filter(isObject).map((one) => new Map(Object.entries(one).map(([name, scopes]) => [name, scopesOf(scopes)])))
}

const scopesOf = (value: Json): readonly string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [])
const keyOf = (requirement: Requirement): string => [...requirement.keys()].toSorted().join(' + ')

/** The requirement that fits the most operations, the earlier of equals; its scopes are those of all of them. */
function mostAsked(asked: readonly (readonly Requirement[])[], usable: (requirement: Requirement) => boolean): Requirement | undefined {
  const found = new Map<string, { count: number; scopes: Map<string, readonly string[]> }>()
  for (const requirement of asked.flat()) {
    if (requirement.size === 0 || !usable(requirement)) continue
    const known = found.get(keyOf(requirement)) ?? { count: 0, scopes: new Map<string, readonly string[]>() }
    for (const [name, scopes] of requirement) known.scopes.set(name, [...new Set([...(known.scopes.get(name) ?? []), ...scopes])].toSorted())
    found.set(keyOf(requirement), { count: known.count + 1, scopes: known.scopes })
  }
  return [...found.values()].toSorted((a, b) => b.count - a.count)[0]?.scopes
}

function otherNotes(asked: readonly (readonly Requirement[])[], best: Requirement): readonly string[] {
  const others = asked.filter((one) => one.length > 0 && !one.some((requirement) => requirement.size === 0 || keyOf(requirement) === keyOf(best)))
  const names = [...new Set(others.flatMap((one) => one.map(keyOf)))]
  return others.length === 0
    ? []
    : [
        `${others.length === 1 ? 'one operation asks' : `${others.length} operations ask`} for ${names.join(' or ')} instead of ${keyOf(best)}: import ${others.length === 1 ? 'it' : 'them'} under another name (--include)`,
      ]
}

const usableHttp = /^(basic|bearer)$/i

function isUsable(scheme: JsonObject | undefined): boolean {
  if (scheme === undefined) return false
  const { type, in: place, scheme: http } = scheme
  if (type === 'apiKey') return place === 'header' || place === 'query' || place === 'cookie'
  if (type === 'http') return usableHttp.test(String(http))
  return type === 'oauth2' || type === 'openIdConnect'
}

interface SchemeDraft {
  /** For `config.auth`; undefined for what can only be a header. */
  readonly auth?: (optional: JsonObject) => JsonObject
  /** For `config.headers`, beside another scheme. */
  readonly header?: { readonly name: string; readonly secret: string }
  readonly secrets: Security['secrets']
  readonly note?: string
}

function schemeOf(connector: string, key: string, scheme: JsonObject, scopes: readonly string[]): SchemeDraft {
  const { type, in: place, name, scheme: http } = scheme
  const secretOf = (part: string): string => variableName(connector, part)
  const token = secretOf('token')
  if (type === 'apiKey') {
    const secret = secretOf(key.toLowerCase().startsWith(connector) ? key.slice(connector.length) : key)
    const meaning = `what ${String(place)} ${String(name)} carries`
    if (place === 'cookie') return { header: { name: 'Cookie', secret }, secrets: [{ name: secret, meaning: `the header Cookie, whole: ${String(name)}=…` }] }
    const auth = (optional: JsonObject): JsonObject => ({ [String(place)]: { name: String(name), value: { secret, ...optional } } })
    return { auth, ...(place === 'header' && { header: { name: String(name), secret } }), secrets: [{ name: secret, meaning }] }
  }
  if (type === 'http' && /^basic$/i.test(String(http))) {
    const [user, password] = [secretOf('user'), secretOf('password')]
    return {
      auth: (optional) => ({ basic: { user: { secret: user, ...optional }, password: { secret: password, ...optional } } }),
      secrets: [
        { name: user, meaning: 'the user' },
        { name: password, meaning: 'the user’s password' },
      ],
    }
  }
  const flow = clientCredentials(scheme)
  if (flow !== undefined) return clientCredentialsDraft(secretOf('client_id'), secretOf('client_secret'), flow, scopes)
  const note = type === 'http' ? undefined : `${key} hands out tokens to people; the hub sends the one in ${token} as it is: renew it where the hub runs`
  return {
    auth: (optional) => ({ bearer: { secret: token, ...optional } }),
    secrets: [{ name: token, meaning: 'the bearer token' }],
    ...(note !== undefined && { note }),
  }
}

function clientCredentials({ flows }: JsonObject): string | undefined {
  const flow = isObject(flows) ? flows['clientCredentials'] : undefined
  const url = isObject(flow) ? flow['tokenUrl'] : undefined
  return typeof url === 'string' && URL.canParse(url) ? url : undefined
}

function clientCredentialsDraft(id: string, secret: string, tokenUrl: string, scopes: readonly string[]): SchemeDraft {
  return {
    auth: (optional) => ({
      oauth2: { tokenUrl, clientId: { secret: id, ...optional }, clientSecret: { secret, ...optional }, ...(scopes.length > 0 && { scopes: [...scopes] }) },
    }),
    secrets: [
      { name: id, meaning: 'the id of the hub as a client' },
      { name: secret, meaning: 'its secret' },
    ],
  }
}

function combine(drafts: readonly SchemeDraft[], isOptional: boolean, notes: readonly string[]): Security {
  const optional: JsonObject = isOptional ? { optional: true } : {}
  const main = drafts.find(({ auth, header }) => auth !== undefined && header === undefined) ?? drafts.find(({ auth }) => auth !== undefined)
  const beside = drafts.filter((draft) => draft !== main)
  const headers = beside.flatMap(({ header }) => header ?? [])
  const lost = beside.filter(({ header }) => header === undefined)
  return {
    config: {
      ...(headers.length > 0 && { headers: Object.fromEntries(headers.map(({ name, secret }) => [name, { secret, ...optional }])) }),
      ...(main?.auth !== undefined && { auth: main.auth(optional) }),
    },
    secrets: drafts.filter((draft) => !lost.includes(draft)).flatMap(({ secrets }) => secrets),
    notes: [
      ...notes,
      ...drafts.flatMap(({ note }) => note ?? []),
      ...(lost.length > 0 ? ['the API asks for two credentials at once, of which kind http can send one: calls will be refused'] : []),
    ],
  }
}
