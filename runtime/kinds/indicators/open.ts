import type { Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Health } from '../../contract/health.ts'
import type { Connector, KindTools } from '../../contract/kind.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { bindTool } from './bind.ts'
import { settingsOf, type IndicatorsConfig } from './config.ts'
import { loadTaLib } from './engine/talib.ts'
import { toolboxOf, type Toolbox } from './engine/toolbox.ts'
import type { IndicatorsOperation } from './operation.ts'

// Closes of Wilder's example (1978, chapter 6) as StockCharts prints it, and the first RSI there.
const known = [44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.614, 46.282, 46.282]
const answer = 70.53
const version = 'TA-Lib 0.6 (talib-web 0.1.3), trading-signals 8.3.0'

/** Opens a connector: nothing is loaded before the first call. */
export async function open(config: IndicatorsConfig, lent: KindTools): Promise<Connector<IndicatorsOperation>> {
  let loading: Promise<Toolbox> | undefined
  let isClosed = false
  const tools = (): Promise<Toolbox> => {
    loading ??= load()
    // What failed once may be tried again.
    loading.catch(() => (loading = undefined))
    return loading
  }
  const place = { settings: settingsOf(config), catalogue: lent.hub.catalogue, tools }

  function bind(tool: ToolSpec<IndicatorsOperation>): Handler {
    const handler = bindTool(tool, place)
    return (args, run) =>
      isClosed ? Promise.reject(new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 })) : handler(args, run)
  }

  async function check(): Promise<Health> {
    if (isClosed) return { state: 'down', detail: 'the connector is closed' }
    const begun = performance.now()
    const computed = (await tools()).rsi(Float64Array.from(known), 14).at(-1) ?? NaN
    const latencyMs = Math.round(performance.now() - begun)
    if (Math.abs(computed - answer) < 0.01) return { state: 'up', latencyMs, version }
    return { state: 'down', detail: `the libraries answer ${computed} to Wilder’s example, not ${answer}: reinstall talib-web 0.1.3`, version }
  }

  return {
    bind,
    check,
    async close() {
      isClosed = true
      loading = undefined
    },
  }
}

async function load(): Promise<Toolbox> {
  const [ta, signals] = await Promise.all([loadTaLib(), import('trading-signals')])
  return toolboxOf(ta, signals)
}
