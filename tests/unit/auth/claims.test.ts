import { expect, test } from 'vitest'
import type { JWTPayload } from 'jose'
import type { IssuerConfig } from '../../../runtime/contract/manifest.ts'
import { principalOf } from '../../../runtime/auth/claims.ts'

const issuer = (more: Partial<IssuerConfig>): IssuerConfig => ({
  url: 'https://id.example.com/',
  audience: 'hub',
  algorithms: [],
  roleMap: {},
  defaultRole: 'observer',
  ...more,
})
const claims = (more: JWTPayload): JWTPayload => ({ sub: 'alice', exp: 2_000_000_000, ...more })

test.each<[string, string, JWTPayload, string]>([
  ['by its name', 'org', { org: 'acme' }, 'acme'],
  ['as the manifest writes it', 'claims.org', { org: 'acme' }, 'acme'],
  ['by its path', 'tenant.name', { tenant: { name: 'acme' } }, 'acme'],
  ['by a name that holds dots', 'https://example.com/org', { 'https://example.com/org': 'acme' }, 'acme'],
])('the organisation is read %s', (_case, organisationClaim, more, organisation) => {
  expect(principalOf(claims(more), issuer({ organisationClaim }))).toMatchObject({ organisation })
})

test.each<[string, string, JWTPayload]>([
  ['missing', 'org', {}],
  ['not text', 'org', { org: 7 }],
  ['empty', 'org', { org: '' }],
  ['too long', 'org', { org: 'x'.repeat(256) }],
  ['below what is no object', 'org.name', { org: 'acme' }],
  ['what every object has', 'constructor.name', {}],
])('an organisation that is %s refuses the token: nobody falls into the default one', (_case, organisationClaim, more) => {
  expect(() => principalOf(claims(more), issuer({ organisationClaim }))).toThrow(expect.objectContaining({ code: 'HUB_UNAUTHENTICATED' }))
})

const map = { traders: 'writer', ops: 'operator', everyone: 'reader' } as const

test.each<[string, unknown, string]>([
  ['one name', 'traders', 'writer'],
  ['the strongest of a list', ['everyone', 'ops', 'traders'], 'operator'],
  ['the strongest of names in one text', 'everyone traders', 'writer'],
  ['no name of the map', ['guests'], 'observer'],
  ['the name of what every object has', ['constructor', '__proto__'], 'observer'],
  ['a role’s own name that the map does not give', 'admin', 'observer'],
  ['no claim', undefined, 'observer'],
  ['something else', [{ name: 'ops' }, 7], 'observer'],
])('the role of %s', (_case, groups, role) => {
  expect(principalOf(claims({ groups }), issuer({ roleClaim: 'groups', roleMap: map }))).toMatchObject({ role })
})

test('without a role claim every token has the default role', () => {
  expect(principalOf(claims({ groups: 'ops' }), issuer({ roleMap: map }))).toMatchObject({ role: 'observer' })
})

test.each<[string, JWTPayload, readonly string[]]>([
  ['scope as text', { scope: 'a b  c' }, ['a', 'b', 'c']],
  ['scp as a list', { scp: ['a', 'b', 3] }, ['a', 'b']],
  ['neither', {}, []],
])('scopes from %s', (_case, more, scopes) => {
  expect([...principalOf(claims(more as JWTPayload), issuer({})).scopes]).toEqual(scopes)
})
