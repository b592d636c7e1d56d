import type { Grant } from './credentials.ts'
import type { Outgoing } from './exchange.ts'
import type { Request } from './prepared.ts'

/** A request as it is sent: headers of every request under its own, and over both what says who the hub is. */
export function outgoingOf(request: Request, grant: Grant, origin: string, common: readonly string[]): Outgoing {
  const { method, path, body } = request
  const query = withPair(request.query, grant.query)
  const url = new URL(`${origin}${path === '' ? '/' : path}${query === '' ? '' : `?${query}`}`)
  return { method, url, headers: merged(merged(common, request.headers), grant.headers), body }
}

/** Headers with others laid over them; names and values in turn. */
function merged(under: readonly string[], over: readonly string[]): readonly string[] {
  if (over.length === 0) return under
  const isOver = (name: string | undefined): boolean => over.some((text, index) => index % 2 === 0 && text === name)
  return [...under.filter((_text, index) => !isOver(under[index - (index % 2)])), ...over]
}

/** A query with one pair more, which takes the place of others of its name: an address a service gave may hold it already. */
function withPair(query: string, pair: string): string {
  if (pair === '' || query === '') return query + pair
  const name = pair.slice(0, pair.indexOf('=') + 1)
  const rest = query.includes(name) ? query.split('&').filter((one) => !one.startsWith(name)) : [query]
  return [...rest, pair].join('&')
}
