import { parseJson, type Json } from '../../contract/json.ts'
import { parseArray } from './arrays.ts'
import { isoDate, isoTimestamp } from './times.ts'

/** From a value as PostgreSQL prints it to JSON. */
export type ReadValue = (text: string) => Json

const float: ReadValue = (text) => {
  const value = Number(text)
  // JSON has no NaN and no infinity.
  return Number.isFinite(value) ? value : text
}
const bytes: ReadValue = (text) => Buffer.from(text.slice(2), 'hex').toString('base64')

/** By type OID. A type that is not here stays text: int8, numeric and money lose no digit that way; uuid, inet, ranges and enums are texts anyway. */
const scalars: ReadonlyMap<number, ReadValue> = new Map<number, ReadValue>([
  [16, (text) => text === 't'], // bool
  [17, bytes], // bytea
  [21, Number], // int2
  [23, Number], // int4
  [26, Number], // oid
  [114, parseJson], // json
  [700, float], // float4
  [701, float], // float8
  [1082, isoDate], // date
  [1114, isoTimestamp], // timestamp
  [1184, isoTimestamp], // timestamptz
  [3802, parseJson], // jsonb
])

/** Array types of the server's own and the type of their elements. */
const elements: ReadonlyMap<number, number> = new Map([
  [143, 142],
  [199, 114],
  [629, 628],
  [651, 650],
  [719, 718],
  [775, 774],
  [791, 790],
  [1000, 16],
  [1001, 17],
  [1002, 18],
  [1003, 19],
  [1005, 21],
  [1007, 23],
  [1008, 24],
  [1009, 25],
  [1010, 27],
  [1014, 1042],
  [1015, 1043],
  [1016, 20],
  [1017, 600],
  [1018, 601],
  [1019, 602],
  [1021, 700],
  [1022, 701],
  [1027, 604],
  [1028, 26],
  [1034, 1033],
  [1040, 829],
  [1041, 869],
  [1115, 1114],
  [1182, 1082],
  [1183, 1083],
  [1185, 1184],
  [1187, 1186],
  [1231, 1700],
  [1270, 1266],
  [1561, 1560],
  [1563, 1562],
  [2210, 2205],
  [2211, 2206],
  [2951, 2950],
  [3221, 3220],
  [3643, 3614],
  [3807, 3802],
  [3905, 3904],
  [3907, 3906],
  [3909, 3908],
  [3911, 3910],
  [3913, 3912],
  [3927, 3926],
])

const asText: ReadValue = (text) => text

/** How values of a type are read; undefined: the text is the value. */
export function readerOf(type: number): ReadValue | undefined {
  const element = elements.get(type)
  if (element === undefined) return scalars.get(type)
  const read = scalars.get(element) ?? asText
  return (text) => parseArray(text, read)
}

/** True for a type whose values are JSON texts. */
export const isJsonType = (type: number): boolean => type === 114 || type === 3802

/** The element type of an array type of the server's own. */
export const elementOf = (type: number): number | undefined => elements.get(type)
