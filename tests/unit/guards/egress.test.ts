import type { lookup } from 'node:dns'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { getDefaultAutoSelectFamily, setDefaultAutoSelectFamily } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Dispatcher } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEgress } from '../../../runtime/guards/egress.ts'
import type { EgressOptions } from '../../../runtime/guards/egress.ts'

interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let servers: Server[] = []
let guards: ReturnType<typeof createEgress>[] = []
let seen: Seen[] = []

async function listen(answer: (req: IncomingMessage, res: ServerResponse) => void, host = '127.0.0.1'): Promise<string> {
  const server = createServer((req, res) => {
    const parts: Buffer[] = []
    req
      .on('data', (part: Buffer) => parts.push(part))
      .on('end', () => {
        seen.push({ method: req.method as string, path: req.url as string, headers: req.headers, body: Buffer.concat(parts).toString() })
        answer(req, res)
      })
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, host, done))
  return `http://${host}:${(server.address() as AddressInfo).port}`
}

function guard(options: EgressOptions): ReturnType<typeof createEgress> {
  const made = createEgress(options)
  guards.push(made)
  return made
}

/** A name server of the test's own. */
const names = (table: Record<string, readonly string[]>): typeof lookup =>
  ((host: string, _options: unknown, callback: (error: Error | null, addresses: unknown) => void) => {
    const found = table[host] ?? (/^[\d.:a-f]+$/.test(host) ? [host] : undefined)
    if (found === undefined) callback(Object.assign(new Error(`no such name ${host}`), { code: 'ENOTFOUND' }), [])
    else
      callback(
        null,
        found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
  }) as unknown as typeof lookup

const dispatch = (egress: ReturnType<typeof createEgress>, url: URL): Promise<number> =>
  new Promise((done, fail) => {
    ;(egress.dispatcher as Dispatcher).dispatch(
      { origin: url.origin, path: url.pathname, method: 'GET' },
      {
        onResponseStart: (_controller, status) => done(status),
        onResponseError: (_controller, error) => fail(error),
        onRequestStart: () => undefined,
        onResponseData: () => undefined,
        onResponseEnd: () => undefined,
      },
    )
  })

beforeEach(() => {
  servers = []
  guards = []
  seen = []
})
afterEach(async () => {
  await Promise.all(guards.map((made) => made.close()))
  for (const server of servers) server.closeAllConnections()
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
})

test('loopback is refused by check, fetch and dispatcher alike, and never connected to', async () => {
  const url = await listen((_req, res) => res.end('secret'))
  const egress = guard({ allow: [] })
  const denied = { code: 'HUB_EGRESS_DENIED', message: expect.stringContaining('name it under egress.allow') }
  await expect(egress.check(url)).rejects.toMatchObject(denied)
  await expect(egress.fetch(url)).rejects.toMatchObject(denied)
  await expect(dispatch(egress, new URL(url))).rejects.toMatchObject(denied)
  await expect(egress.fetch(url.replace('127.0.0.1', 'localhost'))).rejects.toMatchObject(denied)
  expect(seen).toEqual([])
})

test('an allowed range is reached', async () => {
  const url = await listen((_req, res) => res.end('hello'))
  const egress = guard({ allow: ['127.0.0.0/8'] })
  await egress.check(url)
  expect(await (await egress.fetch(new URL(url))).text()).toBe('hello')
  expect(await dispatch(egress, new URL(url))).toBe(200)
})

test('an allowed host name is reached whatever it resolves to, also when it is written as an address', async () => {
  const url = await listen((_req, res) => res.end('hello'))
  const egress = guard({ allow: ['intranet.example'], resolve: names({ 'intranet.example': ['127.0.0.1'] }) })
  await egress.check('http://intranet.example/')
  const named = url.replace('127.0.0.1', 'intranet.example')
  expect((await egress.fetch(named)).status).toBe(200)
  await expect(egress.fetch(url)).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED' })
})

test('a name that answers a public address to the check and a private one to the connection does not get through', async () => {
  const url = await listen((_req, res) => res.end('secret'))
  let asked = 0
  const rebinding = ((_host: string, _options: unknown, callback: (error: null, addresses: unknown) => void) => {
    asked++
    callback(null, [{ address: asked === 1 ? '93.184.216.34' : '127.0.0.1', family: 4 }])
  }) as unknown as typeof lookup
  const egress = guard({ allow: [], resolve: rebinding })
  const named = url.replace('127.0.0.1', 'rebind.example')
  await egress.check(named)
  await expect(egress.fetch(named)).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED' })
  expect(asked).toBe(2)
  expect(seen).toEqual([])
})

test('of several addresses only the allowed ones are connected to', async () => {
  const url = await listen((_req, res) => res.end('hello'))
  const egress = guard({ allow: ['127.0.0.1'], resolve: names({ 'both.example': ['10.255.255.1', '127.0.0.1'] }) })
  expect(await (await egress.fetch(url.replace('127.0.0.1', 'both.example'))).text()).toBe('hello')
})

test('a Node that tries one address only gets an allowed one', async () => {
  const url = await listen((_req, res) => res.end('hello'))
  const egress = guard({ allow: ['127.0.0.1'], resolve: names({ 'both.example': ['10.255.255.1', '127.0.0.1'] }) })
  const before = getDefaultAutoSelectFamily()
  setDefaultAutoSelectFamily(false)
  try {
    expect(await (await egress.fetch(url.replace('127.0.0.1', 'both.example'))).text()).toBe('hello')
  } finally {
    setDefaultAutoSelectFamily(before)
  }
})

test('a name without an address is told as what it is', async () => {
  const egress = guard({ allow: [], resolve: names({}) })
  await expect(egress.check('https://nowhere.example/')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  await expect(egress.fetch('http://nowhere.example/')).rejects.toThrow('fetch failed')
})

test.each([['file:///etc/passwd'], ['ftp://example.com/'], ['gopher://example.com/'], ['data:text/plain,hello']])(
  '%s is refused: not a protocol of the web',
  async (url) => {
    await expect(guard({ allow: [] }).fetch(url)).rejects.toMatchObject({
      code: 'HUB_EGRESS_DENIED',
      message: expect.stringContaining('use http, https, ws or wss'),
    })
  },
)

test('what is no URL is refused', async () => {
  await expect(guard({ allow: [] }).check('not a url')).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED', message: expect.stringContaining('is not a URL') })
})

test('a redirect to a private address is refused at the hop', async () => {
  const inner = await listen((_req, res) => res.end('metadata'), '127.0.0.2')
  const outer = await listen((_req, res) => res.writeHead(302, { location: `${inner}/latest/meta-data` }).end())
  const egress = guard({ allow: ['127.0.0.1'] })
  await expect(egress.fetch(outer)).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED' })
  expect(seen.map(({ path }) => path)).toEqual(['/'])
})

test('a redirect to another protocol, or to nothing that is an address, is refused', async () => {
  const file = await listen((_req, res) => res.writeHead(302, { location: 'file:///etc/passwd' }).end())
  const broken = await listen((_req, res) => res.writeHead(302, { location: 'http://[' }).end())
  const egress = guard({ allow: ['127.0.0.0/8'] })
  await expect(egress.fetch(file)).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED' })
  await expect(egress.fetch(broken)).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED' })
})

test('nothing that may be a credential crosses origins on a redirect; within one origin all headers stay', async () => {
  const other = await listen((_req, res) => res.end('there'), '127.0.0.2')
  const first = await listen((req, res) =>
    req.url === '/again' ? res.writeHead(307, { location: other }).end() : res.writeHead(307, { location: '/again' }).end(),
  )
  const egress = guard({ allow: ['127.0.0.0/8'] })
  const headers = { authorization: 'Bearer t', cookie: 'a=b', 'x-api-key': 'k', accept: 'text/plain' }
  expect(await (await egress.fetch(first, { headers })).text()).toBe('there')
  expect(seen[1]?.headers).toMatchObject(headers)
  expect(seen[2]?.headers.accept).toBe('text/plain')
  for (const name of ['authorization', 'cookie', 'x-api-key']) expect(seen[2]?.headers).not.toHaveProperty(name)
})

test.each([
  { status: 301, method: 'POST', becomes: 'GET', body: '' },
  { status: 302, method: 'POST', becomes: 'GET', body: '' },
  { status: 303, method: 'PUT', becomes: 'GET', body: '' },
  { status: 303, method: 'HEAD', becomes: 'HEAD', body: '' },
  { status: 302, method: 'PUT', becomes: 'PUT', body: 'x' },
  { status: 307, method: 'POST', becomes: 'POST', body: 'x' },
  { status: 308, method: 'POST', becomes: 'POST', body: 'x' },
])('$status of a $method becomes a $becomes', async ({ status, method, becomes, body }) => {
  const url = await listen((req, res) => (req.url === '/' ? res.writeHead(status, { location: '/next' }).end() : res.end('ok')))
  const egress = guard({ allow: ['127.0.0.0/8'] })
  await egress.fetch(url, { method, body: method === 'HEAD' ? undefined : 'x', headers: { 'content-type': 'text/plain' } })
  expect(seen[1]).toMatchObject({ method: becomes, path: '/next', body })
  expect('content-type' in (seen[1]?.headers ?? {})).toBe(becomes !== 'GET')
})

test('a streamed body is not sent twice', async () => {
  const url = await listen((_req, res) => res.writeHead(307, { location: '/next' }).end())
  const body = new Blob(['x']).stream()
  const fetched = guard({ allow: ['127.0.0.0/8'] }).fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit)
  await expect(fetched).rejects.toMatchObject({ message: expect.stringContaining('streamed body') })
})

test('five redirects are followed, a sixth is not', async () => {
  const url = await listen((req, res) => {
    const left = Number(req.url?.slice(1))
    if (left === 0) res.end('arrived')
    else res.writeHead(302, { location: `/${left - 1}` }).end()
  })
  const egress = guard({ allow: ['127.0.0.0/8'] })
  expect(await (await egress.fetch(`${url}/5`)).text()).toBe('arrived')
  await expect(egress.fetch(`${url}/6`)).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED', message: expect.stringContaining('more than 5 times') })
})

test('redirect: manual hands the redirect out, redirect: error refuses it', async () => {
  const url = await listen((_req, res) => res.writeHead(302, { location: '/next' }).end())
  const egress = guard({ allow: ['127.0.0.0/8'] })
  expect((await egress.fetch(url, { redirect: 'manual' })).headers.get('location')).toBe('/next')
  await expect(egress.fetch(url, { redirect: 'error' })).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED' })
})

test('an abort reaches the request', async () => {
  const url = await listen(() => undefined)
  const stop = new AbortController()
  const fetched = guard({ allow: ['127.0.0.0/8'] }).fetch(url, { signal: stop.signal })
  stop.abort()
  await expect(fetched).rejects.toMatchObject({ name: 'AbortError' })
})

test('closing twice, or before anything was sent, is no fault', async () => {
  const egress = createEgress({ allow: [] })
  await egress.close()
  await expect(egress.close()).resolves.toBeUndefined()
})
