import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { HubError } from '../../runtime/contract/errors.ts'
import type { Json, JsonObject } from '../../runtime/contract/json.ts'
import type { Definitions } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import type { McpConfig } from '../../runtime/kinds/mcp/config.ts'
import { listenBare } from '../fixtures/upstreams/bare.ts'
import { isAlive, openMcp, stdioOf, structuredOf, textOf, until } from '../fixtures/upstreams/lent.ts'
import type { Opened, OpenOptions } from '../fixtures/upstreams/lent.ts'
import { listenLegacy } from '../fixtures/upstreams/legacy.ts'
import { listenModern } from '../fixtures/upstreams/modern.ts'

let opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of opened.toReversed()) await one.close()
  opened = []
})

async function open(config: McpConfig, options?: OpenOptions): Promise<Opened> {
  const one = await openMcp(config, options)
  opened.push(one)
  return one
}
const pidOf = async ({ call }: Opened): Promise<number> => structuredOf(await call('state')).pid as number
const pinned = (tools: readonly object[]): Definitions => ({
  server: {},
  capabilities: { prompts: {} },
  tools: tools as readonly JsonObject[],
  prompts: [{ name: 'pinned prompt' }],
  resources: [],
  resourceTemplates: [],
})

describe('a child', () => {
  test('that crashes mid-call fails that call, and the next one starts it again', async () => {
    const one = await open(stdioOf('legacy'))
    const before = await pidOf(one)
    await expect(one.call('crash')).rejects.toMatchObject({
      code: 'HUB_CONNECTOR_DOWN',
      message: expect.stringMatching(/exited with code 7 before it answered; try again/),
      details: { retryAfterMs: expect.any(Number) },
    })
    expect(one.health.at(-1)).toMatchObject({ state: 'down' })
    expect(await pidOf(one)).not.toBe(before)
    expect(one.health.at(-1)).toMatchObject({ state: 'up' })
  })

  test('that crashes in a write leaves its outcome unknown, and says so instead of inviting a repeat', async () => {
    const { call } = await open(stdioOf('legacy'), { effect: 'write' })
    await expect(call('crash')).rejects.toMatchObject({
      code: 'HUB_CONNECTOR_DOWN',
      message: expect.stringContaining('its outcome is unknown'),
      details: { outcome: 'unknown' },
    })
  })

  test('that cannot be started is given more and more time, and calls are refused meanwhile', async () => {
    const one = await open({ command: process.execPath, args: ['-e', 'process.exit(1)'] })
    const refusals: number[] = []
    for (let attempt = 0; attempt < 30; attempt++) {
      const error = (await one.call('echo').catch((reason: unknown) => reason)) as HubError
      expect(error.code).toBe('HUB_CONNECTOR_DOWN')
      refusals.push(error.details.retryAfterMs as number)
    }
    expect(one.log.filter(({ message }) => message === 'upstream could not be started').length).toBeLessThanOrEqual(3)
    expect(refusals.at(-1)).toBeGreaterThan(refusals[0] as number)
  })

  test('that prints text among its messages is understood all the same, and the text is logged scrubbed', async () => {
    const one = await open(stdioOf('modern', { FIXTURE_NOISE: '1', FIXTURE_STDERR: 'password hunter2 accepted' }), { protect: ['hunter2'] })
    expect(textOf(await one.call('babble'))).toBe('babbled')
    const lines = one.log.filter(({ message }) => message.includes('printed text')).map(({ fields }) => fields.line)
    expect(lines).toEqual(['starting up, please wait', 'this is not a message', '{"nor":"is this"}'])
    expect(one.log.find(({ message }) => message.includes('error output'))?.fields.line).toBe('password [secret] accepted')
  })

  test.each([
    ['nothing', /neither a result nor an error/],
    ['shape', /content is not a list/],
    ['flood', /longer than 16777216 characters/],
  ])('that answers garbage (%s) fails the call and serves the next', async (tool, message) => {
    const { call } = await open(stdioOf('bare'))
    await expect(call(tool)).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.stringMatching(message) })
    expect(textOf(await call('echo'))).toBe('ok')
  })

  test('that hangs in one call holds up no other', async () => {
    const { call } = await open(stdioOf('legacy'))
    await call('echo', { text: 'started' })
    const [hanging, meanwhile] = await Promise.allSettled([call('hang', {}, { signal: AbortSignal.timeout(200) }), call('echo', { text: 'meanwhile' })])
    expect(meanwhile).toMatchObject({ status: 'fulfilled' })
    expect(hanging).toMatchObject({ reason: { code: 'HUB_TIMEOUT' } })
  })

  test('that stops answering altogether is replaced after three probes', async () => {
    const one = await open(stdioOf('legacy'))
    const pid = await pidOf(one)
    process.kill(pid, 'SIGSTOP')
    for (let probe = 0; probe < 3; probe++) expect(await one.connector.check(AbortSignal.timeout(50))).toMatchObject({ state: 'down' })
    expect(await pidOf(one)).not.toBe(pid)
    await until('the old child to be gone', () => !isAlive(pid))
  })

  test('that is gone is tried again by the probes, without any call', async () => {
    const one = await open(stdioOf('legacy'))
    const pid = await pidOf(one)
    process.kill(pid, 'SIGKILL')
    await until('the loss to be seen', () => one.health.at(-1)?.state === 'down')
    expect(await one.connector.check(AbortSignal.timeout(20_000))).toMatchObject({ state: 'up' })
  })

  test('sees the variables the manifest names and four of the hub’s, nothing else', async () => {
    process.env.HUB_SECRET_OF_ITS_OWN = 'x'
    const { call } = await open(stdioOf('legacy', { FIXTURE_GIVEN: 'given' }))
    const { names, given } = structuredOf(await call('environment')) as { names: string[]; given: string }
    delete process.env.HUB_SECRET_OF_ITS_OWN
    expect(given).toBe('given')
    expect(names.filter((name) => !['PATH', 'HOME', 'TMPDIR', 'LANG', 'FIXTURE_GIVEN'].includes(name))).toEqual([])
  })

  test('gets secrets in its environment, and an optional one that has no value is left out', async () => {
    const { call } = await open({ ...stdioOf('legacy'), env: { FIXTURE_GIVEN: new Secret('s3cret', 'env:X'), FIXTURE_NONE: null } })
    const { names, given } = structuredOf(await call('environment')) as { names: string[]; given: string }
    expect(given).toBe('s3cret')
    expect(names).not.toContain('FIXTURE_NONE')
  })

  test.each([
    [{ command: 'no-such-program-anywhere' }, 'not on the PATH; install it'],
    [{ command: './no-such-file' }, 'not a program that can be run'],
    [{ command: process.execPath, cwd: 'no-such-folder' }, 'does not exist; create it or change cwd'],
  ])('that cannot be started says why and what to do: %o', async (config, message) => {
    const { call, connector } = await open(config)
    await expect(call('echo')).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining(message) })
    expect(await connector.check(AbortSignal.timeout(1000))).toMatchObject({ state: 'down', detail: expect.stringContaining(message) })
  })

  test('whose last words were an error tells them to the operator, not to the caller', async () => {
    const { call, connector } = await open({ command: process.execPath, args: ['-e', 'console.error("no licence file"); process.exit(1)'] })
    await expect(call('echo')).rejects.toMatchObject({ message: expect.not.stringContaining('licence') })
    expect(await connector.check(AbortSignal.timeout(1000))).toMatchObject({ state: 'down', detail: expect.stringContaining('no licence file') })
  })

  test('of the older era that ends at a message it does not know is started anew, and known by then', async () => {
    const store = new Map<string, Json>()
    const first = await open(stdioOf('bare', { FIXTURE_FRAGILE: '1' }), { store })
    expect(textOf(await first.call('echo'))).toBe('ok')
    expect([...store.values()]).toEqual(['legacy'])
    const second = await open(stdioOf('bare', { FIXTURE_FRAGILE: '1' }), { store })
    expect(textOf(await second.call('echo'))).toBe('ok')
    expect(second.log.filter(({ message }) => message === 'upstream could not be started')).toEqual([])
  })
})

describe('no process is left behind', () => {
  test('close ends the child, what it started, and is done when they are gone', async () => {
    const one = await openMcp(stdioOf('legacy'))
    const pid = await pidOf(one)
    const grandchild = structuredOf(await one.call('spawn')).pid as number
    expect([isAlive(pid), isAlive(grandchild)]).toEqual([true, true])
    await one.close()
    expect(isAlive(pid)).toBe(false)
    expect(running(grandchild)).toBe(false)
  })

  test('a crash ends what the child had started', async () => {
    const { call } = await open(stdioOf('legacy'))
    const grandchild = structuredOf(await call('spawn')).pid as number
    await expect(call('crash')).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    await until('the grandchild to be gone', () => !running(grandchild))
  })

  test('forty calls at once start one child, twenty sessions end twenty children', async () => {
    const one = await open(stdioOf('bare'))
    await Promise.all(Array.from({ length: 40 }, () => one.call('echo')))
    expect(children('upstreams/bare.ts')).toBe(1)
    const many = await Promise.all(Array.from({ length: 5 }, () => openMcp(stdioOf('bare'))))
    await Promise.all(many.map(({ call }) => call('echo')))
    expect(children('upstreams/bare.ts')).toBe(6)
    await Promise.all(many.map(({ close }) => close()))
    expect(children('upstreams/bare.ts')).toBe(1)
  })

  test('closing twice, before the start, or during it, is no fault', async () => {
    const early = await openMcp(stdioOf('bare'))
    await early.close()
    await early.close()
    const during = await openMcp(stdioOf('bare'))
    const call = during.call('echo')
    await Promise.all([during.close(), expect(call).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })])
    expect(children('upstreams/bare.ts')).toBe(0)
  })

  test('closing does not wait for a child that never gets ready', async () => {
    const one = await openMcp({ command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000) // never ready'] })
    const call = one.call('echo').catch((error: unknown) => error)
    await until('the child', () => children('never ready') === 1)
    await one.close()
    expect(await call).toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    expect(children('never ready')).toBe(0)
  })

  test('a hub that exits without closing takes its children with it', async () => {
    const script = `
      import { openMcp, stdioOf, structuredOf } from '${import.meta.dirname}/../fixtures/upstreams/lent.ts'
      const one = await openMcp(stdioOf('legacy'))
      console.log(structuredOf(await one.call('state')).pid, structuredOf(await one.call('spawn')).pid)
      process.exit(0)`
    const pids = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim().split(' ').map(Number)
    expect(pids).toHaveLength(2)
    for (const pid of pids) await until(`process ${pid} to be gone`, () => !running(pid))
  })

  test('an idle child is stopped, stays well, and starts at the next call', async () => {
    const one = await open({ ...stdioOf('bare'), idle: '100ms' })
    await one.call('echo')
    // Being probed is no use.
    await until('the child to be stopped', async () => (await one.connector.check(AbortSignal.timeout(1000)), children('upstreams/bare.ts') === 0))
    expect(await one.connector.check(AbortSignal.timeout(1000))).toMatchObject({ state: 'up', detail: expect.stringContaining('asleep') })
    expect(children('upstreams/bare.ts')).toBe(0)
    expect(textOf(await one.call('echo'))).toBe('ok')
  })
})

describe('start', () => {
  test('an eager upstream starts without a call, and again when it is lost', async () => {
    const one = await open({ ...stdioOf('legacy'), start: 'eager' })
    await until('the start', () => one.health.at(-1)?.state === 'up')
    process.kill(await pidOf(one), 'SIGKILL')
    await until('the second start', () => one.health.length === 3)
    expect(one.health.map(({ state }) => state)).toEqual(['up', 'down', 'up'])
  })

  test('a connection without tools is a failed start when tools are pinned', async () => {
    const { call, connector } = await open(stdioOf('modern', { FIXTURE_TOOLLESS: '1' }))
    await expect(call('echo', { text: 'x' })).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('without any tool') })
    expect(await connector.check(AbortSignal.timeout(1000))).toMatchObject({ state: 'down' })
  })

  test('what differs from the pinned definitions is logged, and served as pinned', async () => {
    const tools = [
      {
        name: 'echo',
        description: 'Another text',
        inputSchema: { properties: { text: { type: 'string' } }, type: 'object', required: ['text'] },
        annotations: { readOnlyHint: true },
      },
      { name: 'fail', description: 'Answers an error of its own', inputSchema: { required: [], properties: {}, type: 'object' } },
      { name: 'was_here', inputSchema: { type: 'object' } },
    ]
    const { call, log } = await open(stdioOf('legacy'), { definitions: pinned(tools) })
    await call('echo', { text: 'x' })
    const drift = log.filter(({ fields }) => fields.code === 'HUB_CONFIG_DRIFT').map(({ fields: { tool, change, members } }) => ({ tool, change, members }))
    expect(drift).toEqual([
      { tool: 'echo', change: 'changed', members: ['description'] },
      { tool: 'was_here', change: 'gone', members: [] },
    ])
  })
})

describe('an HTTP upstream', () => {
  test('that is not there fails at once with a time to retry, and is used when it comes', async () => {
    const gone = await listenBare()
    await gone.close()
    const { call, connector } = await open({ url: gone.url })
    await expect(call('echo')).rejects.toMatchObject({
      code: 'HUB_CONNECTOR_DOWN',
      message: expect.stringContaining('ECONNREFUSED'),
      details: { retryAfterMs: expect.any(Number) },
    })
    expect(await connector.check(AbortSignal.timeout(1000))).toMatchObject({ state: 'down' })
    opened.push(await listenBare(Number(new URL(gone.url).port)))
    await until('the upstream to be used again', async () => (await connector.check(AbortSignal.timeout(1000))).state === 'up')
    expect(textOf(await call('echo'))).toBe('ok')
  })

  test('that goes away and comes back is used again without a restart of the hub', async () => {
    const first = await listenLegacy()
    const one = await open({ url: first.url })
    expect(textOf(await one.call('echo', { text: 'a' }))).toBe('a')
    await first.close()
    await expect(one.call('echo', { text: 'b' })).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
    opened.push(await listenLegacy({ port: first.port }))
    await until('the upstream to be used again', async () =>
      one.call('echo', { text: 'c' }).then(
        () => true,
        () => false,
      ),
    )
  })

  test('that ends a stream and wants it resumed is asked for the rest', async () => {
    const server = await standIn((body, _path, headers) => {
      if (headers['last-event-id'] === 'first')
        return {
          status: 200,
          headers: { 'content-type': 'text/event-stream' },
          body: `data: {"jsonrpc":"2.0","id":${idOf(resumable)},"result":{"content":[{"type":"text","text":"resumed"}]}}\n\n`,
        }
      if (!body.includes('"tools/call"')) return undefined
      resumable = body
      return {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        body: 'id: first\nretry: 10\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}\n\n',
      }
    }, true)
    let resumable = ''
    const { call } = await open({ url: server, era: 'legacy' })
    expect(textOf(await call('echo'))).toBe('resumed')
  })

  test('that forgot the session is given a new one, and the call goes through', async () => {
    const server = await listenLegacy()
    opened.push(server)
    const { call } = await open({ url: server.url })
    await call('echo', { text: 'a' })
    const before = server.lastHeaders()['mcp-session-id']
    await server.forget()
    const answers = await Promise.all(['b', 'c', 'd'].map((text) => call('echo', { text }, {})))
    expect(answers.map(textOf)).toEqual(['b', 'c', 'd'])
    expect(server.lastHeaders()['mcp-session-id']).not.toBe(before)
    expect(server.sessions()).toBe(1)
  })

  test('is told when its session is no longer needed', async () => {
    const server = await listenLegacy()
    opened.push(server)
    const one = await openMcp({ url: server.url })
    await one.call('echo', { text: 'a' })
    expect(server.sessions()).toBe(1)
    await one.close()
    await until('the session to be ended', () => server.sessions() === 0)
  })

  test.each([
    ['silent', /ended the stream without an answer/],
    ['forever', /ended the stream without an answer/],
    ['nothing', /neither a result nor an error/],
    ['flood', /more than 16777216 bytes/],
  ])('that answers garbage (%s) fails the call and serves the next', async (tool, message) => {
    const server = await listenBare()
    opened.push(server)
    const { call } = await open({ url: server.url })
    await expect(call(tool)).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED', message: expect.stringMatching(message) })
    expect(textOf(await call('echo'))).toBe('ok')
  })

  test.each([
    [401, 'HUB_UPSTREAM_FAILED', /refuses the hub \(status 401\)/],
    [403, 'HUB_UPSTREAM_FAILED', /refuses the hub \(status 403\)/],
    [429, 'HUB_LIMITED', /too many calls/],
    [500, 'HUB_UPSTREAM_FAILED', /status 500/],
    [503, 'HUB_CONNECTOR_DOWN', /status 503/],
  ])('that answers a call with status %i is told as what it is', async (status, code, message) => {
    const server = await standIn(() => ({ status, headers: { 'retry-after': '3' } }))
    const { call } = await open({ url: server, era: 'legacy' })
    await expect(call('echo')).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('that drops the connection fails a write with its outcome unknown, and is asked once more for a read', async () => {
    let dropped = 0
    const server = await standIn(() => (dropped++ === 0 ? 'drop' : undefined))
    const reads = await open({ url: server, era: 'legacy' })
    expect(textOf(await reads.call('echo'))).toBe('ok')
    dropped = 0
    const writes = await open({ url: server, era: 'legacy' }, { effect: 'write' })
    await expect(writes.call('echo')).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { outcome: 'unknown' } })
    expect(dropped).toBe(1)
  })

  test('that moved within its origin is followed', async () => {
    const server = await standIn((_body, path) => (path === '/mcp' ? { status: 307, headers: { location: '/mcp/' } } : undefined), true)
    const { call } = await open({ url: server, era: 'legacy' })
    expect(textOf(await call('echo'))).toBe('ok')
    expect(textOf(await call('echo'))).toBe('ok')
  })

  test('outside the allowed addresses is refused by the egress guard, as an error of the manifest', async () => {
    const { call } = await open({ url: 'http://10.255.255.1/mcp' })
    await expect(call('echo')).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED' })
    const sse = await open({ url: 'http://10.255.255.1/sse', transport: 'sse' })
    await expect(sse.call('echo')).rejects.toMatchObject({ code: 'HUB_EGRESS_DENIED' })
  })

  test('of the newer era keeps no session and opens no event stream for a call', async () => {
    const server = await listenModern()
    opened.push(server)
    const { call } = await open({ url: server.url, era: 'modern' })
    await call('echo', { text: 'a' })
    expect(server.requests.get('GET')).toBeUndefined()
    expect(server.lastHeaders()).not.toHaveProperty('mcp-session-id')
  })

  test('that a manifest says is of the newer era and is not, fails at the start', async () => {
    const server = await listenLegacy()
    opened.push(server)
    const { call } = await open({ url: server.url, era: 'modern' })
    await expect(call('echo', { text: 'a' })).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN' })
  })

  test('over HTTP+SSE whose stream ends is connected again', async () => {
    const first = await listenLegacy()
    const one = await open({ url: first.sseUrl, transport: 'sse' })
    const hanging = one
      .call('echo', { text: 'a' })
      .then(() => one.call('hang'))
      .catch((error: unknown) => error)
    await until('the call to be there', () => first.world.calls === 2)
    await first.close()
    expect(await hanging).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('ended its event stream before it answered') })
    opened.push(await listenLegacy({ port: first.port }))
    await until('the upstream to be used again', async () =>
      one.call('echo', { text: 'c' }).then(
        () => true,
        () => false,
      ),
    )
  })
})

/** The bare server with some of its answers replaced; calls only, unless `all`. */
async function standIn(
  answer: (body: string, path: string, headers: IncomingHttpHeaders) => 'drop' | { status: number; headers: Record<string, string>; body?: string } | undefined,
  all = false,
): Promise<string> {
  const { bareAnswer } = await import('../fixtures/upstreams/bare.ts')
  const server = createServer((req, res) => {
    let body = ''
    req
      .on('data', (part) => (body += part))
      .on('end', () => {
        const instead = all || body.includes('"tools/call"') ? answer(body, req.url as string, req.headers) : undefined
        if (instead === 'drop') return req.socket.destroy()
        if (instead !== undefined) return res.writeHead(instead.status, instead.headers).end(instead.body)
        const text = bareAnswer(body)
        if (text === undefined) return res.writeHead(req.method === 'POST' ? 202 : 405).end()
        return res.writeHead(200, { 'content-type': 'application/json' }).end(text)
      })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  opened.push({
    close: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(done))
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

const idOf = (body: string): string => String(/"id":(\d+)/.exec(body)?.[1])

/** How many processes of this one run a script. */
function children(script: string): number {
  return execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(script)).length
}

/** True while a process runs; one that ended and was not collected yet does not. */
function running(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .startsWith('Z')
  } catch {
    return false
  }
}
