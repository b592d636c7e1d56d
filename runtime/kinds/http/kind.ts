import { defineKind } from '../../contract/kind.ts'
import { configSchema, type HttpConfig } from './config.ts'
import { lintConfig } from './lint-config.ts'
import { lint } from './lint.ts'
import { operationSchema, type HttpOperation } from './operation.ts'
import { standardTools } from './standard-tools.ts'
import { sourceSchema } from './streams/source-schema.ts'

/** Services that speak HTTP and JSON: requests by template, credentials, pages; streams over WebSockets. */
export const http = defineKind<'http', HttpConfig, HttpOperation>({
  kind: 'http',
  summary: 'A service over HTTP: requests by template, with credentials, pages and retries; live streams over WebSockets.',
  config: configSchema,
  operation: operationSchema,
  standardTools,
  live: true,
  source: sourceSchema,
  lint,
  lintConfig,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
