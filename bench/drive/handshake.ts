import { Connection, headerOf, requestBytes } from './http.ts'
import type { Dialect } from './target.ts'

/** The revision each dialect speaks. */
export const revisions: Readonly<Record<Dialect, string>> = { modern: '2026-07-28', stateless: '2025-06-18', session: '2025-11-25', sse: '2024-11-05' }

const accept = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const clientInfo = { name: 'bench', version: '1' }

/** The headers and body of one request in a dialect. */
export function frame(
  dialect: Dialect,
  id: number,
  method: string,
  params: Readonly<Record<string, unknown>>,
): { headers: Record<string, string>; body: string } {
  if (dialect === 'sse') return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id, method, params }) }
  const headers = { ...accept, 'mcp-protocol-version': revisions[dialect] }
  if (dialect !== 'modern') return { headers, body: JSON.stringify({ jsonrpc: '2.0', id, method, params }) }
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': revisions.modern,
    'io.modelcontextprotocol/clientInfo': clientInfo,
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const named = typeof params.name === 'string' ? { ...headers, 'mcp-name': params.name } : headers
  return { headers: { ...named, 'mcp-method': method }, body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }) }
}

/** The body of a 2025 client's first request. */
export const initializeBody = (dialect: Dialect): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: revisions[dialect], capabilities: {}, clientInfo } })

/** The body of the notification that ends the handshake. */
export const initializedBody = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })

/** One request on a connection of its own. */
export function once(
  url: URL,
  method: 'POST' | 'DELETE',
  headers: Readonly<Record<string, string>>,
  body = '',
): Promise<{ status: number; head: string; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const connection = new Connection(url, {
      answered(status, head, bytes) {
        connection.close()
        resolve({ status, head, body: bytes })
      },
      failed: reject,
    })
    connection.send(requestBytes(method, url, headers, body))
  })
}

/** Opens a 2025 session and gives its id. */
export async function openSession(url: URL, headers: Readonly<Record<string, string>>): Promise<string> {
  const answer = await once(url, 'POST', { ...accept, ...headers }, initializeBody('session'))
  const session = headerOf(answer.head, 'mcp-session-id')
  if (answer.status !== 200 || !session) throw new Error(`initialize was answered ${answer.status} ${answer.body.toString().slice(0, 300)}`)
  const told = await once(url, 'POST', { ...accept, ...headers, 'mcp-session-id': session, 'mcp-protocol-version': revisions.session }, initializedBody)
  if (told.status !== 202) throw new Error(`notifications/initialized was answered ${told.status}`)
  return session
}

/** Ends a 2025 session, so that servers which keep them do not fill up between stretches. */
export async function closeSession(url: URL, headers: Readonly<Record<string, string>>, session: string): Promise<void> {
  await once(url, 'DELETE', { ...headers, 'mcp-session-id': session, 'mcp-protocol-version': revisions.session }).catch(() => undefined)
}
