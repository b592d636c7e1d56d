import type { Audience } from '../contract/kind.ts'
import type { Endpoint, RegistryEvent } from '../registry/types.ts'
import { exposedUri } from './names.ts'

/** Whether a caller's client on an endpoint is told of an event. What a toolset takes of a connector is not asked: a list_changed too many costs one list. */
export function concerns(event: RegistryEvent, { kind, name }: Endpoint, caller: Audience): boolean {
  if (event.type === 'updated' && event.audience !== undefined && !isSame(event.audience, caller)) return false
  if (kind !== 'connector') return true
  if (event.type === 'updated' || event.type === 'log') return event.connector === name
  return event.connectors === 'all' || event.connectors.includes(name)
}

const isSame = (left: Audience, right: Audience): boolean => left.organisation === right.organisation && left.principal === right.principal

/** The address of an updated resource as clients of an endpoint know it. */
export const exposedUpdate = ({ connector, uri }: Extract<RegistryEvent, { type: 'updated' }>, { prefixed }: Endpoint): string =>
  prefixed ? exposedUri(connector, uri) : uri
