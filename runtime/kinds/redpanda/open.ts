import type { Handler } from '../../contract/call.ts'
import { asHubError, HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Connector, KindTools } from '../../contract/kind.ts'
import { extrasOf } from '../../contract/live.ts'
import { Secret } from '../../contract/secret.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { addressFault, settingsOf, type RedpandaConfig } from './config.ts'
import { bindCollect, bindProduce, bindRead } from './declared.ts'
import { apiKeys, type Cluster } from './driver.ts'
import { bindStandard } from './duties.ts'
import { Hold } from './hold.ts'
import { liveTopics } from './live.ts'
import { anyBroker } from './link.ts'
import type { RedpandaOperation } from './operation.ts'
import { Registry } from './registry.ts'
import { Schemas } from './schemas.ts'
import { openSink } from './sink.ts'
import { openSource } from './source.ts'
import type { SinkSpec, SourceSpec } from './stream-specs.ts'

/** Opens a connector: nothing is sent yet. Rejects HUB_CONFIG_VALUE for an address or a login that cannot be one. */
export async function open(config: RedpandaConfig, lent: KindTools): Promise<Connector<RedpandaOperation>> {
  const settings = settingsOf(config)
  for (const address of settings.brokers) {
    const fault = addressFault(address)
    if (fault !== undefined) throw new HubError('HUB_CONFIG_VALUE', `"${address.slice(0, 80)}" is not the address of a broker: ${fault}`)
  }
  if (settings.brokers.length === 0) throw new HubError('HUB_CONFIG_VALUE', 'brokers names none; write host:port')
  const reveal = (value: unknown): string | undefined => plainText(value, lent)
  const ssl = sslOf(config, reveal)
  const sasl = saslOf(config, reveal)
  const registry = registryOf(config, lent, settings.requestTimeoutMs, reveal)
  const access = { settings, ...(ssl && { ssl }), ...(sasl && { sasl }), log: lent.log, scrub: (text: string) => lent.secrets.scrub(text) }
  const hold = new Hold(access, { registry, schemas: new Schemas(config.schemas) }, lent.log)
  const live = extrasOf(liveTopics(hold))

  function bind(tool: ToolSpec<RedpandaOperation>): Handler {
    const { operation } = tool
    if ('produce' in operation) return bindProduce({ ...tool, operation }, hold)
    if ('read' in operation) return bindRead({ ...tool, operation }, hold)
    if ('collect' in operation) return bindCollect({ ...tool, operation }, hold)
    return bindStandard({ ...tool, operation }, hold)
  }

  return {
    bind,
    check: (signal) => check(hold, signal),
    source: (spec: JsonObject) => openSource(spec as SourceSpec, hold, lent),
    sink: (spec: JsonObject) => openSink(spec as unknown as SinkSpec, hold),
    extras: live.extras,
    async close() {
      live.close()
      await hold.close()
    },
  }
}

async function check({ link }: Hold, signal: AbortSignal): Promise<Health> {
  const startedAt = performance.now()
  try {
    return await link.use({ signal, deadline: Infinity }, async (cluster) => {
      await cluster.refreshMetadata()
      const { brokers = [], controllerId = -1 } = cluster.brokerPool.metadata ?? {}
      const latencyMs = Math.round(performance.now() - startedAt)
      const detail = `${brokers.length} ${brokers.length === 1 ? 'broker' : 'brokers'}, ${controllerId < 0 ? 'no controller' : `controller ${controllerId}`}`
      return { state: controllerId < 0 ? 'degraded' : 'up', detail, latencyMs, version: await versionOf(cluster) }
    })
  } catch (error) {
    return { state: 'down', detail: asHubError(error).message }
  }
}

/** Brokers tell no release, only how new each of their requests is. */
async function versionOf(cluster: Cluster): Promise<string> {
  const { versions } = await anyBroker(cluster)
  const product = (cluster.brokerPool.metadata?.clusterId ?? '').startsWith('redpanda') ? 'Redpanda' : 'Kafka'
  const newest = ['Produce', 'Fetch', 'Metadata'].map((name) => `${name} ${versions[apiKeys[name] as number]?.maxVersion ?? '?'}`)
  return `${product} (${newest.join(', ')})`
}

function sslOf({ tls }: RedpandaConfig, reveal: (value: unknown) => string | undefined): object | undefined {
  if (tls === undefined || tls.enabled === false) return undefined
  const [ca, cert, key] = [tls.ca, tls.certificate, tls.key].map(reveal)
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    rejectUnauthorized: true,
  }
}

function saslOf({ sasl }: RedpandaConfig, reveal: (value: unknown) => string | undefined): object | undefined {
  if (sasl === undefined || sasl.mechanism === 'none') return undefined
  const [username, password] = [reveal(sasl.username), reveal(sasl.password)]
  if (username === undefined || password === undefined)
    throw new HubError('HUB_CONFIG_VALUE', `sasl of mechanism ${sasl.mechanism} has no ${username === undefined ? 'username' : 'password'}`)
  return { mechanism: sasl.mechanism, username, password }
}

function registryOf({ registry }: RedpandaConfig, lent: KindTools, timeoutMs: number, reveal: (value: unknown) => string | undefined): Registry | undefined {
  // A variable without a value: there is none.
  if (registry === undefined || registry.url === '') return undefined
  if (!URL.canParse(registry.url)) throw new HubError('HUB_CONFIG_VALUE', 'the registry’s url is not an address; write one like http://redpanda:8081')
  const [username, password] = [reveal(registry.username), reveal(registry.password)]
  const authorization = username === undefined || username === '' ? undefined : `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
  if (authorization !== undefined) lent.secrets.protect(authorization.slice('Basic '.length))
  return new Registry({ url: registry.url, ...(authorization !== undefined && { authorization }), egress: lent.egress, timeoutMs })
}

function plainText(value: unknown, lent: KindTools): string | undefined {
  if (value === undefined || value === null) return undefined
  if (!(value instanceof Secret)) return String(value)
  const text = value.reveal()
  lent.secrets.protect(text)
  return text
}
