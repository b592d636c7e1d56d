import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Authenticator } from '../auth/authenticate.ts'
import { HubError } from '../contract/errors.ts'
import type { Principal } from '../contract/principal.ts'
import type { Catalogue } from '../contract/catalogue.ts'
import type { HubConfig } from '../contract/manifest.ts'
import type { Prober } from '../health/prober.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** Answers one plain request. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** What the plain endpoints tell of. */
export interface RouteParts {
  readonly config: HubConfig
  readonly catalogue: Catalogue
  readonly prober: Prober
  readonly metrics: Metrics
  readonly authenticator: Authenticator
  /** False from the moment the hub begins to stop. */
  isServing(): boolean
  storeIsReady(): boolean
}

/** /livez and /readyz for probes, open to all; /health and /metrics for those who may see what is behind the hub. */
export function createRoutes(parts: RouteParts): ReadonlyMap<string, Route> {
  const { config, catalogue, prober, metrics, authenticator } = parts

  /** On a hub for this machine alone anyone here may look; on a network a credential is asked for, and any role will do. */
  const guarded =
    (route: (principal: Principal, response: ServerResponse) => void | Promise<void>): Route =>
    async (request, response) => {
      try {
        const principal = await authenticator.authenticate(request.headers, request.socket.remoteAddress)
        await route(principal, response)
      } catch (error) {
        if (!(error instanceof HubError)) throw error
        if (error.code === 'HUB_UNAUTHENTICATED') response.setHeader('WWW-Authenticate', authenticator.challenge(error))
        send(response, error.status, { error: error.code, message: error.message })
      }
    }

  return new Map<string, Route>([
    ['/livez', (_request, response) => send(response, 200, { status: 'ok' })],
    [
      '/readyz',
      (_request, response) => {
        const ready = parts.isServing()
        send(response, ready ? 200 : 503, { status: ready ? 'ok' : 'stopping', store: parts.storeIsReady() ? 'up' : 'down' })
      },
    ],
    [
      '/health',
      guarded((principal, response) => {
        const history = Object.fromEntries(catalogue.connectors(principal).map(({ name }) => [name, prober.history(name)]))
        send(response, 200, {
          name: config.name,
          version: config.version,
          store: parts.storeIsReady() ? 'up' : 'down',
          ...catalogue.health(principal),
          history,
        })
      }),
    ],
    [
      '/metrics',
      guarded(async (_principal, response) => {
        const text = await metrics.text()
        response.writeHead(200, { 'Content-Type': metrics.contentType })
        response.end(text)
      }),
    ],
  ])
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  response.end(JSON.stringify(body))
}
