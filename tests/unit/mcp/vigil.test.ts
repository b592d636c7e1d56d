import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAuthenticator } from '../../../runtime/auth/authenticate.ts'
import { issueKey } from '../../../runtime/auth/keys.ts'
import type { HubError } from '../../../runtime/contract/errors.ts'
import type { Principal } from '../../../runtime/contract/principal.ts'
import type { ApiKeyRecord } from '../../../runtime/contract/store.ts'
import type { Reply } from '../../../runtime/mcp/reply.ts'
import { createVigil, type Vigil } from '../../../runtime/mcp/vigil.ts'
import { lend } from '../../kinds/lent.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] }))
afterEach(() => void vi.useRealTimers())

/** A stream opened with a key, over the real check of keys; the test changes what the store says of it. */
async function open(options: { readonly expiresInMs?: number } = {}): Promise<{
  readonly vigil: Vigil
  readonly ended: (HubError | undefined)[]
  readonly reply: { closed: boolean }
  readonly asked: () => number
  set(change: Partial<ApiKeyRecord> | 'away'): void
}> {
  const { record, key } = issueKey({ name: 'desk', role: 'reader', organisation: 'acme', scopes: ['market'], now: Date.now, ...options })
  let found: ApiKeyRecord | 'away' = record
  let asked = 0
  const find = async (): Promise<ApiKeyRecord> => {
    asked += 1
    if (found === 'away') throw new Error('the store is away')
    return found
  }
  const store = { insert: async () => undefined, find, list: async () => [], revoke: async () => false, touch: () => undefined }
  const authenticator = createAuthenticator({ mode: 'keys', issuers: [], publicUrl: 'http://hub', keys: store })
  const headers = { authorization: `Bearer ${key}` }
  const principal: Principal = await authenticator.authenticate(headers, '10.1.2.3')
  const vigil = createVigil(authenticator, lend('notes').log)
  const ended: (HubError | undefined)[] = []
  const reply = { closed: false }
  vigil.keep({ headers, remoteAddress: '10.1.2.3', principal, reply: reply as Reply }, (refusal) => ended.push(refusal))
  return { vigil, ended, reply, asked: () => asked, set: (change) => void (found = change === 'away' ? change : { ...record, ...change }) }
}

/** What a revocation may take. */
async function fiveSeconds(): Promise<void> {
  for (let second = 0; second < 5; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000)
    // Rounds go on between turns of the event loop.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  }
}

test.each([
  ['revoked', { revokedAt: '2026-01-01T00:00:00Z' }],
  ['not known any more', { hash: '00' }],
])('a stream ends within five seconds of its key being %s, once', async (_how, change) => {
  const { ended, set } = await open()
  await fiveSeconds()
  expect(ended).toEqual([])
  set(change)
  await fiveSeconds()
  await fiveSeconds()
  expect(ended).toMatchObject([{ code: 'HUB_UNAUTHENTICATED' }])
})

test('a stream ends when its key expires', async () => {
  const { ended } = await open({ expiresInMs: 7_000 })
  await fiveSeconds()
  expect(ended).toEqual([])
  await fiveSeconds()
  expect(ended).toMatchObject([{ details: { reason: 'expired' } }])
})

test.each([{ role: 'writer' }, { organisation: 'other' }, { scopes: ['market', 'more'] }, { scopes: [] }] as const)(
  'a stream ends when its key is given other rights: %o',
  async (change) => {
    const { ended, set } = await open()
    set({ ...change })
    await fiveSeconds()
    expect(ended).toEqual([undefined])
  },
)

test('a store that does not answer ends nothing', async () => {
  const { ended, set } = await open()
  set('away')
  await fiveSeconds()
  set({ name: 'renamed' })
  await fiveSeconds()
  expect(ended).toEqual([])
})

test('a stream that is over, or whose hub stops, is asked about no more', async () => {
  const { reply, asked } = await open()
  reply.closed = true
  const stopped = await open()
  stopped.vigil.close()
  const before = [asked(), stopped.asked()]
  await fiveSeconds()
  expect([asked(), stopped.asked()]).toEqual(before)
})
