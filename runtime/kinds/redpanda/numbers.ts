import { isRawNumber, type Json } from '../../contract/json.ts'

/** A number of the caller’s as a double; NaN for what is none. */
export const numberOf = (value: Json | undefined): number =>
  isRawNumber(value) ? Number(value.rawJSON) : typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN
