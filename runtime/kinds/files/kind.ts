import { defineKind } from '../../contract/kind.ts'
import { configSchema, type FilesConfig } from './config.ts'
import { lintConfig } from './lint-config.ts'
import { lint } from './lint.ts'
import { operationSchema, type FilesOperation } from './operation.ts'
import { standardTools } from './standard-tools.ts'

/** Named folders of files for agents: notes, artefacts and configuration, with quotas, and organisations apart. */
export const files = defineKind<'files', FilesConfig, FilesOperation>({
  kind: 'files',
  summary: 'Named folders of files: notes, artefacts and configuration of agents, with quotas, and organisations apart.',
  config: configSchema,
  operation: operationSchema,
  standardTools,
  live: true,
  perCaller: () => true,
  lint,
  lintConfig,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
