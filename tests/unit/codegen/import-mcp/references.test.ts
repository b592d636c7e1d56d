import { expect, test } from 'vitest'
import { environmentReferences, headerReferences, secretsIn } from '../../../../codegen/import-mcp/references.ts'

test.each([
  { env: { API_KEY: 'x' }, written: { API_KEY: { secret: 'API_KEY' } } },
  { env: { REDIS_PWD: 'hunter2' }, written: { REDIS_PWD: { secret: 'REDIS_PWD' } } },
  { env: { DATABASE: 'postgres://me:hunter2@host/db' }, written: { DATABASE: { secret: 'DATABASE' } } },
  { env: { PLACE: 'bGV0IG1lIGluIHBsZWFzZSB3aXRoIHRoaXM' }, written: { PLACE: { secret: 'PLACE' } } },
  { env: { REDIS_HOST: '127.0.0.1' }, written: { REDIS_HOST: '${REDIS_HOST:-127.0.0.1}' } },
  { env: { TEMPLATE: 'a${b}' }, written: { TEMPLATE: '${TEMPLATE}' } },
  { env: { EMPTY: '' }, written: { EMPTY: '${EMPTY}' } },
])('$env is written as $written', ({ env, written }) => {
  expect(environmentReferences(env as unknown as Record<string, string>)).toEqual(written)
})

test('headers are references whatever they are called, and the secrets can be listed', () => {
  const headers = headerReferences('redis_admin', { Authorization: 'Bearer hunter2', 'X-Team': 'blue' })
  expect(headers).toEqual({ Authorization: { secret: 'REDIS_ADMIN_AUTHORIZATION' }, 'X-Team': { secret: 'REDIS_ADMIN_X_TEAM' } })
  expect(secretsIn(headers)).toEqual(['REDIS_ADMIN_AUTHORIZATION', 'REDIS_ADMIN_X_TEAM'])
})
