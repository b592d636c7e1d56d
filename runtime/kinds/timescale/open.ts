import type { Handler } from '../../contract/call.ts'
import { asHubError, HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import type { Connector, KindTools } from '../../contract/kind.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { bindAdHoc } from './ad-hoc.ts'
import { addressOf } from './address.ts'
import { settingsOf, type TimescaleConfig } from './config.ts'
import { runStatement, type Runnable } from './execution.ts'
import type { TimescaleOperation } from './operation.ts'
import { openPools } from './pools.ts'
import { bindStatement } from './statement.ts'

const shortestSecret = 6
const versions = `SELECT current_setting('server_version') AS server, (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescale`

/** Opens a connector: pools are made, connections at the first call. Rejects HUB_CONFIG_VALUE for a connection string that cannot be one. */
export async function open(config: TimescaleConfig, lent: KindTools): Promise<Connector<TimescaleOperation>> {
  const address = addressOf(config.url)
  lent.secrets.protect(config.url.reveal())
  // A shorter one would blot out ordinary words.
  if (address.password !== undefined && address.password.length >= shortestSecret) lent.secrets.protect(address.password)
  const settings = settingsOf(config)
  const pools = openPools(address, settings, lent.connector, lent.log)
  const probe: Runnable = { name: 'hub_health', text: versions, canWrite: false, statementTimeoutMs: settings.statementTimeoutMs }

  function bind(tool: ToolSpec<TimescaleOperation>): Handler {
    const { operation } = tool
    if (settings.readOnly && tool.effect !== 'read') return refuseWrite
    return 'adHoc' in operation ? bindAdHoc({ ...tool, operation }, pools, settings) : bindStatement({ ...tool, operation }, pools, settings)
  }

  async function check(signal: AbortSignal): Promise<Health> {
    const startedAt = performance.now()
    try {
      const { rows } = await runStatement(pools, probe, [], { rows: 1, bytes: 4_096 }, { signal, deadline: Infinity })
      const { server, timescale } = rows[0] as { server: string; timescale: string | null }
      const version = `PostgreSQL ${server}${timescale === null ? '' : `, TimescaleDB ${timescale}`}`
      return { state: 'up', latencyMs: Math.round(performance.now() - startedAt), version }
    } catch (error) {
      if (pools.reading.waitingCount > 0 && pools.reading.totalCount > 0) return { state: 'degraded', detail: `all ${settings.pool} connections are busy` }
      return { state: 'down', detail: asHubError(error).message }
    }
  }

  return { bind, check, close: pools.close }
}

function refuseWrite(): Promise<never> {
  return Promise.reject(new HubError('HUB_DENIED', 'this connector only reads: its config says readOnly: true'))
}
