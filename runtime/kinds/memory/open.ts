import type { Args, Handler } from '../../contract/call.ts'
import { asHubError, HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import type { Connector, KindTools } from '../../contract/kind.ts'
import { extrasOf } from '../../contract/live.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { Asked, type Memory } from './asked.ts'
import { settingsOf, type MemoryConfig, type Settings } from './config.ts'
import { append, query } from './history.ts'
import { liveOf } from './live.ts'
import { actOf, type Act, type MemoryOperation } from './operation.ts'
import { channels, mark, publish, read } from './signals.ts'
import { get, list, merge, remove, set } from './state.ts'
import type { MemoryStore, StoreParts } from './store.ts'

const handlers = { get, set, merge, delete: remove, list, append, query, publish, read, mark, channels } as const satisfies Record<Act, unknown>

/** Opens a connector over the store its url names: the driver is imported, connections are made at the first call. Rejects HUB_CONFIG_VALUE for a url that cannot be one. */
export async function open(config: MemoryConfig, lent: KindTools): Promise<Connector<MemoryOperation>> {
  const settings = settingsOf(config)
  const store = await storeOf(config, settings, lent)
  return connectorOf({ store, settings })
}

async function storeOf(config: MemoryConfig, settings: Settings, lent: KindTools): Promise<MemoryStore> {
  const parts: StoreParts = { bounds: settings.bounds, prefix: settings.prefix, clock: undefined }
  const log = lent.log.child({ connector: lent.connector })
  if (config.url === undefined) return (await import('./process.ts')).createProcessStore(parts)
  const url = config.url.reveal()
  lent.secrets.protect(url)
  if (/^rediss?:\/\//.test(url)) return (await import('./open-redis.ts')).openRedis(config.url, settings, parts, lent, log)
  if (/^postgres(ql)?:\/\//.test(url)) return (await import('./open-postgres.ts')).openPostgres(config.url, settings, parts, lent, log)
  throw new HubError('HUB_CONFIG_VALUE', `the address in ${config.url.reference} cannot be used: it begins with none of redis://, rediss:// and postgres://`)
}

/** A connector over a store. */
export function connectorOf(memory: Memory): Connector<MemoryOperation> {
  const { store } = memory
  const { extras, close } = extrasOf(liveOf(memory))
  let closing: Promise<void> | undefined

  function bind(tool: ToolSpec<MemoryOperation>): Handler {
    const { act, fixed } = actOf(tool.operation)
    const handle = handlers[act]
    return (args: Args, run) => handle(memory, new Asked(fixed, args), run, tool.policy)
  }

  async function check(signal: AbortSignal): Promise<Health> {
    const startedAt = performance.now()
    try {
      const { version, degraded } = await store.version({ signal, deadline: Infinity })
      const latencyMs = Math.round(performance.now() - startedAt)
      if (degraded !== undefined) return { state: 'degraded', detail: degraded, latencyMs, version }
      return { state: 'up', ...(store.note !== undefined && { detail: store.note }), latencyMs, version }
    } catch (error) {
      return { state: 'down', detail: asHubError(error).message }
    }
  }

  return {
    bind,
    check,
    extras,
    close: () => {
      closing ??= (close(), store.close())
      return closing
    },
  }
}
