import { importExchange, invoke } from '../../runtime/kinds/ccxt/driver.ts'
import { startExchanges } from '../../tests/fixtures/exchanges/server.ts'
import type { KindBench } from './kind.ts'

const symbol = 'BTC/USD'
const manifest = `connector: bench
kind: ccxt
summary: Exchanges on loopback.
config: { exchanges: [kraken], venues: { kraken: { urls: '\${BENCH_URL}', rateLimit: 0ms } } }
tools:
  book:
    summary: One order book.
    effect: read
    input: { type: object, required: [symbol], properties: { symbol: { type: string } } }
    operation: { method: fetchOrderBook }
`

/** Exchanges: a tool against ccxt alone, each with kraken on loopback and no rate limit. */
export const ccxtBench: KindBench = {
  kind: 'ccxt',
  what: 'an order book of kraken from loopback',
  async start() {
    const exchanges = await startExchanges()
    const Kraken = await importExchange('kraken')
    const driver = new Kraken({ enableRateLimit: false, number: String, urls: { api: { public: `${exchanges.url}/api.kraken.com` } } })
    await invoke(driver, 'loadMarkets', [])
    return {
      manifest,
      env: { BENCH_URL: exchanges.url },
      tool: 'bench_book',
      args: () => ({ symbol }),
      bare: () => invoke(driver, 'fetchOrderBook', [symbol]),
      async stop() {
        await invoke(driver, 'close', [])
        await exchanges.stop()
      },
    }
  },
}
