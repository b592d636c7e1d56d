import { defineKind } from '../../contract/kind.ts'
import { configSchema, type RedpandaConfig } from './config.ts'
import { lintConfig } from './lint-config.ts'
import { lint } from './lint.ts'
import { operationSchema, type RedpandaOperation } from './operation.ts'
import { standardTools } from './standard-tools.ts'
import { sinkSchema, sourceSchema } from './stream-specs.ts'

/** Redpanda, and any Kafka: topics, messages, consumer groups. */
export const redpanda = defineKind<'redpanda', RedpandaConfig, RedpandaOperation>({
  kind: 'redpanda',
  summary: 'Redpanda and Kafka: topics read without a group, written once each, followed live, and looked after.',
  config: configSchema,
  operation: operationSchema,
  standardTools,
  live: true,
  source: sourceSchema,
  sink: sinkSchema,
  lint,
  lintConfig,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
