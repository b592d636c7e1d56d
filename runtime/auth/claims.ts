import type { JWTPayload } from 'jose'
import type { IssuerConfig } from '../contract/manifest.ts'
import { roleCovers, type Principal, type Role } from '../contract/principal.ts'
import { refusal } from './refusal.ts'

const maxNameLength = 255
// Control characters would confuse logs, and the audit's database does not take NUL.
const control = /\p{Cc}/u

/** The principal a verified token speaks for. Throws HUB_UNAUTHENTICATED when a claim the hub needs is missing or of another shape. */
export function principalOf(claims: JWTPayload, issuer: IssuerConfig): Principal {
  const subject = nameIn(claims.sub, 'sub')
  const organisation = issuer.organisationClaim === undefined ? 'default' : nameIn(claimAt(claims, issuer.organisationClaim), issuer.organisationClaim)
  // The issuer is part of who one is: two issuers may both know an "alice".
  const id = `${issuer.url}|${subject}`
  return Object.freeze({
    id,
    organisation,
    credential: id,
    role: roleIn(claims, issuer),
    scopes: scopesIn(claims),
    via: 'oauth',
    expiresAt: (claims.exp ?? 0) * 1_000,
  })
}

/** The claim of that very name (names may hold dots, as URLs do), else by its path. A leading `claims.` is the manifest's way to say "of the token". */
function claimAt(claims: JWTPayload, written: string): unknown {
  const name = written.replace(/^claims\./, '')
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const part of name.split('.'))
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined
  return value
}

function nameIn(value: unknown, claim: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= maxNameLength && !control.test(value)) return value
  throw refusal('claims', `the token’s claim ${claim} is missing or not a name of at most ${maxNameLength} characters`)
}

/** The strongest role the map gives for any value of the claim. */
function roleIn(claims: JWTPayload, issuer: IssuerConfig): Role {
  const found = issuer.roleClaim === undefined ? undefined : claimAt(claims, issuer.roleClaim)
  const names = Array.isArray(found) ? found : typeof found === 'string' ? [found, ...found.split(' ')] : []
  let strongest: Role | undefined
  for (const name of names) {
    if (typeof name !== 'string' || !Object.hasOwn(issuer.roleMap, name)) continue
    const role = issuer.roleMap[name]
    if (role !== undefined && (strongest === undefined || roleCovers(role, strongest))) strongest = role
  }
  return strongest ?? issuer.defaultRole
}

function scopesIn(claims: JWTPayload): ReadonlySet<string> {
  const written = claims.scope ?? claims.scp
  const list = Array.isArray(written) ? written : typeof written === 'string' ? written.split(' ') : []
  return new Set(list.filter((scope): scope is string => typeof scope === 'string' && scope !== ''))
}
