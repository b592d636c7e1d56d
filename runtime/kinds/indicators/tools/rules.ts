import { isObject, type Json, type JsonObject } from '../../../contract/json.ts'
import { priceNames, type PriceName } from '../candles/candles.ts'
import { nearTo, requestOf, type Fault, type Request } from '../request.ts'

/** One side of a comparison. */
export type Operand =
  | { readonly type: 'level'; readonly value: number; readonly name: string }
  | { readonly type: 'price'; readonly price: PriceName; readonly name: string }
  | { readonly type: 'output'; readonly request: Request; readonly output: number; readonly name: string }

/** Something to look for in a series. */
export type Rule =
  | { readonly type: 'cross'; readonly name: string; readonly a: Operand; readonly b: Operand; readonly direction: 'up' | 'down' | 'both' }
  | { readonly type: 'threshold'; readonly name: string; readonly a: Operand; readonly above?: number; readonly below?: number }
  | { readonly type: 'divergence'; readonly name: string; readonly a: Operand; readonly side: number; readonly within: number; readonly hidden: boolean }

type IsOpen = (value: Json) => boolean

/** What is looked for where nobody says what. */
export const usualRules: readonly JsonObject[] = [
  { type: 'cross', name: 'MACD and its signal', of: { indicator: 'macd' }, with: { indicator: 'macd', output: 'signal' } },
  { type: 'cross', name: '50 and 200 average', of: { indicator: 'sma', period: 50 }, with: { indicator: 'sma', period: 200 } },
  { type: 'threshold', name: 'RSI overbought or oversold', of: { indicator: 'rsi' }, above: 70, below: 30 },
  { type: 'divergence', name: 'RSI against price', of: { indicator: 'rsi' } },
]

const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  cross: ['type', 'name', 'of', 'with', 'direction'],
  threshold: ['type', 'name', 'of', 'above', 'below'],
  divergence: ['type', 'name', 'of', 'side', 'within', 'hidden'],
}

/** A rule as it was written, or what is wrong with it. */
export function ruleOf(entry: JsonObject, isOpen: IsOpen = () => false): { readonly rule?: Rule; readonly faults: readonly Fault[] } {
  const { type } = entry
  const fields = typeof type === 'string' ? fieldsOf[type] : undefined
  if (fields === undefined)
    return { faults: [{ path: ['type'], message: `a rule of type ${JSON.stringify(type ?? null)}`, hint: 'one of cross, threshold, divergence' }] }
  const faults: Fault[] = Object.keys(entry)
    .filter((name) => !fields.includes(name))
    .map((name) => ({ path: [name], message: `a ${type as string} has no "${name}"`, hint: nearTo(name, fields, `it has ${fields.join(', ')}`) }))
  const operand = (field: string): Operand | undefined => {
    const { operand: found, faults: wrong } = operandOf(entry[field] ?? null, isOpen)
    faults.push(...wrong.map((fault) => ({ ...fault, path: [field, ...fault.path] })))
    return found
  }
  const a = operand('of')
  if (a?.type === 'level')
    faults.push({ path: ['of'], message: 'of is a number', hint: 'of is what moves: an indicator or a price; put the number into with, above or below' })
  const rule =
    type === 'cross'
      ? crossOf(entry, a, operand('with'), faults)
      : type === 'threshold'
        ? thresholdOf(entry, a, faults, isOpen)
        : divergenceOf(entry, a, faults, isOpen)
  return faults.length > 0 ? { faults } : { ...(rule && { rule }), faults }
}

function crossOf({ name, direction = 'both' }: JsonObject, a: Operand | undefined, b: Operand | undefined, faults: Fault[]): Rule | undefined {
  if (direction !== 'up' && direction !== 'down' && direction !== 'both') {
    faults.push({ path: ['direction'], message: `direction is ${JSON.stringify(direction)}`, hint: 'one of up, down, both' })
    return undefined
  }
  return a && b ? { type: 'cross', name: nameOf(name, `${a.name} crosses ${b.name}`), a, b, direction } : undefined
}

function thresholdOf({ name, above, below }: JsonObject, a: Operand | undefined, faults: Fault[], isOpen: IsOpen): Rule | undefined {
  for (const [field, value] of Object.entries({ above, below })) {
    if (value !== undefined && typeof value !== 'number' && !isOpen(value))
      faults.push({ path: [field], message: `${field} is no number`, hint: 'give a level' })
  }
  if (above === undefined && below === undefined) faults.push({ path: [], message: 'a threshold without above and below', hint: 'give one of them, or both' })
  if (typeof above === 'number' && typeof below === 'number' && below > above)
    faults.push({ path: ['below'], message: 'below is larger than above', hint: 'above is the upper level, below the lower one' })
  if (!a) return undefined
  return { type: 'threshold', name: nameOf(name, a.name), a, ...(typeof above === 'number' && { above }), ...(typeof below === 'number' && { below }) }
}

function divergenceOf({ name, side = 3, within = 60, hidden = false }: JsonObject, a: Operand | undefined, faults: Fault[], isOpen: IsOpen): Rule | undefined {
  const whole = (field: string, value: Json, from: number, to: number): void => {
    if (!isOpen(value) && !(typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to)) {
      faults.push({ path: [field], message: `${field} is ${JSON.stringify(value)}`, hint: `a whole number from ${from} to ${to}` })
    }
  }
  whole('side', side, 1, 50)
  whole('within', within, 5, 1_000)
  if (typeof hidden !== 'boolean' && !isOpen(hidden))
    faults.push({ path: ['hidden'], message: 'hidden is neither true nor false', hint: 'true also looks for hidden divergences' })
  if (a?.type === 'price') faults.push({ path: ['of'], message: 'of is a price', hint: 'a divergence is between price and an oscillator: name an indicator' })
  return a
    ? { type: 'divergence', name: nameOf(name, `${a.name} against price`), a, side: Number(side), within: Number(within), hidden: hidden === true }
    : undefined
}

const nameOf = (name: Json | undefined, usual: string): string => (typeof name === 'string' && name !== '' ? name.slice(0, 100) : usual)

function operandOf(value: Json, isOpen: IsOpen): { readonly operand?: Operand; readonly faults: readonly Fault[] } {
  if (typeof value === 'number') return { operand: { type: 'level', value, name: String(value) }, faults: [] }
  if (isOpen(value)) return { faults: [] }
  if (typeof value === 'string') {
    if (priceNames.includes(value as PriceName)) return { operand: { type: 'price', price: value as PriceName, name: value }, faults: [] }
    return { faults: [{ path: [], message: `"${value}" is no price`, hint: `one of ${priceNames.join(', ')}, a number, or { indicator: … }` }] }
  }
  if (!isObject(value))
    return { faults: [{ path: [], message: 'it is not said what', hint: 'an indicator ({ indicator: rsi, period: 14 }), a price (close) or a number' }] }
  const { request, faults } = requestOf(value, isOpen)
  if (!request) return { faults }
  const { outputs } = request.indicator
  const wanted = value['output'] ?? outputs[0]?.name
  const output = outputs.findIndex(({ name }) => name === wanted)
  if (output < 0) {
    const names = outputs.map(({ name }) => name)
    return {
      faults: [
        {
          path: ['output'],
          message: `${request.indicator.id} has no output ${JSON.stringify(wanted ?? null)}`,
          hint: nearTo(String(wanted), names, `it has ${names.join(', ')}`),
        },
      ],
    }
  }
  return { operand: { type: 'output', request, output, name: shortName(request, output) }, faults: [] }
}

function shortName({ indicator, parameters, of }: Request, output: number): string {
  const values = [...(of === 'close' ? [] : [of]), ...Object.values(parameters)]
  const name = indicator.outputs[output]?.name ?? ''
  const suffix = indicator.outputs.length === 1 || name === indicator.id ? '' : `.${name}`
  return `${indicator.id}${values.length === 0 ? '' : `(${values.join(', ')})`}${suffix}`
}
