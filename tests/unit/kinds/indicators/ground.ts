import { readFileSync } from 'node:fs'
import * as signals from 'trading-signals'
import type { JsonObject } from '../../../../runtime/contract/json.ts'
import type { Candles } from '../../../../runtime/kinds/indicators/candles/candles.ts'
import { loadTaLib } from '../../../../runtime/kinds/indicators/engine/talib.ts'
import { toolboxOf } from '../../../../runtime/kinds/indicators/engine/toolbox.ts'
import { requestOf, type Request } from '../../../../runtime/kinds/indicators/request.ts'
import { compute } from '../../../../runtime/kinds/indicators/run-request.ts'

/** The real libraries. */
export const tools = toolboxOf(await loadTaLib(), signals)

/** One candle as tests write it. */
export interface Row {
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

const dayMs = 86_400_000

/** Candles in columns, one a day. */
export function candlesOf(rows: readonly Row[]): Candles {
  const column = (name: keyof Row): Float64Array => Float64Array.from(rows, (row) => row[name])
  return {
    length: rows.length,
    timestamps: rows.map((_row, index) => new Date(index * dayMs).toISOString().replace('.000Z', 'Z')),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  }
}

/** The numbers of a CSV file below the repository, by column. */
export function csv(path: string): readonly Readonly<Record<string, number>>[] {
  const [head = '', ...lines] = readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const names = head.split(',')
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [names[index] as string, Number(cell)])))
}

/** The S&P 500, every trading day from 2000-01-03 to 2020-04-17. */
export const sp500 = csv('connectors/data/sp500.csv') as unknown as readonly Row[]

/** A request that is right. */
export function wanted(entry: JsonObject): Request {
  const { request, faults } = requestOf(entry)
  if (!request) throw new Error(faults.map(({ message, hint }) => `${message}; ${hint}`).join('\n'))
  return request
}

/** What an indicator answers, by output. */
export function computed(entry: JsonObject, candles: Candles): Readonly<Record<string, Float64Array>> {
  const request = wanted(entry)
  const values = compute(request, candles, tools)
  return Object.fromEntries(request.indicator.outputs.map(({ name }, index) => [name, values[index] as Float64Array]))
}
