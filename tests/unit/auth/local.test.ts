import { expect, test } from 'vitest'
import { authenticateLocal, isLoopback } from '../../../runtime/auth/local.ts'

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])('%s is this machine', (address) => {
  expect(authenticateLocal({}, address)).toMatchObject({ id: 'local', organisation: 'default', role: 'admin', via: 'local' })
})

test.each(['10.0.0.1', '192.168.1.127', '::ffff:10.0.0.1', 'fe80::1', '2001:db8::1', '127.0.0.1.evil.test', '1270.0.0.1', '', undefined])(
  '%s is not',
  (address) => {
    expect(isLoopback(address)).toBe(false)
    expect(() => authenticateLocal({}, address)).toThrow(expect.objectContaining({ code: 'HUB_UNAUTHENTICATED', details: { reason: 'not_local' } }))
  },
)

test.each([
  [{ 'x-forwarded-for': '203.0.113.9' }],
  [{ 'x-forwarded-for': '127.0.0.1, 203.0.113.9' }],
  [{ 'x-real-ip': '203.0.113.9' }],
  [{ forwarded: 'for=192.0.2.60;proto=http;by=203.0.113.43' }],
  [{ forwarded: 'for="[2001:db8::17]:4711"' }],
  [{ forwarded: 'for=unknown' }],
])('a proxy here does not make %j local', (headers) => {
  expect(() => authenticateLocal(headers, '127.0.0.1')).toThrow(expect.objectContaining({ details: { reason: 'not_local' } }))
})

test.each([[{ 'x-forwarded-for': '127.0.0.1' }], [{ forwarded: 'for="[::1]:4711"' }], [{ forwarded: 'for=127.0.0.1:80' }], [{ 'x-forwarded-for': '::1' }]])(
  'a proxy here that speaks for this machine is let through: %j',
  (headers) => {
    expect(authenticateLocal(headers, '::1').id).toBe('local')
  },
)
