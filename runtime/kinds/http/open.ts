import type { Dispatcher } from 'undici'
import type { Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Connector, KindTools } from '../../contract/kind.ts'
import { Secret } from '../../contract/secret.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { bindAdHoc } from './ad-hoc.ts'
import type { TextOrSecret } from './auth.ts'
import { settingsOf, type HttpConfig, type Settings } from './config.ts'
import { acceptEncoding } from './content.ts'
import { credentialsOf } from './credentials.ts'
import { Line, Loss } from './exchange.ts'
import { isHeaderValue } from './header.ts'
import type { CollectOperation, HttpOperation, LatestOperation } from './operation.ts'
import type { Request } from './prepared.ts'
import { Service } from './service.ts'
import { createShapes } from './shape.ts'
import { together } from './streams/together.ts'
import type { SourceSpec } from './streams/source-schema.ts'
import type { Streams, StreamsParts } from './streams/streams.ts'
import { bindRequest } from './tool.ts'

const longestToken = 65_536
// Services behind some gates answer nobody without a name.
const userAgent = 'mcp-integration-hub'

/** Opens a connector: nothing is sent yet. Rejects HUB_CONFIG_VALUE for a base or a header that cannot be one. */
export async function open(config: HttpConfig, lent: KindTools): Promise<Connector<HttpOperation>> {
  if (!URL.canParse(config.base)) throw new HubError('HUB_CONFIG_VALUE', 'base is not an address; write one like https://api.example.com/v1')
  const settings = settingsOf(config)
  const reveal = (value: TextOrSecret): string => plainText(value, lent)
  const lines: Line[] = []
  const openLine = (bytesAtMost: number): Line => {
    const line = new Line(() => lent.egress.dispatcher as Dispatcher, bytesAtMost)
    lines.push(line)
    return line
  }
  const line = openLine(settings.maxBodyBytes)
  const credentials = await credentialsOf(config, lent, reveal, () => openLine(longestToken))
  const scrub = (text: string): string => lent.secrets.scrub(text)
  const service = new Service({
    settings,
    line,
    credentials,
    headers: commonHeaders(config, reveal),
    errorPointer: config.errors?.pointer,
    log: lent.log,
    scrub,
  })
  const place = { service, settings, failure: config.failure, shapeOf: createShapes() }
  const streams = await streamsOf({ config: config.streams ?? {}, lent, reveal, place, openLine })

  function bind(tool: ToolSpec<HttpOperation>): Handler {
    const { operation } = tool
    if ('request' in operation) return bindRequest({ ...tool, operation }, place)
    if ('adHoc' in operation && operation.adHoc === 'request') return bindAdHoc({ ...tool, operation }, service, settings, config.failure)
    if (streams === undefined) throw new HubError('HUB_CONFIG_VALUE', `tool "${tool.local}" collects rows of a stream, and config declares none`)
    return streams.bind(operation as CollectOperation | LatestOperation)
  }

  return {
    bind,
    async check(signal) {
      const found = await check(service, settings, config.health, lent.start === 'lazy', signal)
      return service.isClosed ? found : together(found, streams?.health())
    },
    ...(streams && { extras: streams.extras, source: (spec: JsonObject) => streams.source(spec as unknown as SourceSpec) }),
    close: async () => {
      streams?.close()
      service.close()
      for (const one of lines) one.close()
    },
  }
}

/** A connector without streams pays nothing for them. */
async function streamsOf(parts: StreamsParts): Promise<Streams | undefined> {
  if (Object.keys(parts.config).length === 0) return undefined
  return (await import('./streams/streams.ts')).openStreams(parts)
}

async function check(service: Service, settings: Settings, health: string | undefined, isLazy: boolean, signal: AbortSignal): Promise<Health> {
  if (service.isClosed) return { state: 'down', detail: 'the connector is closed' }
  const { last } = service
  // Nothing is sent to a service that nobody has used.
  if (last === undefined && (isLazy || health === 'calls')) return { state: 'unknown', detail: 'not asked for anything lately' }
  if (last?.error?.code === 'HUB_UPSTREAM_FAILED') return { state: 'degraded', detail: last.error.message }
  if (service.quietMs > 0) return { state: 'degraded', detail: `the service asked to be left alone for ${Math.ceil(service.quietMs / 1_000)} s more` }
  if (health === 'calls') return last?.error === undefined ? { state: 'up', ...version(service) } : { state: 'down', detail: last.error.message }
  return look(service, probeOf(settings, health), signal)
}

function probeOf({ basePath }: Settings, health: string | undefined): Request {
  const [path = '', query = ''] = (health ?? '').split('?', 2)
  return { method: health === undefined ? 'HEAD' : 'GET', path: basePath + path, query, headers: [], body: null }
}

async function look(service: Service, probe: Request, signal: AbortSignal): Promise<Health> {
  const startedAt = performance.now()
  try {
    const { status } = await service.look(probe, signal)
    const latencyMs = Math.round(performance.now() - startedAt)
    return status < 500 ? { state: 'up', latencyMs, ...version(service) } : { state: 'down', detail: `the service answers with status ${status}`, latencyMs }
  } catch (error) {
    if (error instanceof HubError) return { state: 'down', detail: error.message }
    return { state: 'down', detail: `the service does not answer (${error instanceof Loss ? error.reason : 'no answer in time'})` }
  }
}

const version = ({ product }: Service): Pick<Health, 'version'> => (product === undefined ? {} : { version: product })

function commonHeaders({ headers = {} }: HttpConfig, reveal: (value: TextOrSecret) => string): readonly string[] {
  const common = new Map([
    ['accept', 'application/json, text/*;q=0.8, */*;q=0.1'],
    ['accept-encoding', acceptEncoding],
    ['user-agent', userAgent],
  ])
  for (const [name, value] of Object.entries(headers)) {
    // An optional secret that has no value names nothing.
    if (value === null || value === undefined) continue
    const text = reveal(value)
    if (!isHeaderValue(text)) throw new HubError('HUB_CONFIG_VALUE', `the header ${name} holds a character that no header can carry`)
    common.set(name.toLowerCase(), text)
  }
  return [...common].flat()
}

function plainText(value: TextOrSecret, lent: KindTools): string {
  if (!(value instanceof Secret)) return String(value)
  const text = value.reveal()
  lent.secrets.protect(text)
  return text
}
