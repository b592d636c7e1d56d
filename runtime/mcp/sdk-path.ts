import { createMcpHandler, type McpHttpHandler } from '@modelcontextprotocol/server'
import { HubError } from '../contract/errors.ts'
import { isObject, type Json } from '../contract/json.ts'
import type { Principal } from '../contract/principal.ts'
import type { Endpoint, RegistryEvent } from '../registry/types.ts'
import { asRpcError, scopeError } from './faults.ts'
import { createListen, sees } from './listening.ts'
import { readableId } from './message.ts'
import { findMethod } from './methods.ts'
import { checkParameters } from './modern.ts'
import { concerns, exposedUpdate } from './news.ts'
import { codes, errorMessage, RpcError } from './protocol.ts'
import { createSdkServer } from './sdk-server.ts'
import type { EdgeTools } from './services.ts'
import type { Visit } from './visit.ts'

const mostHandlers = 1_024
const mostSubscriptions = 1_024

/** The way through the SDK: for what is not hot, and for what must be refused in the SDK's own words. */
export interface SdkPath {
  /** Answers a request; `body` is its JSON, already parsed. */
  serve(visit: Visit, body: Json | undefined): Promise<void>
  /** Tells open `subscriptions/listen` streams what changed. */
  announce(event: RegistryEvent): void
  close(): Promise<void>
}

interface Handler {
  readonly endpoint: Endpoint
  readonly principal: Principal
  readonly handler: McpHttpHandler
}

/** What one request carries through the SDK to the factory. */
interface Passage {
  readonly visit: Visit
  readonly method: string | undefined
  error: RpcError | undefined
}

/** One SDK handler per endpoint and visibility class, and one per caller where a resource may be another thing to each, so that news reaches only those who may hear it; one low-level server per request, as the SDK has it. `legacy` says what becomes of legacy requests: refused, or each served by itself (for comparing the two paths). */
export function createSdkPath(tools: EdgeTools, legacy: 'reject' | 'stateless'): SdkPath {
  const { services, reader } = tools
  const { log } = services
  const handlers = new Map<string, Handler>()
  const listen = createListen(tools)

  function handlerFor({ endpoint, principal, registry }: Visit, isPersonal: boolean): McpHttpHandler {
    const { key: viewKey } = registry.view(endpoint, principal)
    const key = isPersonal ? JSON.stringify([viewKey, principal.organisation, principal.id]) : viewKey
    const known = handlers.get(key)
    if (known) return known.handler
    const handler = createMcpHandler(
      ({ era, authInfo }) => {
        const passage = authInfo?.extra?.['passage'] as Passage
        const { visit, method } = passage
        return createSdkServer(services, {
          endpoint: visit.endpoint,
          principal: visit.principal,
          era,
          reader: reader(visit.endpoint, era),
          answers: era === 'legacy' || method === undefined || findMethod(era, method) !== undefined,
          admit: (name, params) => {
            if (era === 'modern' && name === 'tools/call') checkParameters(params, visit.registry.view(visit.endpoint, visit.principal), visit)
          },
          onError: (error) => (passage.error = error),
        })
      },
      {
        legacy,
        keepAliveMs: 0,
        maxSubscriptions: mostSubscriptions,
        maxRequestBodySize: services.config.limits.bodyBytes,
        onerror: (error) => log.debug('the sdk refused or failed', { error }),
      },
    )
    if (handlers.size >= mostHandlers) {
      const [oldest, entry] = handlers.entries().next().value as [string, Handler]
      handlers.delete(oldest)
      void entry.handler.close()
    }
    handlers.set(key, { endpoint, principal, handler })
    return handler
  }

  async function serve(visit: Visit, body: Json | undefined): Promise<void> {
    const message = isObject(body) ? body : undefined
    const method = typeof message?.['method'] === 'string' ? message['method'] : undefined
    const lost = new AbortController()
    visit.reply.onLost = () => lost.abort()
    const passage: Passage = { visit, method, error: undefined }
    const request = new Request(`http://hub${visit.url}`, { method: visit.method, headers: webHeaders(visit), signal: lost.signal })
    const authInfo = { token: '', clientId: visit.principal.credential, scopes: [], extra: { passage } }
    const listening = method === 'subscriptions/listen' ? listen(visit, message?.['params']) : undefined
    const end = (): void => {
      lost.abort()
      visit.reply.end()
    }
    if (listening) tools.vigil.keep(visit, end)
    try {
      const response = await handlerFor(visit, listening?.isPersonal === true).fetch(request, { authInfo, parsedBody: body })
      await write(response, passage)
    } finally {
      listening?.end()
    }
  }

  async function write(response: Response, { visit, error }: Passage): Promise<void> {
    const { reply } = visit
    const type = response.headers.get('content-type')
    if (response.body === null || response.status === 499) return reply.empty(response.status)
    if (type?.startsWith('text/event-stream')) {
      reply.open()
      const decoder = new TextDecoder()
      for await (const chunk of response.body as ReadableStream<Uint8Array>) reply.raw(decoder.decode(chunk, { stream: true }))
      return reply.end()
    }
    const text = await response.text()
    if (isObject(error?.data) && error.data['code'] === 'HUB_TOOL_UNKNOWN') tools.failed('HUB_TOOL_UNKNOWN')
    const allow = response.headers.get('allow')
    if (allow !== null) reply.addHeaders(['Allow', allow])
    if (error?.status === 403) reply.addHeaders(['WWW-Authenticate', tools.challenge(scopeError(error), visit.url)])
    // The SDK tells every error of a handler with 200; what the hub refuses at the door of a call keeps its own status.
    const status = error !== undefined && error.status !== 200 ? error.status : response.status
    reply.json(status, text)
  }

  return {
    async serve(visit, body) {
      try {
        await serve(visit, body)
      } catch (error) {
        if (!visit.reply.streaming && (error instanceof HubError || error instanceof RpcError)) {
          const rpc = asRpcError(error, log)
          return visit.reply.json(rpc.status, errorMessage(readableId(body), rpc))
        }
        log.error('the sdk path failed inside', { error })
        if (visit.reply.streaming) return visit.reply.end()
        visit.reply.json(500, errorMessage(null, { code: codes.internal, message: 'Internal server error' }))
      }
    },
    announce(event) {
      if (event.type === 'log') return
      const registry = services.source.current()
      for (const { endpoint: before, principal, handler } of handlers.values()) {
        const endpoint = registry.endpoint(before.kind, before.kind === 'all' ? undefined : before.name)
        if (!endpoint || !concerns(event, endpoint, { organisation: principal.organisation, principal: principal.id })) continue
        if (event.type === 'tools') handler.notify.toolsChanged()
        else if (event.type === 'prompts') handler.notify.promptsChanged()
        else if (event.type === 'resources') handler.notify.resourcesChanged()
        else if (event.type === 'updated' && sees(registry.view(endpoint, principal), event.connector))
          handler.notify.resourceUpdated(exposedUpdate(event, endpoint))
      }
    },
    async close() {
      await Promise.all([...handlers.values()].map(({ handler }) => handler.close()))
      handlers.clear()
    },
  }
}

function webHeaders({ headers }: Visit): Headers {
  const web = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':') || name === 'authorization' || name === 'cookie') continue
    web.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return web
}
