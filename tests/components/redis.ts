import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inContainer } from './containers/switch.ts'
import { freePort } from './port.ts'
import { used } from './used.ts'

/** A Redis a test started; `stop` ends it and leaves nothing behind. */
export interface RunningRedis {
  readonly url: string
  readonly port: number
  readonly password: string
  /** Ends the server; what was in it is kept for `resume`, as after a restart with its data. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Ends the server at once; `resume` starts it with what the last `pause` kept. */
  crash(): Promise<void>
  /** Stops and continues the process: it is there and does not answer. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

const component = 'Redis (redis-server)'
const binary = process.env['HUB_TEST_REDIS'] ?? 'redis-server'
const password = 'hub-redis-password'
// A binary that is named is what is wanted.
const isInContainer = inContainer('redis') && process.env['HUB_TEST_REDIS'] === undefined

/** Why there is no Redis on this machine; undefined when there is one. HUB_TEST_REDIS names the binary, also of a Valkey. */
export function missingRedis(): string | undefined {
  if (isInContainer) return undefined
  const { status, error } = spawnSync(binary, ['--version'], { encoding: 'utf8' })
  if (status === 0) return undefined
  if (process.env['HUB_TEST_REDIS'] !== undefined) throw new Error(`HUB_TEST_REDIS is ${binary}, which does not run: ${String(error)}`)
  return `${component}: no redis-server on this machine (Debian package redis-server, or HUB_TEST_REDIS)`
}

/** Starts a real Redis on a free port of loopback, without persistence but what `pause` keeps. `flags` are as on its command line. */
export async function startRedis(flags: readonly string[] = []): Promise<RunningRedis> {
  const flagsOf = (port: number, address: string, folder: string): readonly string[] => [
    ...['--port', String(port), '--bind', address, '--dir', folder, '--save', '', '--appendonly', 'no'],
    ...['--requirepass', password, '--masterauth', password],
    ...flags,
  ]
  if (isInContainer) return (await import('./containers/redis.ts')).startRedisContainer({ password, flags: flagsOf, send })
  const folder = await mkdtemp(join(tmpdir(), 'hub-redis-'))
  const port = await freePort()
  const own = flagsOf(port, '127.0.0.1', folder)
  let child = await start(own, port)
  used(component)

  async function end(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  return {
    url: `redis://:${password}@127.0.0.1:${port}/0`,
    port,
    password,
    async pause() {
      await send(port, `AUTH ${password}\r\nSHUTDOWN SAVE\r\n`)
      if (child.exitCode === null) await once(child, 'exit')
    },
    crash: end,
    async resume() {
      child = await start(own, port)
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function start(args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text))
  for (;;) {
    if (child.exitCode !== null) throw new Error(`redis-server did not start: ${said.join('').slice(-500)}`)
    const answer = await send(port, `AUTH ${password}\r\nPING\r\n`).catch(() => '')
    if (answer.includes('PONG')) return child
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Sends inline commands and resolves with what came back until the first whole answer to the last, or the end. */
function send(port: number, commands: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      answer += text
      if (answer.split('\r\n').length > 2) socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(answer))
    socket.once('connect', () => socket.write(commands))
  })
}
