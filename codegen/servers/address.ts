import type { JsonObject } from '../../runtime/contract/json.ts'
import type { HubConfig } from '../../runtime/contract/manifest.ts'

/** The namespace a registry files a server under: the host it is reached at, from its last part to its first; `localhost` for a hub that has no name yet. */
export function namespaceOf(publicUrl: string): string {
  const { hostname } = new URL(publicUrl)
  return isLocal(hostname) || /^[\d.]+$|:/.test(hostname) ? 'localhost' : hostname.split('.').filter(Boolean).toReversed().join('.')
}

/** Where a server is reached and what it must be shown. A hub whose address is of one machine only leaves the host to whoever uses the document. */
export function remoteOf({ publicUrl, auth }: HubConfig, path: string): JsonObject {
  const { protocol, host, hostname, pathname } = new URL(publicUrl)
  const base = `${protocol}//${isLocal(hostname) ? '{host}' : host}${pathname.replace(/\/+$/, '')}`
  return {
    type: 'streamable-http',
    url: `${base}${path}`,
    ...(isLocal(hostname) && { variables: { host: { description: 'Host and port of the hub.', default: host, isRequired: true } } }),
    ...headersOf(auth.mode),
  }
}

/** A local hub asks for nothing, and a token of OAuth is the client's own affair; a key must be given to it. */
function headersOf(mode: HubConfig['auth']['mode']): JsonObject {
  if (mode === 'local' || mode === 'oauth') return {}
  const required = mode === 'keys'
  return {
    headers: [
      {
        name: 'Authorization',
        description: required ? 'An API key of the hub.' : 'An API key of the hub, for clients that bring no token.',
        value: 'Bearer {key}',
        isRequired: required,
        isSecret: true,
        variables: { key: { description: 'From hub keys create.', isRequired: required, isSecret: true } },
      },
    ],
  }
}

const isLocal = (hostname: string): boolean => hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)

/** A text as one word of a registry's name. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60) || 'hub'

/** A text on one line, of at most so many characters, cut between words. */
export function shortened(text: string, longest: number): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim() || '-'
  if (line.length <= longest) return line
  const cut = line.slice(0, longest - 1)
  const space = cut.lastIndexOf(' ')
  return `${(space > longest / 2 ? cut.slice(0, space) : cut).replace(/[\uD800-\uDBFF]$/, '').replace(/[\s,;:.]+$/, '')}…`
}
