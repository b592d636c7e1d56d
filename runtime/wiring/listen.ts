import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HubError } from '../contract/errors.ts'

/** Once every call was answered: for what is still on its way out. A connection that never sent a request counts as busy, and is not waited for. */
const lingerMs = 500

/** Listens and resolves with the address as clients on this machine write it. */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const way = error.code === 'EADDRINUSE' ? `port ${port} is taken; give another with --port or HUB_LISTEN` : error.message
      reject(new HubError('HUB_SETUP', `cannot listen on ${host}:${port}: ${way}`, { code: error.code }, error))
    })
    server.listen(port, host, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`
}

/** Lets calls in flight end within the edge's bounds, while probes and new callers are still told that the hub stops; then takes no new connection and ends streams and sockets. */
export async function drain(server: Server, closeEdge: () => Promise<void>): Promise<void> {
  await closeEdge()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const soon = setTimeout(() => server.closeAllConnections(), lingerMs)
  await closed
  clearTimeout(soon)
}
