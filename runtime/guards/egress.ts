import { lookup } from 'node:dns'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { createRequire } from 'node:module'
import type { LookupFunction } from 'node:net'
import type * as Undici from 'undici'
import type { Agent, buildConnector } from 'undici'
import { HubError } from '../contract/errors.ts'
import type { Egress } from '../contract/kind.ts'
import { bareHost, isAddressAllowed, parseAllowance } from './egress-addresses.ts'
import type { EgressAllowance } from './egress-addresses.ts'
import { hopsAtMost, isRedirect, nextHop, tooManyHops, type Hop } from './redirects.ts'

/** How many sockets one origin may hold on `dispatcher`; further requests wait for one. */
export const socketsPerOrigin = 64
const asidePerOrigin = 8
const protocols = new Set(['http:', 'https:', 'ws:', 'wss:'])

/** What `createEgress` takes; `resolve` is `dns.lookup` unless a test brings its own. */
export interface EgressOptions {
  /** CIDR ranges, addresses and host names that may be reached although they are not public. */
  readonly allow: readonly string[]
  readonly resolve?: typeof lookup
}

interface Agents {
  readonly calls: Agent
  readonly aside: Agent
  readonly streams: Agent
}

/** The guard all outbound traffic passes: public addresses only, beside what `allow` names; the checked address is the one connected to. `close` ends its sockets. */
export function createEgress(options: EgressOptions): Egress & { close(): Promise<void> } {
  const allowance = parseAllowance(options.allow)
  const resolve = options.resolve ?? lookup
  const guardedLookup = lookupOf(allowance, resolve)
  // undici takes 100 ms to load, and a hub whose connectors are local never needs it.
  let undici: typeof Undici | undefined
  let agents: Agents | undefined

  const load = (): typeof Undici => (undici ??= createRequire(import.meta.url)('undici') as typeof Undici)
  function open(): Agents {
    if (agents !== undefined) return agents
    const { Agent, buildConnector } = load()
    const build = (allowH2: boolean): buildConnector.connector =>
      buildConnector({ lookup: guardedLookup, timeout: 10_000, allowH2 } as buildConnector.BuildOptions)
    const connect = connectorOf(allowance, build(true), build(false))
    // Event streams stay open and quiet for hours; they must not take the sockets of calls.
    agents = {
      calls: new Agent({ connect, connections: socketsPerOrigin }),
      aside: new Agent({ connect, connections: asidePerOrigin }),
      streams: new Agent({ connect, bodyTimeout: 0 }),
    }
    return agents
  }

  async function check(url: string): Promise<void> {
    const { hostname } = checkedUrl(url)
    const host = bareHost(hostname)
    if (allowance.hosts.has(host)) return
    await new Promise<void>((done, fail) => guardedLookup(host, { all: true }, (error) => (error ? fail(unwrapped(error) as Error) : done())))
  }

  return {
    check,
    fetch: (input, init) => follow(load(), open().streams, input, init),
    get dispatcher() {
      return open().calls
    },
    get aside() {
      return open().aside
    },
    async close() {
      await Promise.all([agents?.calls.destroy(), agents?.aside.destroy(), agents?.streams.destroy()])
      agents = undefined
    },
  }
}

const denied = (host: string): HubError =>
  new HubError('HUB_EGRESS_DENIED', `outbound address of ${host} is private or reserved; if it may be reached, name it under egress.allow in hub.config.yaml`, {
    host,
  })

function checkedUrl(url: string | URL): URL {
  if (!URL.canParse(String(url))) throw new HubError('HUB_EGRESS_DENIED', 'outbound address is not a URL; write one like https://api.example.com/path')
  const parsed = new URL(url)
  if (!protocols.has(parsed.protocol)) throw new HubError('HUB_EGRESS_DENIED', `outbound protocol ${parsed.protocol} is refused; use http, https, ws or wss`)
  return parsed
}

/** `dns.lookup` that answers allowed addresses only. The socket connects to what it answers, so a name cannot change between check and use. */
function lookupOf(allowance: EgressAllowance, resolve: typeof lookup): LookupFunction {
  return (host, options: LookupOptions, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '')
      const open = allowance.hosts.has(bareHost(host.toLowerCase())) ? addresses : addresses.filter(({ address }) => isAddressAllowed(address, allowance))
      const [first] = open
      if (first === undefined) return callback(denied(host), '')
      if (options.all) return callback(null, open)
      callback(null, first.address, first.family)
    })
  }
}

/** A connector that also checks address literals: sockets never look those up. `plain` speaks HTTP/1.1 only, which is what WebSockets ask for. */
function connectorOf(allowance: EgressAllowance, connect: buildConnector.connector, plain: buildConnector.connector): buildConnector.connector {
  return (target: buildConnector.Options & { readonly allowH2?: boolean }, callback) => {
    const host = bareHost(target.hostname.toLowerCase())
    const literal = /^[\d.]+$/.test(host) || host.includes(':')
    if (literal && !allowance.hosts.has(host) && !isAddressAllowed(host, allowance)) return callback(denied(host), null)
    const chosen = target.allowH2 === false ? plain : connect
    chosen(target, callback)
  }
}

function unwrapped(error: unknown): unknown {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth++) if (inner instanceof HubError) return inner
  return error
}

/** `fetch` with redirects walked here: every hop is checked, and nothing that may be a credential crosses origins. */
async function follow(undici: typeof Undici, agent: Agent, input: string | URL, init: RequestInit = {}): Promise<Response> {
  let url = checkedUrl(input)
  let request: RequestInit = { ...init, headers: new Headers(init.headers) }
  for (let hop = 0; ; hop++) {
    const response = await once(undici, agent, url, request)
    const location = response.headers.get('location')
    if (!isRedirect(response.status) || location === null || init.redirect === 'manual') return response
    await response.body?.cancel()
    if (init.redirect === 'error') throw new HubError('HUB_EGRESS_DENIED', `${url.origin} redirects, which this request does not allow`, { host: url.hostname })
    if (hop === hopsAtMost) throw tooManyHops(url)
    const next = nextHop(url, (request.method ?? 'GET').toUpperCase(), response.status, location)
    request = redirected(request, next)
    url = next.url
  }
}

async function once(undici: typeof Undici, agent: Agent, url: URL, request: RequestInit): Promise<Response> {
  try {
    return (await undici.fetch(url, { ...request, redirect: 'manual', dispatcher: agent } as Undici.RequestInit)) as unknown as Response
  } catch (error) {
    throw unwrapped(error)
  }
}

function redirected(request: RequestInit, hop: Hop): RequestInit {
  const headers = new Headers(request.headers)
  for (const name of [...headers.keys()]) if (!hop.keeps(name)) headers.delete(name)
  if (hop.keepsBody) return replayable({ ...request, headers })
  return { ...request, method: hop.method, body: undefined, headers }
}

function replayable(request: RequestInit): RequestInit {
  if (request.body instanceof ReadableStream)
    throw new HubError('HUB_EGRESS_DENIED', 'a streamed body cannot be sent again after a redirect; give the final address')
  return request
}
