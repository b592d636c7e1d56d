import { defineKind } from '../../contract/kind.ts'
import { configSchema, type CcxtConfig } from './config.ts'
import { lintConfig } from './lint-config.ts'
import { lint } from './lint.ts'
import { operationSchema, type CcxtOperation } from './operation.ts'
import { sourceSchema } from './source-schema.ts'
import { standardTools } from './standard-tools.ts'

/** Exchanges of crypto currencies, by ccxt: prices, books, candles, accounts. It reads; it does not trade. */
export const ccxt = defineKind<'ccxt', CcxtConfig, CcxtOperation>({
  kind: 'ccxt',
  summary:
    'Exchanges, over 100 of them by ccxt: markets, prices, books, candles, trades and funding, over REST and as streams; accounts by opt-in. Reading only.',
  config: configSchema,
  operation: operationSchema,
  source: sourceSchema,
  live: true,
  standardTools,
  lint,
  lintConfig,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})
