import type { IncomingHttpHeaders } from 'node:http'
import { isIPv4 } from 'node:net'
import type { Principal } from '../contract/principal.ts'
import { refusal } from './refusal.ts'

/** Whoever sits at this machine. The scopes are empty, which for `via: 'local'` means: none is asked of them. */
export const localPrincipal: Principal = Object.freeze({
  id: 'local',
  organisation: 'default',
  credential: 'local',
  role: 'admin',
  scopes: new Set<string>(),
  via: 'local',
})

/** The local principal when the caller's address is this machine's own; throws HUB_UNAUTHENTICATED otherwise. */
export function authenticateLocal(headers: IncomingHttpHeaders, remoteAddress: string | undefined): Principal {
  if (!isLoopback(remoteAddress))
    throw refusal('not_local', 'this hub answers callers on its own machine only (auth.mode: local); use keys or oauth for callers from elsewhere')
  // A proxy on this machine makes everyone look local; it says so in these headers.
  if (!forwardedFor(headers).every(isLoopback))
    throw refusal('not_local', 'a proxy forwarded this call from another machine, which auth.mode: local does not serve; use keys or oauth')
  return localPrincipal
}

/** True for 127.0.0.0/8, ::1 and their IPv4-mapped forms. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  if (address === '::1') return true
  const v4 = address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : address
  return isIPv4(v4) && v4.startsWith('127.')
}

function forwardedFor(headers: IncomingHttpHeaders): readonly string[] {
  const named = [headers['x-forwarded-for'], headers['x-real-ip']].flat().flatMap((value) => value?.split(',') ?? [])
  const standard = [...(headers.forwarded ?? '').matchAll(/for="?(\[[^\]]*\]|[^";,\s]+)/gi)].map(([, node = '']) => node)
  return [...named, ...standard].map((node) =>
    node
      .trim()
      .replace(/^\[(.*)\](?::\d+)?$/, '$1')
      .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1'),
  )
}
