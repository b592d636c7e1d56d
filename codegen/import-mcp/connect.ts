import { Client, SdkError, SdkErrorCode, SdkHttpError, SseError } from '@modelcontextprotocol/client'
import { HubError } from '../../runtime/contract/errors.ts'
import { childEnvironment, resolveCommand } from '../../runtime/kinds/mcp/command.ts'
import { Failure } from '../../runtime/kinds/mcp/faults.ts'
import { openStdio } from '../../runtime/kinds/mcp/stdio.ts'
import { spawnTree } from '../../runtime/kinds/mcp/tree.ts'
import { openHttp, type HttpReach, type Road } from './http.ts'
import { recognisePackage } from './package.ts'

/** Where a server to import is: a program to start, or an address. */
export type ImportTarget = { readonly command: string; readonly args: readonly string[] } | { readonly url: string }

/** How to reach it. */
export interface Connection extends HttpReach {
  readonly target: ImportTarget
  readonly env: Readonly<Record<string, string>>
  /** For everything: connecting and reading. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** What every request of an import is sent with. */
export interface Bounds {
  readonly timeout: number
  readonly signal: AbortSignal
}

// Some servers list a tool only to a client that can do what the tool asks for; no tool is called here.
const everything = { sampling: {}, elicitation: { form: {}, url: {} }, roots: {} }
const keptOutput = 2_000
const grace = { inputMs: 500, termMs: 1_000 }

/** Connects in whichever era the server speaks, lends the client to `work` and closes everything again. Rejects with a HubError that says what is wrong with the target. */
export async function withServer<Result>(connection: Connection, work: (client: Client, bounds: Bounds) => Promise<Result>): Promise<Result> {
  const late = AbortSignal.timeout(connection.timeoutMs)
  const signal = connection.signal === undefined ? late : AbortSignal.any([connection.signal, late])
  const bounds = { timeout: connection.timeoutMs, signal }
  const output = new Printed()
  try {
    return await visit(connection, 'auto', bounds, output, work).catch((error: unknown) => {
      // Some servers of the older era end at the first request they do not know.
      if ('url' in connection.target || !endedEarly(error)) throw error
      return visit(connection, 'legacy', bounds, output, work)
    })
  } catch (error) {
    throw explain(error, connection, output.text, late.aborted)
  }
}

async function visit<Result>(
  connection: Connection,
  mode: 'auto' | 'legacy',
  bounds: Bounds,
  output: Printed,
  work: (client: Client, bounds: Bounds) => Promise<Result>,
): Promise<Result> {
  const { transport, close, refused } = openTransport(connection, output)
  const client = new Client(
    { name: 'hub-import', version: '1' },
    { capabilities: everything, versionNegotiation: { mode, probe: { timeoutMs: Math.min(5_000, bounds.timeout) } } },
  )
  client.setRequestHandler('roots/list', () => ({ roots: [] }))
  try {
    return await before(bounds.signal, async () => {
      await client.connect(transport, bounds)
      return work(client, bounds)
    })
  } catch (error) {
    throw refused?.() ?? error
  } finally {
    await client.close().catch(() => undefined)
    await close()
  }
}

/** The last of what a child printed where no message was expected. */
class Printed {
  text = ''

  add(line: string): void {
    this.text = `${this.text}\n${line}`.slice(-keptOutput)
  }
}

/** What `act` comes to, or the signal's reason: some transports wait on a silent server whatever they are told. */
function before<Result>(signal: AbortSignal, act: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    act().then(resolve, reject)
  })
}

function openTransport(connection: Connection, output: Printed): Road {
  const { target, env } = connection
  if ('url' in target) return openHttp(target.url, connection)
  const known = recognisePackage(target.command, target.args)
  const config = known === undefined ? { command: target.command, args: target.args } : { package: known.package, args: known.args }
  const tree = spawnTree(resolveCommand(config, process.cwd(), childEnvironment(env, process.env)), grace)
  const link = openStdio({
    connector: target.command,
    tree,
    receiver: { waits: () => false, receive: () => false, lose: () => undefined, broken: () => undefined },
    printed: (_stream, text) => output.add(text),
  })
  return { transport: link.transport, close: () => link.close() }
}

function explain(error: unknown, { target, timeoutMs, env, headers, signal }: Connection, output: string, late: boolean): HubError {
  if (error instanceof HubError) return error
  if (error instanceof Failure) return new HubError('HUB_SETUP', error.message, {}, error)
  const name = 'url' in target ? target.url : target.command
  const cause = error instanceof Error ? error : new Error(String(error))
  const said = scrub(lastLines(output), [...Object.values(env), ...Object.values(headers)])
  const printed = said === '' ? '' : `; it printed: ${said}`
  if (signal?.aborted) return new HubError('HUB_CANCELLED', `the import of ${name} was cancelled`, {}, error)
  if (late || (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)) {
    return new HubError(
      'HUB_TIMEOUT',
      `${name} did not answer within ${timeoutMs / 1000} s: is it an MCP server${'url' in target ? '' : ' that speaks on its standard streams'}${printed}`,
      {},
      error,
    )
  }
  const status = statusOf(error)
  if (status === 401 || status === 403)
    return new HubError('HUB_UPSTREAM_FAILED', `${name} asks for a credential (HTTP ${status}): give it as a header`, {}, error)
  if (status !== undefined)
    return new HubError('HUB_UPSTREAM_FAILED', `${name} answered HTTP ${status}, which is not how an MCP server answers: is the path right`, {}, error)
  if (codeOf(error) !== undefined || /fetch failed|ECONN|ENOTFOUND/.test(cause.message)) {
    return new HubError(
      'HUB_CONNECTOR_DOWN',
      `${name} cannot be reached (${codeOf(error) ?? cause.message}): is it running, and is the address right`,
      {},
      error,
    )
  }
  if (endedEarly(error)) {
    return new HubError('HUB_UPSTREAM_FAILED', `${name} ended before it answered${printed}`, {}, error)
  }
  return new HubError('HUB_UPSTREAM_FAILED', `${name} does not answer as an MCP server does: ${firstLine(cause.message)}${printed}`, {}, error)
}

function endedEarly(error: unknown): boolean {
  return error instanceof SdkError && (error.code === SdkErrorCode.ConnectionClosed || /connection closed/.test(error.message))
}

/** The system error code somewhere down the chain of causes. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException
    if (typeof code === 'string' && /^(E[A-Z]+|UND_ERR_[A-Z_]+)$/.test(code)) return code
    if (at instanceof AggregateError) return codeOf(at.errors[0])
  }
  return undefined
}

function statusOf(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof SdkHttpError) return at.status
    if (at instanceof SseError && at.code !== undefined && at.code !== 200) return at.code
  }
  return undefined
}

/** The readable part of a message that may go on with a schema's whole complaint. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/[\s[{:]+$/, '').slice(0, 200)
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-3).join(' · ')
}

function scrub(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length > 3).reduce((scrubbed, secret) => scrubbed.replaceAll(secret, '[secret]'), text)
}
