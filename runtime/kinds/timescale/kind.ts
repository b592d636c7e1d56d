import { defineKind } from '../../contract/kind.ts'
import { configSchema, type TimescaleConfig } from './config.ts'
import { sinkSchema, sourceSchema } from './flow-schemas.ts'
import { lint } from './lint.ts'
import { operationSchema, type TimescaleOperation } from './operation.ts'
import { standardTools } from './standard-tools.ts'

/** PostgreSQL, with TimescaleDB or without: one declared statement a tool. */
export const timescale = defineKind<'timescale', TimescaleConfig, TimescaleOperation>({
  kind: 'timescale',
  summary: 'SQL over PostgreSQL and TimescaleDB: declared statements with bound parameters, read-only unless they say otherwise.',
  config: configSchema,
  operation: operationSchema,
  standardTools,
  sink: sinkSchema,
  source: sourceSchema,
  lint,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
