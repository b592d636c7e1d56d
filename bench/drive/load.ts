import { setTimeout as wait } from 'node:timers/promises'
import { openLane, type Lane } from './lane.ts'
import { openPoolLanes } from './pool.ts'
import { Recorder } from './recorder.ts'
import type { HttpTarget, Load, Sample } from './target.ts'

/** Puts one stretch of load on a target: settle, measure, let go. Rejects when a connection breaks. */
export async function runLoad(load: Load): Promise<Sample> {
  const recorder = new Recorder()
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  const tally = { answer: recorder.answer.bind(recorder), failed: failure.reject }
  const { target } = load
  const lanes = await Promise.race([
    target.type === 'pool' ? openPoolLanes(target, load.concurrency, tally) : openLanes(target, load.concurrency, tally),
    failure.promise,
  ])
  for (const lane of lanes) lane.start()
  await Promise.race([wait(load.settleMs), failure.promise])
  recorder.open(load.pids)
  await Promise.race([wait(load.measureMs), failure.promise])
  const sample = recorder.close()
  await Promise.race([Promise.all(lanes.map((lane) => lane.stop())), failure.promise])
  return sample
}

async function openLanes(target: HttpTarget, concurrency: number, tally: Parameters<typeof openLane>[2]): Promise<Lane[]> {
  return Promise.all(Array.from({ length: concurrency }, (_, index) => openLane(target, index, tally)))
}
