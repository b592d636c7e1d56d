import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installEngine } from './clickhouse/install.ts'
import { inContainer } from './containers/switch.ts'
import { freePort } from './port.ts'
import { used } from './used.ts'

/** A ClickHouse that answers over HTTP. */
export interface RunningClickHouse {
  /** With login and database. */
  readonly url: string
  /** The same for a user whose profile says `readonly = 2`, or 1; absent on a server that was there before. */
  readonly readers?: { readonly two: string; readonly one: string }
  /** Runs a statement with the rights of the first user; the answer as text. Rejects with what the server says. */
  run(sql: string, settings?: Readonly<Record<string, string>>): Promise<string>
  /** Kills the server, and starts it again on the same port and data; absent on a server that was there before. */
  readonly outage?: { begin(): Promise<void>; end(): Promise<void> }
  stop(): Promise<void>
}

const component = 'ClickHouse (chdb)'
const owner = '<default><no_password/><profile>default</profile><quota>default</quota><networks><ip>127.0.0.1</ip><ip>::1</ip></networks></default>'
/** The users of the tests, who may come from `networks`, and others. */
const usersFrom = (networks: string, others = ''): string => `<clickhouse>
  <profiles><default/><two><readonly>2</readonly></two><one><readonly>1</readonly></one></profiles>
  <quotas><default/></quotas>
  <users>
    <hub><password>hub-password</password><profile>default</profile><quota>default</quota><networks>${networks}</networks></hub>
    <two><password>two-password</password><profile>two</profile><quota>default</quota><networks>${networks}</networks></two>
    <one><password>one-password</password><profile>one</profile><quota>default</quota><networks>${networks}</networks></one>
    ${others}
  </users>
</clickhouse>`

/**
 * Starts ClickHouse: the engine of npm chdb (ClickHouse 26.7) in a process of its own, with the HTTP server that the engine itself has (`SYSTEM START LISTEN HTTP`), its own users, and its data in
 * a temporary folder. Nothing stands between the driver and the engine. HUB_TEST_CLICKHOUSE, a URL, names a server to use instead; a database is made in it and dropped at the end.
 */
export async function startClickHouse(): Promise<RunningClickHouse | { readonly reason: string }> {
  const named = process.env['HUB_TEST_CLICKHOUSE']
  if (named !== undefined && named !== '') return useServer(named)
  if (inContainer('clickhouse')) return (await import('./containers/clickhouse.ts')).startClickHouseContainer({ users: usersFrom, reached, answers })
  const engine = await installEngine()
  if ('reason' in engine) return engine
  const folder = await mkdtemp(join(tmpdir(), 'hub-clickhouse-'))
  await writeFile(join(folder, 'users.xml'), usersFrom('<ip>127.0.0.1</ip>', owner))
  await writeFile(join(folder, 'config.xml'), `<clickhouse><users_config>${folder}/users.xml</users_config></clickhouse>`)
  const port = await freePort()
  const flags = [`--path=${folder}/data`, `--config-file=${folder}/config.xml`, `--http_port=${port}`, '--listen_host=127.0.0.1']
  const start = (): Promise<ChildProcess> => startServer([join(import.meta.dirname, 'clickhouse', 'server.ts'), engine.folder, ...flags], port)
  let server = await start().catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true })
    throw error
  })
  used(component)
  return {
    ...reached(port),
    outage: {
      begin: () => kill(server),
      end: async () => {
        server = await start()
      },
    },
    stop: async () => {
      await kill(server)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** How the users of the tests reach a server at this port. */
function reached(port: number): Pick<RunningClickHouse, 'url' | 'readers' | 'run'> {
  const url = `http://hub:hub-password@127.0.0.1:${port}/default`
  const readers = { two: `http://two:two-password@127.0.0.1:${port}/default`, one: `http://one:one-password@127.0.0.1:${port}/default` }
  return { url, readers, run: (sql, settings) => send(url, sql, settings) }
}

async function useServer(named: string): Promise<RunningClickHouse> {
  const url = new URL(named)
  const database = `hub_test_${process.pid}_${Date.now()}`
  await send(named, `CREATE DATABASE ${database}`)
  url.pathname = database
  used('ClickHouse (HUB_TEST_CLICKHOUSE)')
  return { url: url.href, run: (sql, settings) => send(url.href, sql, settings), stop: async () => void (await send(named, `DROP DATABASE ${database}`)) }
}

async function startServer(words: readonly string[], port: number): Promise<ChildProcess> {
  const said: string[] = []
  const child = spawn(process.execPath, [...words], { stdio: ['pipe', 'ignore', 'pipe'] })
  child.stderr.setEncoding('utf8').on('data', (text: string) => void said.push(text))
  const ended = once(child, 'exit')
  let hasEnded = false
  void ended.then(() => (hasEnded = true))
  while (!(await answers(port))) {
    if (hasEnded) throw new Error(`ClickHouse did not start: ${said.join('').slice(-500)}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return child
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ping`)).ok
  } catch {
    return false
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function send(url: string, sql: string, settings: Readonly<Record<string, string>> = {}): Promise<string> {
  const { origin, username, password, pathname } = new URL(url)
  const query = new URLSearchParams({ database: pathname.slice(1) || 'default', ...settings })
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`
  const response = await fetch(`${origin}/?${query.toString()}`, { method: 'POST', body: sql, headers: { authorization } })
  const text = await response.text()
  if (!response.ok || response.headers.has('x-clickhouse-exception-code')) throw new Error(text)
  return text
}
