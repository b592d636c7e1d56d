import type { Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import { isObject } from '../../contract/json.ts'
import type { Connector, KindTools } from '../../contract/kind.ts'
import { extrasOf } from '../../contract/live.ts'
import { Secret } from '../../contract/secret.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { askedOf } from './asked.ts'
import { credentialNames, settingsOf, type CcxtConfig, type CredentialConfig } from './config.ts'
import { limitOf } from './divergence.ts'
import { abandoned } from './failures.ts'
import { readInOrder } from './fallback.ts'
import { liveResources } from './live.ts'
import type { CcxtOperation, MethodOperation } from './operation.ts'
import { sourceOf } from './source.ts'
import { Streams } from './streams.ts'
import { Venues } from './venues.ts'
import { dataOf, makeView } from './views.ts'

/** Opens a connector: nothing is loaded or sent yet. Rejects HUB_CONFIG_VALUE for an exchange of an operation that it does not have. */
export async function open(config: CcxtConfig, lent: KindTools): Promise<Connector<CcxtOperation>> {
  const settings = settingsOf(config)
  const venues: Venues = new Venues(
    config.exchanges.map((id) => ({
      id,
      config,
      settings,
      lent,
      credentials: revealed(config.credentials?.[id], lent),
      onTurn: () => lent.healthChanged(venues.health()),
    })),
  )
  const streams = new Streams(venues, lent.log)
  const live = extrasOf(liveResources(lent.connector, venues, streams))

  function bind(tool: ToolSpec<CcxtOperation>): Handler {
    const { operation, policy } = tool
    const { rows } = policy.result
    const handler: Handler = 'view' in operation ? async (args, run) => makeView[operation.view]({ venues, rows }, args, run) : bindMethod(operation, rows)
    return (args, run) => {
      if (venues.isClosed) return Promise.reject(new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 }))
      return run.signal.aborted ? Promise.reject(abandoned(run)) : handler(args, run)
    }
  }

  function bindMethod(operation: MethodOperation, rows: number): Handler {
    const { method, exchange, fallback, divergence } = operation
    const order = fallback ?? (exchange === undefined ? [] : [exchange])
    const stranger = order.find((id) => !venues.has(id))
    if (stranger !== undefined)
      return () => Promise.reject(new HubError('HUB_CONFIG_VALUE', `the operation asks ${stranger}, which is not among exchanges of this connector`))
    const fixed = isObject(operation.with) ? operation.with : {}
    const limit = divergence === undefined ? undefined : limitOf(divergence)
    return async (args, run) => {
      const named = args['exchange'] === undefined ? undefined : venues.get(String(args['exchange'])).id
      const exchanges = named === undefined ? order : [named, ...order.filter((id) => id !== named)]
      const chosen = exchanges.length > 0 ? exchanges : [venues.get().id]
      return dataOf(await readInOrder(venues, { method, asked: askedOf(fixed, args), exchanges: chosen, rows, ...(limit && { divergence: limit }) }, run))
    }
  }

  return {
    bind,
    // Asking an exchange how it is would cost of the rate limit that calls live on: the last ones tell.
    check: (): Promise<Health> => Promise.resolve(venues.health()),
    source: (spec) => sourceOf(spec, venues, streams),
    extras: live.extras,
    close: async () => {
      live.close()
      streams.close()
      await venues.close()
    },
  }
}

function revealed(credentials: CredentialConfig | undefined, lent: KindTools): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of credentialNames) {
    const value = credentials?.[name]
    // An optional secret that has no value names nothing.
    if (value === undefined || value === null) continue
    const text = value instanceof Secret ? value.reveal() : value
    lent.secrets.protect(text)
    found[name] = text
  }
  return found
}
