import type { Handler } from '../../contract/call.ts'
import { asHubError, HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import type { Connector, KindTools, Migration } from '../../contract/kind.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { bindAdHoc } from './ad-hoc.ts'
import { addressOf } from './address.ts'
import { settingsOf, type TimescaleConfig } from './config.ts'
import { runStatement } from './run.ts'
import type { Runnable } from './runnable.ts'
import { connectFailure, statementFailure } from './failures.ts'
import type { SinkSpec, SourceSpec } from './flow-schemas.ts'
import { bindInsert } from './insert.ts'
import { bindManage } from './manage.ts'
import { migrateDatabase } from './migrations.ts'
import type { TimescaleOperation } from './operation.ts'
import { openPools, type Pools } from './pools.ts'
import type { Session } from './session.ts'
import { createSink } from './sink.ts'
import { createSource } from './source.ts'
import { bindStatement } from './statement.ts'

const versions = `SELECT current_setting('server_version') AS server, (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescale`

/** Opens a connector: pools are made, connections at the first call. Rejects HUB_CONFIG_VALUE for a connection string that cannot be one. */
export async function open(config: TimescaleConfig, lent: KindTools): Promise<Connector<TimescaleOperation>> {
  const address = addressOf(config.url)
  lent.secrets.protect(config.url.reveal())
  if (address.password !== undefined) lent.secrets.protect(address.password)
  const settings = settingsOf(config)
  const pools = openPools(address, settings, lent.connector, lent.log)
  const probe: Runnable = { name: 'hub_health', text: versions, canWrite: false, statementTimeoutMs: settings.statementTimeoutMs }

  function bind(tool: ToolSpec<TimescaleOperation>): Handler {
    const { operation } = tool
    if (settings.readOnly && tool.effect !== 'read') return refuseWrite
    if ('insert' in operation) return bindInsert({ ...tool, operation }, pools, settings)
    if ('manage' in operation) return bindManage({ ...tool, operation }, pools)
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

  const migrating = (isRehearsal: boolean) => (migrations: readonly Migration[], signal: AbortSignal) =>
    withSession(pools, signal, (session) => migrateDatabase(session, migrations, { keepDaily: settings.keepDaily, isRehearsal, signal }))

  return {
    bind,
    check,
    close: pools.close,
    source: (spec) => createSource(spec as unknown as SourceSpec, pools, settings.statementTimeoutMs),
    sink(spec) {
      if (settings.readOnly) throw refusal()
      return createSink(spec as unknown as SinkSpec, pools, settings.statementTimeoutMs)
    },
    // The tables of a database that is someone else's are not the hub's to make.
    ...(settings.migrations && !settings.readOnly && { migrate: migrating(false), rehearse: migrating(true) }),
  }
}

/** Work on a session of its own that ends with it; when the caller leaves, what it runs is ended on the server. */
async function withSession<Result>(pools: Pools, signal: AbortSignal, work: (session: Session) => Promise<Result>): Promise<Result> {
  const session = pools.alone()
  const cancel = (): void => void pools.cancel(session.pid)
  try {
    await session.connect()
    await session.settle()
  } catch (error) {
    await session.end()
    throw connectFailure(error as Error)
  }
  signal.addEventListener('abort', cancel)
  try {
    signal.throwIfAborted()
    return await work(session)
  } catch (error) {
    if (signal.aborted)
      throw signal.reason instanceof HubError ? signal.reason : new HubError('HUB_CANCELLED', 'migrating was cancelled; what was under way was taken back')
    throw error instanceof HubError ? error : statementFailure(error as Error, { elapsedMs: 0, statementTimeoutMs: 0, canWrite: false })
  } finally {
    signal.removeEventListener('abort', cancel)
    await session.end()
  }
}

const refusal = (): HubError => new HubError('HUB_DENIED', 'this connector only reads: its config says readOnly: true')

const refuseWrite = (): Promise<never> => Promise.reject(refusal())
