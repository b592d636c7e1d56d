import type { Handler } from '../../contract/call.ts'
import { asHubError, HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import type { Connector, KindTools, Migration } from '../../contract/kind.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { bindAdHoc } from './ad-hoc.ts'
import { addressOf } from './address.ts'
import { knownColumns } from './columns.ts'
import { settingsOf, type ClickHouseConfig } from './config.ts'
import { runStatement } from './execution.ts'
import { bindInsert } from './insert.ts'
import { migrate, rehearse } from './migrate.ts'
import type { ClickHouseOperation, SinkSpec } from './operation.ts'
import { openServer } from './server.ts'
import { readingSettings } from './settings.ts'
import { openSink } from './sink.ts'
import { bindStatement } from './statement.ts'

const probeCaps = { rows: 1, bytes: 4_096 }

/** Opens a connector: the client is made, connections at the first call. Rejects HUB_CONFIG_VALUE for a URL that cannot be one. */
export async function open(config: ClickHouseConfig, lent: KindTools): Promise<Connector<ClickHouseOperation>> {
  const address = addressOf(config.url)
  lent.secrets.protect(config.url.reveal())
  lent.secrets.protect(address.password)
  const settings = settingsOf(config)
  const server = openServer(address, settings, lent.connector, lent.log)
  const known = knownColumns(server)
  const probe = { text: 'SELECT version() AS version', parameters: {}, settings: readingSettings('1', settings.statementTimeoutMs, probeCaps), canWrite: false }
  let closing: Promise<void> | undefined

  function bind(tool: ToolSpec<ClickHouseOperation>): Handler {
    const { operation } = tool
    if (settings.readOnly && tool.effect !== 'read') return refuseWrite
    if ('adHoc' in operation) return bindAdHoc({ ...tool, operation }, server)
    return 'insert' in operation ? bindInsert({ ...tool, operation }, server, known) : bindStatement({ ...tool, operation }, server)
  }

  async function check(signal: AbortSignal): Promise<Health> {
    const startedAt = performance.now()
    try {
      const { rows } = await runStatement(server, probe, probeCaps, { signal, deadline: Infinity })
      return { state: 'up', latencyMs: Math.round(performance.now() - startedAt), version: `ClickHouse ${String(rows[0]?.['version'])}` }
    } catch (error) {
      if (signal.aborted && server.isBusy()) return { state: 'degraded', detail: `all ${settings.pool} connections are busy` }
      return { state: 'down', detail: asHubError(error).message }
    }
  }

  return {
    bind,
    check,
    close: () => (closing ??= server.close()),
    sink(spec) {
      if (settings.readOnly) throw new HubError('HUB_CONFIG_VALUE', readOnlyWords)
      return openSink(spec as unknown as SinkSpec, server, known)
    },
    ...(settings.migrations &&
      !settings.readOnly && {
        migrate: (migrations: readonly Migration[], signal: AbortSignal) => migrate(server, migrations, signal),
        rehearse: (migrations: readonly Migration[], signal: AbortSignal) => rehearse(server, migrations, signal),
      }),
  }
}

const readOnlyWords = 'this connector only reads: its config says readOnly: true'

function refuseWrite(): Promise<never> {
  return Promise.reject(new HubError('HUB_DENIED', readOnlyWords))
}
