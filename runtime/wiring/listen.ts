import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HubError } from '../contract/errors.ts'

const drainMs = 10_000

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

/** Takes no new connection, lets calls in flight end within bounds, then ends streams and sockets. */
export async function drain(server: Server, closeEdge: () => Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), drainMs)
  await closeEdge()
  server.closeIdleConnections()
  await closed
  clearTimeout(timer)
}
