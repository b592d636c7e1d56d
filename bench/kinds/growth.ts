import { readFileSync, writeFileSync } from 'node:fs'

/** What a piece of work took of this process's memory. */
export interface Growth {
  /** The most resident memory while it ran, above what there was before. */
  readonly bytes: number
  readonly ms: number
}

const lookMs = 5

/** Does something, and says by how much this process grew meanwhile. Garbage is collected first where Node was started with --expose-gc. */
export async function grown(work: () => Promise<void>): Promise<Growth> {
  ;(globalThis as { gc?: () => void }).gc?.()
  const before = process.memoryUsage.rss()
  const isExact = forgetPeak()
  let most = before
  const look = (): void => void (most = Math.max(most, process.memoryUsage.rss()))
  const timer = setInterval(look, lookMs)
  const begin = performance.now()
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  const ms = performance.now() - begin
  look()
  return { bytes: Math.max(0, (isExact ? (peak() ?? most) : most) - before), ms }
}

// Linux keeps the peak itself, and forgets it when it is told to.
function forgetPeak(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    return peak() !== undefined
  } catch {
    return false
  }
}

function peak(): number | undefined {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024
}
