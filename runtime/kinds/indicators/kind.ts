import { defineKind } from '../../contract/kind.ts'
import { configSchema, type IndicatorsConfig } from './config.ts'
import { operationSchema, type IndicatorsOperation } from './operation.ts'
import { standardTools } from './standard-tools.ts'

/** Technical indicators, candle patterns and signals, in this process. */
export const indicators = defineKind<'indicators', IndicatorsConfig, IndicatorsOperation>({
  kind: 'indicators',
  summary: 'Technical indicators, candle patterns and signals over candles given or over another tool’s answer.',
  config: configSchema,
  operation: operationSchema,
  standardTools,
  // The catalogue is 4,000 lines: a hub without such a connector never reads them.
  lint: async (draft) => (await import('./lint.ts')).lint(draft),
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
