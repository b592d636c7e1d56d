import type { Driver } from '../drive/driver.ts'
import type { Sample, Target } from '../drive/target.ts'
import type { Group, Row } from '../groups/group.ts'
import { startServer, type Running } from '../servers/process.ts'
import { median } from './statistics.ts'

/** How long and how often. */
export interface Effort {
  readonly starts: number
  readonly settleMs: number
  readonly repetitions: number
  readonly measureMs: number
}

/** What was measured of one row. */
export interface RowResult {
  readonly name: string
  /** The row its rates are told as ratios of. */
  readonly against: string
  /** Why there is nothing to see. */
  readonly failed?: string
  /** Process start to first right answer, median of the starts; the slowest where several processes serve together. */
  readonly startMs?: number
  readonly points: readonly Point[]
}

/** One row at one concurrency, repetition by repetition. */
export interface Point {
  readonly concurrency: number
  readonly samples: readonly Sample[]
}

/** What was measured of one group. */
export interface GroupResult {
  readonly name: string
  readonly title: string
  readonly rows: readonly RowResult[]
}

/** Unmeasured load before each repetition, so that fresh connections are past their handshake. */
const rampMs = 150

interface Live {
  readonly row: Row
  readonly target?: Target
  readonly pids: readonly number[]
  readonly startMs?: number
  readonly points: Point[]
  failed?: string
}

/** Starts a group's servers, measures them in turn, and ends them. A row that fails is told, and the others go on. */
export async function measureGroup(group: Group, effort: Effort, driver: Driver, say: (line: string) => void): Promise<GroupResult> {
  const started = new Map<string, readonly Running[]>()
  const live: Live[] = []
  try {
    for (const row of group.rows) live.push(await bringUp(row, started, effort, say))
    for (const concurrency of group.concurrencies) await measureAt(concurrency, live, effort, driver, say)
  } finally {
    await Promise.all([...started.values()].flat().map((running) => running.stop()))
  }
  return {
    name: group.name,
    title: group.title,
    rows: live.map(({ row, failed, startMs, points }) => ({ name: row.name, against: row.against, failed, startMs, points })),
  }
}

async function bringUp(row: Row, started: Map<string, readonly Running[]>, effort: Effort, say: (line: string) => void): Promise<Live> {
  say(`starting ${row.name}`)
  try {
    const starts: number[] = []
    let running: readonly Running[] = []
    for (let left = effort.starts; left > 0; left -= 1) {
      await Promise.all(running.map((server) => server.stop()))
      running = await startAll(row, started)
      starts.push(Math.max(...running.map(({ startMs }) => startMs)))
    }
    started.set(row.name, running)
    return {
      row,
      target: row.target ?? together(running),
      pids: running.map(({ pid }) => pid),
      startMs: running.length === 0 ? undefined : median(starts),
      points: [],
    }
  } catch (error) {
    const failed = (error as Error).message.trim()
    say(`  ${failed}`)
    return { row, pids: [], points: [], failed }
  }
}

/** One after the other: two that start at once would be measured against each other. */
async function startAll(row: Row, started: ReadonlyMap<string, readonly Running[]>): Promise<readonly Running[]> {
  const running: Running[] = []
  try {
    for (const server of await row.servers(started)) running.push(await startServer(server))
    return running
  } catch (error) {
    await Promise.all(running.map((server) => server.stop()))
    throw error
  }
}

function together(running: readonly Running[]): Target | undefined {
  const targets = running.map(({ target }) => target).filter((target) => target.type === 'http')
  return targets[0] && { ...targets[0], urls: targets.flatMap(({ urls }) => urls) }
}

async function measureAt(concurrency: number, live: readonly Live[], effort: Effort, driver: Driver, say: (line: string) => void): Promise<void> {
  const rows = live.filter(({ row, failed }) => failed === undefined && (row.concurrencies ?? [concurrency]).includes(concurrency))
  const samples = new Map<Live, Sample[]>(rows.map((row) => [row, []]))
  const load = async (row: Live, settleMs: number, measureMs: number): Promise<Sample | undefined> => {
    if (row.failed !== undefined || row.target === undefined) return undefined
    try {
      return await driver.run({ target: row.target, concurrency, settleMs, measureMs, pids: row.pids })
    } catch (error) {
      row.failed = `at ${concurrency} callers: ${(error as Error).message}`
      say(`  ${row.row.name}: ${row.failed}`)
      return undefined
    }
  }
  for (const row of rows) await load(row, effort.settleMs, 1)
  for (let turn = 0; turn < effort.repetitions; turn += 1) {
    say(`${concurrency} callers, repetition ${turn + 1} of ${effort.repetitions}`)
    // Each repetition begins with another row, so that none is always the one after the slowest.
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[(at + turn) % rows.length]!
      const sample = await load(row, rampMs, effort.measureMs)
      if (sample) samples.get(row)!.push(sample)
    }
  }
  for (const [row, taken] of samples) if (taken.length > 0) row.points.push({ concurrency, samples: taken })
}
