import type { GroupResult, Point } from './run.ts'
import { median, spread } from './statistics.ts'

/** One row at one concurrency, medians of its repetitions. */
export interface Figures {
  readonly requestsPerSecond: number
  /** (largest − smallest) / median of the rates. */
  readonly spread: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuMicrosPerRequest?: number
  readonly residentBytes?: number
  readonly driverShare: number
  readonly answerBytes: number
  readonly wrong: number
}

/** The medians of a point. */
export function figuresOf({ samples }: Point): Figures {
  const rates = samples.map(({ answers, seconds }) => answers / seconds)
  const cpu = samples.flatMap(({ serverCpuMs, answers }) => (serverCpuMs === undefined ? [] : [(serverCpuMs * 1000) / answers]))
  const resident = samples.flatMap(({ serverBytes }) => serverBytes ?? [])
  return {
    requestsPerSecond: median(rates),
    spread: spread(rates),
    p50Ms: median(samples.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(samples.map(({ p99Ms }) => p99Ms)),
    cpuMicrosPerRequest: cpu.length === 0 ? undefined : median(cpu),
    residentBytes: resident.length === 0 ? undefined : median(resident),
    driverShare: Math.max(...samples.map(({ driverShare }) => driverShare)),
    answerBytes: median(samples.map(({ answerBytes }) => answerBytes)),
    wrong: samples.reduce((sum, { wrong }) => sum + wrong, 0),
  }
}

/** The figures of a row at a concurrency; undefined when it was not measured, or when an answer was wrong: such figures say nothing. */
export function find(results: readonly GroupResult[], group: string, row: string, concurrency: number): Figures | undefined {
  const found = results.find(({ name }) => name === group)?.rows.find(({ name }) => name === row)
  const point = found?.points.find((candidate) => candidate.concurrency === concurrency)
  const figures = point && figuresOf(point)
  return found?.failed === undefined && figures?.wrong === 0 ? figures : undefined
}

/** The start time of a row. */
export function startOf(results: readonly GroupResult[], group: string, row: string): number | undefined {
  const found = results.find(({ name }) => name === group)?.rows.find(({ name }) => name === row)
  return found?.failed === undefined ? found?.startMs : undefined
}
