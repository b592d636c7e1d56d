import type { Source } from '../../../contract/flow.ts'
import type { Handler } from '../../../contract/call.ts'
import type { Health } from '../../../contract/health.ts'
import type { Json } from '../../../contract/json.ts'
import type { Extras, KindTools } from '../../../contract/kind.ts'
import { extrasOf } from '../../../contract/live.ts'
import { credentialsOf, type Grant, type RevealText } from '../credentials.ts'
import type { Line } from '../exchange.ts'
import type { CollectOperation, LatestOperation } from '../operation.ts'
import type { Workplace } from '../tool.ts'
import { createBackfill, type Backfill } from './backfill.ts'
import { bindCollect, bindLatest, findStream } from './collect.ts'
import type { StreamConfig, StreamsConfig } from './config.ts'
import type { Address } from './connection.ts'
import { streamsHealth } from './health.ts'
import { streamResources } from './resources.ts'
import { settingsOfStream } from './settings.ts'
import { createSource } from './source.ts'
import type { SourceSpec } from './source-schema.ts'
import { Stream } from './stream.ts'
import { addressOf, type Fillings } from './templates.ts'

/** What streams are opened with. */
export interface StreamsParts {
  readonly config: StreamsConfig
  readonly lent: KindTools
  readonly reveal: RevealText
  /** What backfills are asked with. */
  readonly place: Workplace
  openLine(bytesAtMost: number): Line
}

/** All streams of a connector. */
export interface Streams {
  readonly extras: Extras
  source(spec: SourceSpec): Source
  bind(operation: CollectOperation | LatestOperation): Handler
  health(): Health | undefined
  close(): void
}

const longestToken = 65_536
const userAgent = 'mcp-integration-hub'

/** Makes the streams of a connector; none is connected before somebody wants it. Rejects HUB_CONFIG_VALUE for an address or a header that cannot be one. */
export async function openStreams(parts: StreamsParts): Promise<Streams> {
  const { config, lent, place } = parts
  const streams = new Map<string, Stream>()
  const backfills = new Map<string, Backfill | undefined>()
  const health = (): Health | undefined => streamsHealth(streams.values())
  let told: Health['state'] | undefined
  let isClosed = false

  function onState(): void {
    // An attempt tells nothing yet.
    if (isClosed || [...streams.values()].some(({ connection }) => connection.type === 'connecting')) return
    const found = health()
    if (found === undefined || found.state === told || (told === undefined && found.state === 'up')) return
    told = found.state
    lent.healthChanged(found)
  }

  for (const [name, stream] of Object.entries(config)) {
    streams.set(name, await openStream(name, stream, parts, onState))
    backfills.set(name, createBackfill(name, stream, place))
  }
  const live = extrasOf(streamResources(lent.connector, streams))

  return {
    extras: live.extras,
    source({ stream: name, keys }) {
      const stream = findStream(name, streams, 'HUB_CONFIG_VALUE')
      return createSource(stream, keys, backfills.get(name), lent.log)
    },
    bind: (operation) => ('collect' in operation ? bindCollect(operation, streams) : bindLatest(streams)),
    health,
    close() {
      isClosed = true
      live.close()
      for (const stream of streams.values()) stream.close()
    },
  }
}

async function openStream(name: string, config: StreamConfig, { lent, reveal, openLine }: StreamsParts, onState: () => void): Promise<Stream> {
  const secrets = revealAll(config.secrets, lent, reveal)
  const headers = headersOf(config, reveal)
  const credentials = await credentialsOf({ base: '', ...(config.auth && { auth: config.auth }) }, lent, reveal, () => openLine(longestToken))
  let used: Grant | undefined
  const addressWith = (grant: Grant): Address => {
    used = grant
    return { url: addressOf(config.url, secrets, grant.query), headers: [...headers, ...grant.headers] }
  }
  // What is no address is found out now, not at the first connection.
  addressOf(config.url, secrets, '')
  return new Stream({
    settings: settingsOfStream(name, config, secrets),
    lent,
    address() {
      const grant = credentials.current()
      return grant instanceof Promise ? grant.then(addressWith) : addressWith(grant)
    },
    renew(status) {
      if (status !== 401 || used?.token === undefined) return false
      credentials.drop(used)
      return true
    },
    onState,
  })
}

function revealAll(secrets: StreamConfig['secrets'], lent: KindTools, reveal: RevealText): Fillings {
  const found: Record<string, Json> = {}
  for (const [name, secret] of Object.entries(secrets ?? {})) {
    // An optional secret that has no value fills nothing.
    if (secret === null || secret === undefined) continue
    const value = reveal(secret)
    found[name] = value
    // Addresses hold it encoded.
    lent.secrets.protect(encodeURIComponent(value))
  }
  return found
}

function headersOf({ headers = {} }: StreamConfig, reveal: RevealText): readonly string[] {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[name.toLowerCase(), reveal(value)] as const],
  )
  return [...new Map([['user-agent', userAgent], ...given])].flat()
}
