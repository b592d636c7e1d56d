import { isIP } from 'node:net'
import type { IncomingHttpHeaders } from 'node:http'
import { HubError } from '../contract/errors.ts'
import type { HubConfig } from '../contract/manifest.ts'

/** Which Host and Origin headers may come in, and which origins a browser may read answers from. */
export interface Door {
  /** Throws HUB_HOST_REJECTED or HUB_ORIGIN_REJECTED: a page that was made to resolve to this machine (DNS rebinding), or one that is not on the list. */
  check(headers: IncomingHttpHeaders): void
  /** The same for endpoints that probes call by address: a Host that is an IP address passes, since no rebinding can forge one. */
  checkPlain(headers: IncomingHttpHeaders): void
  /** CORS headers for the origin of this request as name, value, name, value; undefined when it gets none. */
  cors(headers: IncomingHttpHeaders): readonly string[] | undefined
  /** The headers of a preflight's answer; undefined when the origin may not call. */
  preflight(headers: IncomingHttpHeaders): readonly string[] | undefined
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']
const methods = 'GET, POST, DELETE, OPTIONS'
const requestHeaders =
  'Content-Type, Accept, Authorization, X-API-Key, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Last-Event-ID, Traceparent, Tracestate, Baggage'
const exposedHeaders = 'Mcp-Session-Id, Mcp-Protocol-Version, WWW-Authenticate, Retry-After'
const parameterHeader = /^mcp-param-[!#$%&'*+\-.^_`|~0-9a-z]+$/
const preflightSeconds = '600'
const mostKnown = 256

/** The door of a hub: its loopback names, its public name and those of the configuration. */
export function createDoor(config: HubConfig): Door {
  const publicUrl = new URL(config.publicUrl)
  const listensOnLoopback = loopbackNames.includes(config.listen.host) || config.listen.host === '::1'
  const hosts = new Set([...loopbackNames, publicUrl.hostname, ...config.auth.hosts.map((host) => host.toLowerCase())])
  if (isIP(config.listen.host) !== 0 && config.listen.host !== '0.0.0.0' && config.listen.host !== '::') hosts.add(bracketed(config.listen.host))
  const origins = new Set([publicUrl.origin, ...config.auth.cors.map(originOf)])
  // The same few Host and Origin values come with every request; parsing each one anew would cost more than the rest of the door.
  const knownHosts = new Map<string, boolean>()
  const knownOrigins = new Map<string, boolean>()

  const isHost = (header: string, addressPasses: boolean): boolean => {
    const name = hostnameOf(header)
    return name !== undefined && (hosts.has(name) || (addressPasses && isIP(name.replace(/^\[|\]$/g, '')) !== 0))
  }
  const mayOpen = (origin: string): boolean => origins.has(origin) || (listensOnLoopback && isLoopbackOrigin(origin))

  function checkOrigin(origin: string | undefined): void {
    if (origin === undefined || origin === '') return
    if (remember(knownOrigins, origin, mayOpen)) return
    throw new HubError('HUB_ORIGIN_REJECTED', `origin ${quoted(origin)} is not on the allow-list; name it in auth.cors of hub.config.yaml`)
  }

  return {
    check(headers) {
      const { host = '' } = headers
      if (!remember(knownHosts, host, (name) => isHost(name, false))) throw rejectedHost(host)
      checkOrigin(headers.origin)
    },
    checkPlain(headers) {
      const { host = '' } = headers
      if (!isHost(host, true)) throw rejectedHost(host)
      checkOrigin(headers.origin)
    },
    cors({ origin }) {
      if (origin === undefined || !origins.has(origin)) return undefined
      return ['Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', exposedHeaders, 'Vary', 'Origin']
    },
    preflight(headers) {
      const { origin } = headers
      if (origin === undefined || !origins.has(origin)) return undefined
      const asked = (headers['access-control-request-headers'] ?? '').split(',').map((name) => name.trim().toLowerCase())
      const parameters = asked.filter((name) => parameterHeader.test(name)).slice(0, 64)
      return [
        'Access-Control-Allow-Origin',
        origin,
        'Access-Control-Allow-Methods',
        methods,
        'Access-Control-Allow-Headers',
        [requestHeaders, ...parameters].join(', '),
        'Access-Control-Max-Age',
        preflightSeconds,
        'Vary',
        'Origin, Access-Control-Request-Headers',
      ]
    },
  }
}

const rejectedHost = (host: string): HubError =>
  new HubError('HUB_HOST_REJECTED', `host ${quoted(host)} is not served here; name it in auth.hosts of hub.config.yaml`)

// The header is the caller's own text: it is bounded before it is said back.
const quoted = (text: string): string => JSON.stringify(text.slice(0, 120))

const bracketed = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address)

function remember(known: Map<string, boolean>, key: string, decide: (key: string) => boolean): boolean {
  const before = known.get(key)
  if (before !== undefined) return before
  const decided = decide(key)
  if (known.size < mostKnown) known.set(key, decided)
  return decided
}

function hostnameOf(host: string): string | undefined {
  if (host === '' || /[/?#@\\\s]/.test(host)) return undefined
  try {
    return new URL(`http://${host}`).hostname
  } catch {
    return undefined
  }
}

function originOf(configured: string): string {
  try {
    const { origin } = new URL(configured)
    return origin === 'null' ? configured : origin
  } catch {
    return configured
  }
}

function isLoopbackOrigin(origin: string): boolean {
  try {
    const { protocol, hostname } = new URL(origin)
    return (protocol === 'http:' || protocol === 'https:') && loopbackNames.includes(hostname)
  } catch {
    return false
  }
}
