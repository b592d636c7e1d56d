import { median } from '../measure/statistics.ts'

/** The ways of one work: the tool through the whole pipeline, the kind's own handler, and the bare driver. */
export const ways = ['tool', 'handler', 'bare'] as const
export type Way = (typeof ways)[number]

/** The ways of one work, in turns: what each round of slices showed. */
export interface Compared {
  readonly concurrency: number
  readonly rounds: readonly Readonly<Record<Way, Slice>>[]
}

/** One way of the work for a short while. */
export interface Slice {
  readonly p50Ms: number
  readonly perSecond: number
}

/** How long and how often. */
export interface Pace {
  readonly rounds: number
  readonly sliceMs: number
  /** Unmeasured load of each way first. */
  readonly settleMs: number
}

type Work = (n: number) => Promise<unknown>

/** Compares the ways of one work in short slices that take turns, so that a slow moment of the machine meets all. Rejects when one fails. */
export async function compare(works: Readonly<Record<Way, Work>>, concurrency: number, { rounds, sliceMs, settleMs }: Pace): Promise<Compared> {
  let calls = 0
  const next = (): number => (calls += 1)
  for (const way of ways) await slice(works[way], next, concurrency, settleMs)
  const seen: Record<Way, Slice>[] = []
  for (let round = 0; round < rounds; round += 1) {
    const slices: Partial<Record<Way, Slice>> = {}
    // None is always the one after the same other.
    for (let at = 0; at < ways.length; at += 1) {
      const way = ways[(at + round) % ways.length]!
      slices[way] = await slice(works[way], next, concurrency, sliceMs)
    }
    seen.push(slices as Record<Way, Slice>)
  }
  return { concurrency, rounds: seen }
}

async function slice(work: Work, next: () => number, concurrency: number, forMs: number): Promise<Slice> {
  const times: number[] = []
  const begin = performance.now()
  const end = begin + forMs
  const caller = async (): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      await work(next())
      const after = performance.now()
      times.push(after - now)
      now = after
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
  return { p50Ms: median(times), perSecond: times.length / ((performance.now() - begin) / 1_000) }
}

/** How many times the driver's latency a call takes: the median over all rounds. */
export const latencyRatio = ({ rounds }: Compared, way: Way = 'tool'): number => median(rounds.map((round) => round[way].p50Ms / round.bare.p50Ms))

/** Which part of the driver's throughput is reached: the median over all rounds. */
export const throughputRatio = ({ rounds }: Compared, way: Way = 'tool'): number => median(rounds.map((round) => round[way].perSecond / round.bare.perSecond))
