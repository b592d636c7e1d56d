import { defineKind } from '../../contract/kind.ts'
import { configSchema, type MemoryConfig } from './config.ts'
import { lintConfig } from './lint-config.ts'
import { lint } from './lint.ts'
import { operationSchema, type MemoryOperation } from './operation.ts'
import { standardTools } from './standard-tools.ts'

/** What agents remember: state, analyses and signals, apart by organisation and agent. */
export const memory = defineKind<'memory', MemoryConfig, MemoryOperation>({
  kind: 'memory',
  summary: 'Memory of agents: state with versions, a history of analyses, and signals between agents, in Redis, PostgreSQL or this process.',
  config: configSchema,
  operation: operationSchema,
  standardTools,
  live: true,
  perCaller: () => true,
  lint,
  lintConfig,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
