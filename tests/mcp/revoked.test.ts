import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { createAuthenticator } from '../../runtime/auth/authenticate.ts'
import { issueKey } from '../../runtime/auth/keys.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import { createHttpEdge, type HttpEdge } from '../../runtime/mcp/http.ts'
import { createUpstream } from './connectors.ts'
import { startTestHub } from './hub.ts'
import { openSession, openStream } from './raw.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const close of closing.splice(0).toReversed()) await close()
})

interface Door {
  readonly edge: HttpEdge
  readonly url: string
  readonly headers: { readonly authorization: string }
  readonly notes: ReturnType<typeof createUpstream>
  /** Takes the key back, or lets it lapse, and waits until the hub must have noticed. */
  end(how: 'revoke' | 'expire'): Promise<void>
}

/** A hub whose caller’s key the test ends, with a clock of its own. */
async function open(): Promise<Door> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const notes = createUpstream('notes')
  const hub = await startTestHub({ connectors: [notes] })
  closing.push(() => hub.close())
  let now = Date.now()
  const issued = issueKey({ name: 'desk', role: 'reader', scopes: [], organisation: 'default', expiresInMs: 3_600_000, now: () => now })
  let { record } = issued
  const store = { insert: async () => undefined, find: async () => record, list: async () => [record], revoke: async () => true, touch: () => undefined }
  const authenticator = createAuthenticator({ mode: 'keys', issuers: [], publicUrl: hub.url, keys: store, now: () => now })
  const edge = createHttpEdge({ ...hub.parts, authenticator, now: () => now })
  const server = createServer(edge.handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    await edge.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return {
    edge,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    headers: { authorization: `Bearer ${issued.key}` },
    notes,
    async end(how) {
      if (how === 'revoke') record = { ...record, revokedAt: new Date(now).toISOString() }
      now += how === 'revoke' ? 5_000 : 3_600_000
      await vi.advanceTimersByTimeAsync(5_000)
    },
  }
}

test.each(['revoke', 'expire'] as const)('the stream of a session ends, and the session with it: %s', async (how) => {
  const { edge, url, headers, notes, end } = await open()
  const session = await openSession(url, { headers })
  const stream = await openStream(url, { headers: session.headers })
  const post = { ...session.headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: 'hub://notes/note://one' } })
  await fetch(url, { method: 'POST', headers: post, body })
  notes.emit({ type: 'updated', uri: 'note://one' })
  await stream.next(({ method }) => method === 'notifications/resources/updated')
  await end(how)
  await stream.ended
  expect([edge.sessionsOpen(), notes.watched]).toEqual([0, []])
})

test.each(['revoke', 'expire'] as const)('a subscriptions/listen stream ends: %s', async (how) => {
  const { url, headers, notes, end } = await open()
  const stream = await openStream(url, {
    headers: { ...headers, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' },
    body: {
      jsonrpc: '2.0',
      id: 'l',
      method: 'subscriptions/listen',
      params: {
        notifications: { toolsListChanged: true, resourceSubscriptions: ['hub://notes/note://one'] },
        _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} },
      },
    },
  })
  await stream.next(({ method }) => method === 'notifications/subscriptions/acknowledged')
  expect(notes.watched).toEqual(['note://one'])
  await end(how)
  await stream.ended
  await expect.poll(() => notes.watched).toEqual([])
})

test('a token that lapses ends the stream and leaves the session to the token that comes next', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const hub = await startTestHub({ connectors: [createUpstream('notes')] })
  closing.push(() => hub.close())
  const principal = { id: 'ann', organisation: 'default', credential: 'issuer ann', role: 'reader', scopes: new Set<string>(), via: 'oauth' } as const
  let lapsed = ''
  const authenticate = vi.spyOn(hub.parts.authenticator, 'authenticate').mockImplementation(({ authorization }) => {
    if (authorization === lapsed) throw new HubError('HUB_UNAUTHENTICATED', 'the token has expired; get a new one', { reason: 'expired' })
    return principal
  })
  const session = await openSession(`${hub.url}/mcp`, { headers: { authorization: 'Bearer first' } })
  const stream = await openStream(`${hub.url}/mcp`, { headers: session.headers })
  lapsed = 'Bearer first'
  await vi.advanceTimersByTimeAsync(5_000)
  await stream.ended
  const again = await openStream(`${hub.url}/mcp`, { headers: { ...session.headers, authorization: 'Bearer second' } })
  expect([again.status, hub.edge.sessionsOpen()]).toEqual([200, 1])
  again.close()
  authenticate.mockRestore()
})
