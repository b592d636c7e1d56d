import { closest, distance } from 'fastest-levenshtein'
import { isRawNumber, type Json, type JsonObject } from '../../contract/json.ts'
import { indicatorOf, indicators } from './catalogue/indicators.ts'
import type { Indicator, Parameters } from './catalogue/types.ts'
import { priceNames, type PriceName } from './candles/candles.ts'

/** An indicator somebody wants, checked. */
export interface Request {
  readonly indicator: Indicator
  readonly parameters: Parameters
  readonly of: PriceName
  /** Its column, or the beginning of its columns. */
  readonly alias: string
  readonly hasOwnAlias: boolean
}

/** What is wrong with a request: where in it, what, and a way on. */
export interface Fault {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly hint: string
}

/** Fields of a request that are no parameter. */
const fields = new Set(['indicator', 'alias', 'of', 'output'])
const aliasPattern = /^[A-Za-z][A-Za-z0-9_]{0,39}$/

/** A request as it was written, or what is wrong with it. `isOpen` says of a value that it will only be known at the call. */
export function requestOf(
  entry: JsonObject,
  isOpen: (value: Json) => boolean = () => false,
): { readonly request?: Request; readonly faults: readonly Fault[] } {
  const { indicator: id, alias, of } = entry
  if (typeof id !== 'string')
    return { faults: [{ path: ['indicator'], message: 'no indicator is named', hint: 'say indicator, for example rsi; list_indicators finds them' }] }
  if (isOpen(id)) return { faults: [] }
  const indicator = indicatorOf(id)
  if (!indicator)
    return {
      faults: [
        {
          path: ['indicator'],
          message: `there is no indicator "${id}"`,
          hint: nearTo(
            id,
            indicators.map((one) => one.id),
            'list_indicators finds them by words',
          ),
        },
      ],
    }
  const faults: Fault[] = []
  const given = Object.entries(entry).filter(([name, value]) => !fields.has(name) && value !== undefined && value !== null)
  const parameters: Record<string, number> = Object.fromEntries(indicator.parameters.map((parameter) => [parameter.name, parameter.default]))
  for (const [name, value] of given) {
    const fault = parameterFault(indicator, name, value, isOpen)
    if (fault) faults.push(fault)
    else if (!isOpen(value)) parameters[name] = Number(isRawNumber(value) ? value.rawJSON : value)
  }
  if (alias !== undefined && !(typeof alias === 'string' && (isOpen(alias) || aliasPattern.test(alias)))) {
    faults.push({
      path: ['alias'],
      message: `alias ${JSON.stringify(alias)} is no name of a column`,
      hint: 'letters, digits and _, beginning with a letter, at most 40',
    })
  }
  if (of !== undefined && !isOpen(of)) {
    const canChoose = indicator.inputs.length === 1 && indicator.inputs[0] === 'close'
    if (!canChoose)
      faults.push({ path: ['of'], message: `${indicator.id} is made of ${indicator.inputs.join(', ')}; of has no meaning for it`, hint: 'remove of' })
    else if (!priceNames.includes(of as PriceName))
      faults.push({ path: ['of'], message: `of is ${JSON.stringify(of)}`, hint: `one of ${priceNames.join(', ')}` })
  }
  const isWhole = faults.length === 0 && !given.some(([, value]) => isOpen(value))
  const refusal = isWhole ? indicator.refuse?.(parameters) : undefined
  if (refusal !== undefined)
    faults.push({
      path: [],
      message: `${indicator.id}: ${refusal}`,
      hint: `now ${Object.entries(parameters)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', ')}`,
    })
  if (faults.length > 0) return { faults }
  const price = typeof of === 'string' && !isOpen(of) ? (of as PriceName) : 'close'
  return {
    request: { indicator, parameters, of: price, alias: typeof alias === 'string' ? alias : indicator.id, hasOwnAlias: typeof alias === 'string' },
    faults,
  }
}

function parameterFault(indicator: Indicator, name: string, value: Json, isOpen: (value: Json) => boolean): Fault | undefined {
  const parameter = indicator.parameters.find((one) => one.name === name)
  if (!parameter) {
    const names = indicator.parameters.map((one) => one.name)
    const has = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none'
    return { path: [name], message: `${indicator.id} has no parameter "${name}"`, hint: nearTo(name, names, has) }
  }
  if (isOpen(value)) return undefined
  const number = isRawNumber(value) ? Number(value.rawJSON) : value
  const { minimum, maximum, type } = parameter
  const isFit = typeof number === 'number' && number >= minimum && number <= maximum && (type === 'number' || Number.isInteger(number))
  if (isFit) return undefined
  const shown = JSON.stringify(value)
  return {
    path: [name],
    message: `${name} of ${indicator.id} is ${shown}`,
    hint: `${type === 'integer' ? 'a whole number' : 'a number'} from ${minimum} to ${maximum}; ${parameter.default} is usual`,
  }
}

/** The name meant, where one is near; else what to do instead. */
export function nearTo(name: string, names: readonly string[], otherwise: string): string {
  const near = names.length === 0 ? undefined : closest(name.toLowerCase(), [...names])
  return near !== undefined && distance(name.toLowerCase(), near) <= Math.max(1, name.length / 3) ? `did you mean ${near}?` : otherwise
}

/** Requests with a column name each: an indicator that is asked twice is told apart by its parameters, then by a number. */
export function withColumns(requests: readonly Request[]): readonly Request[] {
  const taken = new Set<string>()
  return requests.map((request) => {
    const isAlone = requests.filter(({ alias }) => alias === request.alias).length === 1
    const values = Object.values(request.parameters).map((value) => String(value).replaceAll(/[.-]/g, '_'))
    const base = isAlone || request.hasOwnAlias ? request.alias : [request.alias, ...values].join('_')
    let alias = base
    for (let count = 2; taken.has(alias); count += 1) alias = `${base}_${count}`
    taken.add(alias)
    return { ...request, alias }
  })
}

/** The columns of a request, one for each of its outputs: the alias alone for the only or the main one, else alias_output. */
export const columnsOf = ({ indicator, alias }: Request): readonly string[] =>
  indicator.outputs.map(({ name }) => (indicator.outputs.length === 1 || name === indicator.id ? alias : `${alias}_${name}`))
