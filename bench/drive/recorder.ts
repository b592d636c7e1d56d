import { cpuMsOf, residentBytesOf, treeOf } from '../measure/proc.ts'
import { quantile } from '../measure/statistics.ts'
import type { Sample } from './target.ts'

/** Collects answers while it is open and makes a sample of them. */
export class Recorder {
  #latencies = new Float64Array(1 << 16)
  #answers = 0
  #wrong = 0
  #firstWrong?: string
  #bytes = 0
  #open = false
  #pids: readonly number[] = []
  #startedAt = 0
  #serverCpu?: number
  #ownCpu = process.cpuUsage()

  /** Starts measuring. Without roots the driver's own process is the one measured. */
  open(roots: readonly number[]): void {
    this.#pids = roots.length === 0 ? [process.pid] : treeOf(roots)
    this.#serverCpu = cpuMsOf(this.#pids)
    this.#ownCpu = process.cpuUsage()
    this.#startedAt = performance.now()
    this.#open = true
  }

  /** Wrong answers are counted whenever they come; right ones only while open. */
  answer(started: number, bytes: number, wrong?: string): void {
    if (wrong !== undefined) {
      this.#wrong += 1
      this.#firstWrong ??= wrong
    }
    if (!this.#open) return
    if (this.#answers === this.#latencies.length) this.#grow()
    this.#latencies[this.#answers] = performance.now() - started
    this.#answers += 1
    this.#bytes += bytes
  }

  #grow(): void {
    const larger = new Float64Array(this.#latencies.length * 2)
    larger.set(this.#latencies)
    this.#latencies = larger
  }

  close(): Sample {
    this.#open = false
    const seconds = (performance.now() - this.#startedAt) / 1000
    const own = process.cpuUsage(this.#ownCpu)
    const after = cpuMsOf(this.#pids)
    const sorted = this.#latencies.subarray(0, this.#answers).sort()
    return {
      seconds,
      answers: this.#answers,
      wrong: this.#wrong,
      firstWrong: this.#firstWrong,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      serverCpuMs: after === undefined || this.#serverCpu === undefined ? undefined : after - this.#serverCpu,
      serverBytes: residentBytesOf(this.#pids),
      driverShare: (own.user + own.system) / 1e6 / seconds,
      answerBytes: this.#answers === 0 ? 0 : this.#bytes / this.#answers,
    }
  }
}
