import { isRawNumber, type Json } from '../../../contract/json.ts'

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const nothing = /^(?:|nan|null|[+-]?inf(?:inity)?)$/i

/** The nearest double of a number or of a decimal written as text; NaN where there is no value; undefined for what is neither. */
export function numberIn(value: Json): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : NaN
  if (value === null) return NaN
  const text = isRawNumber(value) ? value.rawJSON : value
  if (typeof text !== 'string') return undefined
  if (decimal.test(text)) {
    const read = Number(text)
    return Number.isFinite(read) ? read : NaN
  }
  return nothing.test(text.trim()) ? NaN : undefined
}
