import { expect } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { indicators } from '../../runtime/kinds/indicators/kind.ts'
import { kindConformance } from './conformance.ts'
import { standardTool } from './indicators-tools.ts'

const tool: ToolSpec = standardTool('compute')

kindConformance({
  name: 'candles that are given',
  kind: indicators,
  isAlone: true,
  start: async () => ({ config: { candles: 1_000, indicators: 8 }, secrets: [], stop: () => Promise.resolve() }),
  badConfigs: [
    { name: 'more candles than there is room for', config: { candles: 1_000_000 }, about: /candles.*<= 50000/ },
    { name: 'no indicators', config: { indicators: 0 }, about: /indicators.*>= 1/ },
    { name: 'a field it does not have', config: { period: 14 }, about: /period/ },
  ],
  quick: {
    tool,
    args: {
      indicators: [{ indicator: 'sma', period: 2 }],
      candles: [
        [1, 1, 1, 1, '1.5', 1],
        [86_400, 2, 2, 2, '2.5', 1],
      ],
    },
    expected: (answer: Answer) =>
      expect(answer).toMatchObject({ type: 'data', data: { rows: [{ sma: null }, { timestamp: '1970-01-02T00:00:00Z', close: 2.5, sma: 2 }] } }),
  },
})
