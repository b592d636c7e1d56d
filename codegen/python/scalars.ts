import { isRawNumber, type Json } from '../../runtime/contract/json.ts'
import { digits, type Shape, type TypeName } from './merge.ts'
import { rustPattern } from './pattern.ts'
import { pythonText } from './text.ts'
import { any, none, type PyType } from './type.ts'

const moments: Readonly<Record<string, 'DateTime' | 'Date' | 'UUID'>> = { 'date-time': 'DateTime', date: 'Date', uuid: 'UUID' }
const largestSize = 2 ** 31

/** A text, or what it stands for. */
export function textType(shape: Shape): PyType {
  const format = shape.all('format').find((one) => typeof one === 'string' && Object.hasOwn(moments, one))
  if (typeof format === 'string') return { sort: 'moment', name: moments[format] as 'DateTime' }
  const patterns = shape.all('pattern').flatMap((pattern) => (typeof pattern === 'string' ? [rustPattern(pattern)] : []))
  const [pattern] = patterns.filter((one) => one !== undefined)
  return {
    sort: 'plain',
    name: 'str',
    limits: [...sizeLimits(shape, 'minLength', 'maxLength'), ...(pattern === undefined ? [] : [`pattern=${pythonText(pattern)}`])],
  }
}

/** How long or large something may be. */
export function sizeLimits(shape: Shape, least: string, most: string): readonly string[] {
  const limit = (name: string, text: string | undefined): readonly string[] =>
    text !== undefined && Number.isSafeInteger(Number(text)) && Number(text) >= 0 && Number(text) < largestSize ? [`${name}=${Number(text)}`] : []
  return [...limit('min_length', shape.largest(least)), ...limit('max_length', shape.smallest(most))]
}

/** A number with its bounds. Bounds of whole numbers are made whole. */
export function numberType(type: 'integer' | 'number', shape: Shape): PyType {
  const whole = type === 'integer'
  const limit = (name: string, text: string | undefined, round: (value: number) => number): readonly string[] => {
    if (text === undefined) return []
    if (!whole || /^-?\d+$/.test(text)) return [`${name}=${text}`]
    const rounded = round(Number(text))
    return Number.isSafeInteger(rounded) ? [`${name}=${rounded}`] : []
  }
  const step = shape.largest('multipleOf')
  return {
    sort: 'plain',
    name: whole ? 'int' : 'float',
    limits: [
      ...limit('ge', shape.largest('minimum'), Math.ceil),
      ...limit('gt', shape.largest('exclusiveMinimum'), Math.floor),
      ...limit('le', shape.smallest('maximum'), Math.floor),
      ...limit('lt', shape.smallest('exclusiveMaximum'), Math.ceil),
      // Whether a fraction divides another depends on how both are rounded: only whole steps are the same everywhere.
      ...(whole && step !== undefined && /^[1-9]\d*$/.test(step) ? [`multiple_of=${step}`] : []),
    ],
  }
}

/** The listed values that are of one of these types, each as a type. */
export const valueTypes = (values: readonly Json[], types: ReadonlySet<TypeName> | undefined): readonly PyType[] =>
  values.filter((value) => fits(value, types)).map(literalType)

function fits(value: Json, types: ReadonlySet<TypeName> | undefined): boolean {
  if (types === undefined) return true
  if (value === null) return types.has('null')
  if (Array.isArray(value)) return types.has('array')
  if (typeof value === 'number' || isRawNumber(value)) return types.has('number') || types.has('integer')
  return types.has(typeof value as TypeName)
}

/** One value of an enum. What Python cannot write as a literal is the type it has. */
function literalType(value: Json): PyType {
  if (value === null) return none
  if (typeof value === 'string') return value.isWellFormed() ? { sort: 'literal', values: [pythonText(value)] } : { sort: 'plain', name: 'str', limits: [] }
  if (typeof value === 'boolean') return { sort: 'literal', values: [value ? 'True' : 'False'] }
  if (typeof value === 'number' || isRawNumber(value)) {
    const text = digits(value)
    return text !== undefined && /^-?\d+$/.test(text) ? { sort: 'literal', values: [text] } : { sort: 'plain', name: 'float', limits: [] }
  }
  return Array.isArray(value) ? { sort: 'list', item: any, limits: [] } : { sort: 'dict', value: any, limits: [] }
}
