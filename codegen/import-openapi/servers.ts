import { HubError } from '../../runtime/contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { withoutTrailing } from '../../runtime/contract/trailing.ts'
import { isAddress } from '../import-source/read.ts'
import type { Operation } from './operations.ts'

/** Where requests go. */
export interface Base {
  /** Without a slash at its end. */
  readonly url: string
  /** What a person should know of the choice. */
  readonly notes: readonly string[]
}

/** The base of all requests: the one given, or the document's first server. Throws HUB_CONFIG_VALUE where neither is a whole address. */
export function baseOf(document: JsonObject, location: string, given: string | undefined): Base {
  if (given !== undefined) return { url: checked(given, location), notes: [] }
  const servers = serversOf(document)
  const [first] = servers
  const { url, variables } = first === undefined ? { url: '/', variables: [] } : addressOf(first)
  const whole = isAddress(location) && URL.canParse(url, location) ? new URL(url, location).href : url
  const others = servers.slice(1).map((server) => addressOf(server).url)
  return {
    url: checked(whole, location),
    notes: [
      ...(variables.length > 0 ? [`the address of the server has the variables ${variables.join(', ')}; their defaults were taken`] : []),
      ...(others.length > 0 ? [`other servers of the document: ${others.slice(0, 5).join(', ')}; change config.base to use one`] : []),
    ],
  }
}

/** The server of one operation, where it is not the document's. */
export function ownServer({ value, item }: Operation, location: string, base: string): string | undefined {
  const [own] = [...serversOf(value), ...serversOf(item)]
  if (own === undefined) return undefined
  const { url } = addressOf(own)
  const whole = trimmed(isAddress(location) && URL.canParse(url, location) ? new URL(url, location).href : url)
  return whole === base ? undefined : whole
}

const serversOf = ({ servers }: JsonObject): readonly JsonObject[] => (Array.isArray(servers) ? (servers as readonly Json[]).filter(isObject) : [])

function addressOf(server: JsonObject): { readonly url: string; readonly variables: readonly string[] } {
  const declared = isObject(server['variables']) ? server['variables'] : {}
  const variables: string[] = []
  const url = String(server['url'] ?? '/').replace(/\{([^}]*)\}/g, (_, name: string) => {
    const variable = declared[name]
    const fallback = isObject(variable) ? variable['default'] : undefined
    variables.push(`${name} = ${String(fallback ?? '')}`)
    return String(fallback ?? '')
  })
  return { url, variables }
}

const trimmed = (url: string): string => withoutTrailing(url, '/')

function checked(url: string, location: string): string {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new HubError(
      'HUB_CONFIG_VALUE',
      `${location} does not say where its API answers ("${url}" is no whole address): give it with --base https://api.example.com`,
    )
  return trimmed(url)
}
