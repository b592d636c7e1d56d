import { defineKind } from '../../contract/kind.ts'
import { configSchema, type HttpConfig } from './config.ts'
import { lintConfig } from './lint-config.ts'
import { lint } from './lint.ts'
import { operationSchema, type HttpOperation } from './operation.ts'
import { standardTools } from './standard-tools.ts'

/** Services that speak HTTP and JSON: requests by template, credentials, pages. */
export const http = defineKind<'http', HttpConfig, HttpOperation>({
  kind: 'http',
  summary: 'A service over HTTP: requests by template, with credentials, pages and retries.',
  config: configSchema,
  operation: operationSchema,
  standardTools,
  lint,
  lintConfig,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
