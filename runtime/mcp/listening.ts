import { HubError } from '../contract/errors.ts'
import { isObject, type Json } from '../contract/json.ts'
import type { View } from '../registry/types.ts'
import { connectionLabel } from './describe.ts'
import { checkLength, ownUri } from './names.ts'
import type { EdgeTools } from './services.ts'
import type { Visit } from './visit.ts'

const mostOfOne = 64

/** One `subscriptions/listen` stream, as long as it is open. */
export interface Listening {
  /** True when something it watches may be another thing to each caller. */
  readonly isPersonal: boolean
  end(): void
}

/** Watches the resources a listen stream names, and counts the stream. What it gives throws -32602 for an address that is too long, and HUB_LIMITED for a caller who listens, or watches, as much as one may: the SDK counts the streams of everyone together. */
export function createListen({ services, connected }: EdgeTools): (visit: Visit, params: Json | undefined) => Listening {
  const { subscriptions } = services
  const ofOne = new Map<string, number>()

  return ({ endpoint, principal, registry }, params) => {
    const owner = JSON.stringify([principal.organisation, principal.id])
    const open = ofOne.get(owner) ?? 0
    if (open >= mostOfOne)
      throw new HubError('HUB_LIMITED', `this caller has ${mostOfOne} subscriptions/listen streams open, the most one may; close some first`)
    const view = registry.view(endpoint, principal)
    const watched = urisIn(params).flatMap((uri) => {
      checkLength(uri)
      const own = endpoint.prefixed ? ownUri(uri) : { connector: endpoint.name, uri }
      return own && sees(view, own.connector) ? [own] : []
    })
    if (watched.length > subscriptions.room(principal))
      throw new HubError('HUB_LIMITED', 'this names more resources than this caller may still watch; name fewer, or let some go first')
    ofOne.set(owner, open + 1)
    const releases = watched.map((own) => subscriptions.watch(own.connector, own.uri, principal))
    const disconnected = connected(connectionLabel(endpoint))
    return {
      // Upstream MCP servers know no callers of ours.
      isPersonal: watched.some(({ connector }) => registry.connectors.get(connector)?.spec.definitions === undefined),
      end() {
        const left = (ofOne.get(owner) ?? 1) - 1
        if (left > 0) ofOne.set(owner, left)
        else ofOne.delete(owner)
        disconnected()
        for (const release of releases) release()
      },
    }
  }
}

/** The addresses a listen request names, each once. */
function urisIn(params: Json | undefined): readonly string[] {
  const filter = isObject(params) ? params['notifications'] : undefined
  const uris = isObject(filter) ? filter['resourceSubscriptions'] : undefined
  return Array.isArray(uris) ? [...new Set(uris.filter((uri): uri is string => typeof uri === 'string'))] : []
}

/** Anyone may name any address to listen to; only those who see the upstream hear of it. */
export const sees = ({ upstreams }: View, name: string): boolean => upstreams.some(({ connector }) => connector.spec.name === name)
