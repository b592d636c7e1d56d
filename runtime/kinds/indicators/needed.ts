import type { InputColumn, PriceName } from './candles/candles.ts'
import type { Request } from './request.ts'
import type { Operand, Rule } from './tools/rules.ts'

/** The columns of candles that are read: what nobody needs need not be there. */
export type Needed = ReadonlySet<InputColumn>

const columnsOfPrice: Readonly<Record<PriceName, readonly InputColumn[]>> = {
  close: ['close'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  volume: ['volume'],
  hl2: ['high', 'low'],
  hlc3: ['high', 'low', 'close'],
  hlcc4: ['high', 'low', 'close'],
  ohlc4: ['open', 'high', 'low', 'close'],
}

// The close stands beside whatever was computed.
const always: readonly InputColumn[] = ['close']

/** What patterns are seen in. */
export const columnsOfPatterns: Needed = new Set<InputColumn>(['open', 'high', 'low', 'close'])

/** What indicators are made of. */
export const columnsOfRequests = (requests: readonly Request[]): Needed => new Set([...always, ...requests.flatMap(columnsOfRequest)])

/** What rules look at; divergences compare with highs and lows. */
export const columnsOfRules = (rules: readonly Rule[]): Needed =>
  new Set([
    ...always,
    ...rules.flatMap((rule): readonly InputColumn[] => {
      if (rule.type === 'divergence') return ['high', 'low', ...columnsOfOperand(rule.a)]
      return rule.type === 'cross' ? [...columnsOfOperand(rule.a), ...columnsOfOperand(rule.b)] : columnsOfOperand(rule.a)
    }),
  ])

function columnsOfOperand(operand: Operand): readonly InputColumn[] {
  if (operand.type === 'level') return []
  return operand.type === 'price' ? columnsOfPrice[operand.price] : columnsOfRequest(operand.request)
}

const columnsOfRequest = ({ indicator, of }: Request): readonly InputColumn[] => (of === 'close' ? indicator.inputs : columnsOfPrice[of])
