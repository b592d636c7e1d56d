import { averages } from './averages.ts'
import { momentum } from './momentum.ts'
import { statistics } from './statistics.ts'
import { trend } from './trend.ts'
import type { Indicator } from './types.ts'
import { volatility } from './volatility.ts'
import { volumes } from './volume.ts'

/** Every indicator, by family. */
export const indicators: readonly Indicator[] = [...averages, ...trend, ...momentum, ...volatility, ...volumes, ...statistics]

const byId: ReadonlyMap<string, Indicator> = new Map(indicators.map((indicator) => [indicator.id, indicator]))

/** The indicator of an id, which may be written in capitals or with dashes. */
export const indicatorOf = (id: string): Indicator | undefined => byId.get(id.toLowerCase().replaceAll(/[\s-]/g, '_'))

/** How many candles an output of an indicator has no value for at the start. */
export const warmupOf = (indicator: Indicator, output: number, parameters: Readonly<Record<string, number>>): number =>
  indicator.outputs[output]?.warmup?.(parameters) ?? indicator.warmup(parameters)
