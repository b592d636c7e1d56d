/** The five roles, weakest first. Each may do all that the ones before it may. */
export const roles = ['observer', 'reader', 'writer', 'operator', 'admin'] as const
/** observer: lists and health; reader: read tools; writer: write tools; operator: destroy tools, flows, jobs; admin: configuration. */
export type Role = (typeof roles)[number]

/** What a tool does to the world, by declaration. */
export const effects = ['read', 'write', 'destroy'] as const
/** read changes nothing; write adds or changes; destroy removes or cannot be undone. */
export type Effect = (typeof effects)[number]

/** The weakest role that may use a tool of an effect, where its manifest names none. */
export const roleOfEffect: Readonly<Record<Effect, Role>> = { read: 'reader', write: 'writer', destroy: 'operator' }

/** True when `role` may do what asks for `needed`. */
export const roleCovers = (role: Role, needed: Role): boolean => roles.indexOf(role) >= roles.indexOf(needed)

/** Who calls. organisation, scopes and credential are part of every cache, limit, session, job and memory key. */
export interface Principal {
  readonly id: string
  readonly organisation: string
  /** A stable, non-secret name of the credential used (key id, token issuer + subject, `local`). */
  readonly credential: string
  readonly role: Role
  readonly scopes: ReadonlySet<string>
  readonly via: 'oauth' | 'key' | 'local'
  /** Epoch milliseconds after which the credential is no longer good; absent for local callers and keys without expiry. */
  readonly expiresAt?: number
}
