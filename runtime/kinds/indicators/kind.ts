import { defineKind } from '../../contract/kind.ts'
import { configSchema, type IndicatorsConfig } from './config.ts'
import { lint } from './lint.ts'
import { operationSchema, type IndicatorsOperation } from './operation.ts'
import { standardTools } from './standard-tools.ts'

/** Technical indicators, candle patterns and signals, in this process. */
export const indicators = defineKind<'indicators', IndicatorsConfig, IndicatorsOperation>({
  kind: 'indicators',
  summary: 'Technical indicators, candle patterns and signals over candles given or over another tool’s answer.',
  config: configSchema,
  operation: operationSchema,
  standardTools,
  lint,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
