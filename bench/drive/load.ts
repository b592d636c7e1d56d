import { setTimeout as wait } from 'node:timers/promises'
import { openLane, type Lane } from './lane.ts'
import { openPoolLanes } from './pool.ts'
import { Recorder } from './recorder.ts'
import type { KeptStreams } from './stream.ts'
import type { Load, Sample } from './target.ts'

/** Puts one stretch of load on a target: settle, measure, let go. Rejects when a connection breaks. */
export async function runLoad(load: Load, streams: KeptStreams): Promise<Sample> {
  const { target, concurrency, settleMs, measureMs, pids } = load
  const recorder = new Recorder()
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  const tally = { answer: recorder.answer.bind(recorder), failed: failure.reject }
  const openLanes = (): Promise<Lane[]> => {
    if (target.type === 'pool') return openPoolLanes(target, concurrency, tally)
    return Promise.all(Array.from({ length: concurrency }, (_, index) => openLane(target, index, tally, streams)))
  }
  const lanes = await Promise.race([openLanes(), failure.promise])
  for (const lane of lanes) lane.start()
  await Promise.race([wait(settleMs), failure.promise])
  recorder.open(pids)
  await Promise.race([wait(measureMs), failure.promise])
  const sample = recorder.close()
  await Promise.race([Promise.all(lanes.map((lane) => lane.stop())), failure.promise])
  return sample
}
