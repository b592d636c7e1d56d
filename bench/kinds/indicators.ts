import { readFileSync } from 'node:fs'
import { BollingerBands, EMA, MACD, RSI } from 'trading-signals'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { KindBench } from './kind.ts'

const manifest = 'connector: bench\nkind: indicators\nsummary: Indicators.\n'
const count = 500

/** RSI, MACD and Bollinger bands over 500 candles that are given, against trading-signals alone over the same candles. */
export const indicatorsBench: KindBench = {
  kind: 'indicators',
  what: `RSI, MACD and Bollinger bands over ${count} candles given, the last 20 rows`,
  async start() {
    const lines = readFileSync(new URL('../../connectors/data/sp500.csv', import.meta.url), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
    const rows = lines.map((line) => line.split(','))
    const windows = Array.from({ length: 16 }, (_nothing, n) => rows.slice(n * 250, n * 250 + count))
    const args = windows.map((window): JsonObject => ({
      indicators: [{ indicator: 'rsi' }, { indicator: 'macd' }, { indicator: 'bollinger' }],
      candles: window.map(([date = '', open = '', high = '', low = '', close = '', , volume = '']) => ({
        timestamp: `${date}T00:00:00Z`,
        open,
        high,
        low,
        close,
        volume,
      })),
    }))
    return {
      manifest,
      env: {},
      tool: 'bench_compute',
      args: (n) => args[n % args.length] as JsonObject,
      // What one writes without a hub: each candle's time and close read, and handed to the library's objects one by one, as its documentation has it.
      bare: (n) => {
        const { candles } = args[n % args.length] as { readonly candles: readonly { readonly timestamp: string; readonly close: string }[] }
        const rsi = new RSI(14)
        const macd = new MACD(new EMA(12), new EMA(26), new EMA(9))
        const bands = new BollingerBands(20, 2)
        const answer: unknown[] = []
        for (const candle of candles) {
          const close = Number(candle.close)
          const row = {
            at: Date.parse(candle.timestamp),
            timestamp: candle.timestamp,
            close,
            rsi: rsi.update(close, false),
            ...macd.update(close, false),
            ...bands.update(close, false),
          }
          if (answer.push(row) > 20) answer.shift()
        }
        return Promise.resolve(answer)
      },
      stop: () => Promise.resolve(),
    }
  },
}
