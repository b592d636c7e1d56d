import { readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { HubError } from '../../runtime/contract/errors.ts'
import { createEgress } from '../../runtime/guards/egress.ts'

const mostBytes = 32 * 1024 * 1024
const defaultTimeoutMs = 30_000

/** What may be reached to read a document. */
export interface Reach {
  /** `egress.allow` of hub.config.yaml. */
  readonly allow?: readonly string[]
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** True for an address as opposed to a path. */
export const isAddress = (location: string): boolean => /^https?:\/\//i.test(location)

/** Reads a document from a path or through the egress guard from an address. `named` is what the command line said, where another document led here. Rejects HUB_CONFIG_FILE, HUB_CONNECTOR_DOWN, HUB_TIMEOUT, HUB_UPSTREAM_FAILED or HUB_EGRESS_DENIED. */
export function readLocation(location: string, reach: Reach, named = location): Promise<string> {
  return isAddress(location) ? fetchText(location, reach, named) : readLocal(location.startsWith('file:') ? fileURLToPath(location) : location)
}

async function readLocal(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > mostBytes) throw new HubError('HUB_CONFIG_FILE', `${path} is larger than ${mostBytes} bytes: take the part of it you need`)
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    if (error instanceof HubError) throw error
    const { code } = error as NodeJS.ErrnoException
    const fact = code === 'ENOENT' ? 'is not there' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`
    throw new HubError('HUB_CONFIG_FILE', `${path} ${fact}: give the path of a file, or an address that begins with https://`, {}, error)
  }
}

async function fetchText(address: string, { allow = [], timeoutMs = defaultTimeoutMs, signal }: Reach, named: string): Promise<string> {
  const late = AbortSignal.timeout(timeoutMs)
  const egress = createEgress({ allow: [...allow, ...namedLoopback(named)] })
  try {
    const response = await egress.fetch(address, {
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
      headers: { accept: 'application/json, application/yaml, text/yaml, text/plain;q=0.9, */*;q=0.8' },
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new HubError('HUB_UPSTREAM_FAILED', `${address} answered HTTP ${response.status}: is the address right, and open to everyone`)
    }
    return await textOf(address, response)
  } catch (error) {
    throw explain(error, address, timeoutMs, late.aborted)
  } finally {
    await egress.close()
  }
}

async function textOf(address: string, response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > mostBytes) throw new HubError('HUB_UPSTREAM_FAILED', `${address} answers more than ${mostBytes} bytes: take the part of it you need`)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}

/** Loopback may be reached when the command line names it, and only the host it names. */
export function namedLoopback(named: string): readonly string[] {
  const { hostname } = URL.parse(named) ?? { hostname: '' }
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname) ? [hostname] : []
}

function explain(error: unknown, address: string, timeoutMs: number, late: boolean): HubError {
  if (error instanceof HubError) return error
  if (late) return new HubError('HUB_TIMEOUT', `${address} did not answer within ${timeoutMs / 1000} s`, {}, error)
  let reason = error instanceof Error ? error.message : String(error)
  for (let at = error; at instanceof Error; at = at.cause) reason = (at as NodeJS.ErrnoException).code ?? at.message
  return new HubError('HUB_CONNECTOR_DOWN', `${address} cannot be reached (${reason}): is it running, and is the address right`, {}, error)
}
