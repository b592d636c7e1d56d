import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Written } from './problem.ts'

const lingerMs = 500
const guards = ['X-Content-Type-Options', 'nosniff', 'Cache-Control', 'no-store', 'Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"]
const exposedHeaders = 'Age, Retry-After, WWW-Authenticate, X-Hub-Answer, X-Hub-As-Of, X-Hub-Cache, X-Hub-Call-Id, X-Hub-Notes, X-Hub-Source'

/** Writes an answer or a problem, unless the caller went away. */
export function write(request: IncomingMessage, response: ServerResponse, cors: readonly string[], { status, headers, text }: Written): void {
  if (response.headersSent || response.destroyed) return
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  // A body that was not read to its end: the connection is of no use after this answer.
  const unread = !request.complete
  const length = ['Content-Type', type, 'Content-Length', String(Buffer.byteLength(text))]
  response.writeHead(status, [...length, ...guards, ...cors, ...headers, ...(unread ? ['Connection', 'close'] : [])])
  response.end(text)
  if (!unread) return
  // A socket closed over unread data resets the connection and takes the answer with it; what still comes is thrown away for a moment.
  request.resume()
  response.once('finish', () => setTimeout(() => request.socket.destroy(), lingerMs).unref())
}

/** The CORS headers of an answer, naming those of this edge for scripts to read. */
export function exposing(cors: readonly string[] | undefined): readonly string[] {
  return (cors ?? []).map((value, index, all) => (all[index - 1] === 'Access-Control-Expose-Headers' ? exposedHeaders : value))
}

/** Answers a preflight; `allowed` are the headers of an origin that may call. */
export function preflight(response: ServerResponse, allowed: readonly string[] | undefined): void {
  response.writeHead(allowed ? 204 : 403, [...guards, ...(allowed ?? [])])
  response.end()
}
