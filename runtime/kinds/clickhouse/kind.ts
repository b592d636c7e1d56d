import { defineKind } from '../../contract/kind.ts'
import { configSchema, type ClickHouseConfig } from './config.ts'
import { lintConfig } from './lint-config.ts'
import { lint } from './lint.ts'
import { operationSchema, sinkSchema, type ClickHouseOperation } from './operation.ts'
import { standardTools } from './standard-tools.ts'

/** ClickHouse over HTTP: one declared statement a tool, inserts by batch, and a flow sink. */
export const clickhouse = defineKind<'clickhouse', ClickHouseConfig, ClickHouseOperation>({
  kind: 'clickhouse',
  summary: 'SQL over ClickHouse: declared statements with typed parameters, read-only and bounded on the server; inserts in batches.',
  config: configSchema,
  operation: operationSchema,
  sink: sinkSchema,
  standardTools,
  lint,
  lintConfig,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
