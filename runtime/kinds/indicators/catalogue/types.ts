import type { Candles, InputColumn } from '../candles/candles.ts'
import type { Toolbox } from '../engine/toolbox.ts'
import type { Series } from '../engine/vectors.ts'

/** What families indicators are sorted into. */
export const families = ['average', 'trend', 'momentum', 'volatility', 'volume', 'statistics', 'price'] as const
/** One of them. */
export type Family = (typeof families)[number]

/** A number a caller may choose. */
export interface Parameter {
  readonly name: string
  readonly description: string
  readonly type: 'integer' | 'number'
  readonly default: number
  readonly minimum: number
  readonly maximum: number
}

/** One line an indicator draws. */
export interface Output {
  readonly name: string
  readonly description: string
  /** price: in the money of the candles; percent, ratio, index: no dimension; volume; candles: a count of them; flag: 1, 0 or -1; mixed: what the description says. */
  readonly unit: 'price' | 'percent' | 'ratio' | 'index' | 'volume' | 'candles' | 'flag' | 'mixed'
  readonly minimum?: number
  readonly maximum?: number
  /** Candles without a value at the start, where this output begins later than the indicator's first. */
  readonly warmup?: (parameters: Parameters) => number
}

/** The parameters of one computation by name, all of them. */
export type Parameters = Readonly<Record<string, number>>

/** One technical indicator: all that is told of it, and how it is computed. */
export interface Indicator {
  readonly id: string
  readonly name: string
  readonly family: Family
  /** What it says, for a model that has to read it. */
  readonly tells: string
  /** The formula in words or signs. */
  readonly formula: string
  /** Who described it, where. */
  readonly source: string
  /** The prices and volume the formula reads. */
  readonly inputs: readonly InputColumn[]
  readonly parameters: readonly Parameter[]
  readonly outputs: readonly Output[]
  /** How many candles at the start have no value. */
  readonly warmup: (parameters: Parameters) => number
  /** window: a value depends on the candles of its warm-up and itself only; fading: on all before, less and less; all: on every candle since the first. */
  readonly memory: 'window' | 'fading' | 'all'
  /** Why a value may be missing after warm-up. */
  readonly undefinedWhen?: string
  /** Parameters that do not go together: what is wrong with them. */
  readonly refuse?: (parameters: Parameters) => string | undefined
  readonly compute: (candles: Candles, parameters: Parameters, tools: Toolbox) => readonly Series[]
}

/** The value of a parameter that is declared. */
export const of = (parameters: Parameters, name: string): number => parameters[name] as number

/** A period in candles. */
export const period = (value: number, minimum = 2, name = 'period', description = 'Candles it looks back over.', maximum = 500): Parameter => ({
  name,
  description,
  type: 'integer',
  default: value,
  minimum,
  maximum,
})

/** A number that is not a count. */
export const factor = (name: string, value: number, minimum: number, maximum: number, description: string): Parameter => ({
  name,
  description,
  type: 'number',
  default: value,
  minimum,
  maximum,
})

type Bounds = Pick<Output, 'minimum' | 'maximum' | 'warmup'>

/** An output in the money of the candles. */
export const price = (name: string, description: string, bounds: Bounds = {}): Output => ({ name, description, unit: 'price', ...bounds })
/** An output without dimension that has customary levels. */
export const index = (name: string, description: string, minimum?: number, maximum?: number, more: Bounds = {}): Output => ({
  name,
  description,
  unit: 'index',
  ...(minimum !== undefined && { minimum }),
  ...(maximum !== undefined && { maximum }),
  ...more,
})
/** An output in percent: 1 is one percent. */
export const percent = (name: string, description: string, bounds: Bounds = {}): Output => ({ name, description, unit: 'percent', ...bounds })
/** A quotient. */
export const ratio = (name: string, description: string, bounds: Bounds = {}): Output => ({ name, description, unit: 'ratio', ...bounds })
/** An output in the unit of volume. */
export const volume = (name: string, description: string, bounds: Bounds = {}): Output => ({ name, description, unit: 'volume', ...bounds })
/** An output that is 1, 0 or -1. */
export const flag = (name: string, description: string, bounds: Bounds = {}): Output => ({
  name,
  description,
  unit: 'flag',
  minimum: -1,
  maximum: 1,
  ...bounds,
})
/** An output of a unit of its own. */
export const mixed = (name: string, description: string, bounds: Bounds = {}): Output => ({ name, description, unit: 'mixed', ...bounds })
