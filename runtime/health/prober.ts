import type { Health } from '../contract/health.ts'

/** Something that can be asked how it is: an open connector is one. */
export interface Target {
  readonly name: string
  /** Asks now and keeps the result. */
  probe(signal: AbortSignal): Promise<Health>
  /** The last result. */
  health(): Health
}

/** Timers as the prober uses them, so that tests need not wait. */
export interface Timers {
  set(run: () => void, ms: number): unknown
  clear(timer: unknown): void
}

/** Probes connectors again and again, and remembers. */
export interface Prober {
  start(): void
  /** Cancels what is under way and resolves when it has ended. */
  stop(): Promise<void>
  /** Oldest first, at most 120 results; empty for a name that was never probed. */
  history(name: string): readonly Health[]
}

const maxHistory = 120
const maxProbeMs = 10_000
const wallTimers: Timers = {
  set: (run, ms) => setTimeout(run, ms).unref(),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

/**
 * Asks every target once in `everyMs`, one after another in time rather than all at once, each for at most 10 s (or `everyMs`), never one while it still answers the last time.
 * A failed probe is only reported: whether to call a system is the breaker's decision, taken at the call. Connectors that are `off` are not asked.
 */
export function createProber(options: {
  readonly everyMs: number
  readonly targets: () => Iterable<Target>
  readonly now?: () => number
  /** Told of the first result of a connector, and of every one that differs in state from the one before. */
  readonly onChange?: (name: string, health: Health, before: Health | undefined) => void
  readonly timers?: Timers
}): Prober {
  const { everyMs } = options
  const now = options.now ?? Date.now
  const timers = options.timers ?? wallTimers
  const kept = new Map<string, readonly Health[]>()
  const underWay = new Map<string, { readonly done: Promise<void>; readonly abort: AbortController }>()
  const waiting = new Set<unknown>()
  let running = false

  const after = (ms: number, run: () => void): void => {
    const timer = timers.set(() => {
      waiting.delete(timer)
      run()
    }, ms)
    waiting.add(timer)
  }

  const round = (): void => {
    const targets = [...options.targets()].filter((target) => target.health().state !== 'off')
    forgetOthers(targets)
    const stepMs = everyMs / Math.max(1, targets.length)
    for (const [index, target] of targets.entries()) after(index * stepMs, () => begin(target))
    after(everyMs, round)
  }

  const forgetOthers = (targets: readonly Target[]): void => {
    const names = new Set(targets.map((target) => target.name))
    for (const name of kept.keys()) if (!names.has(name)) kept.delete(name)
  }

  const begin = (target: Target): void => {
    if (underWay.has(target.name)) return
    const abort = new AbortController()
    const done = ask(target, abort).finally(() => underWay.delete(target.name))
    underWay.set(target.name, { done, abort })
  }

  const ask = async (target: Target, abort: AbortController): Promise<void> => {
    const startedAt = now()
    const limitMs = Math.min(maxProbeMs, everyMs)
    let health: Health
    const timer = timers.set(() => abort.abort(new Error('no answer in time')), limitMs)
    try {
      health = await untilAborted(target.probe(abort.signal), abort.signal)
    } catch (error) {
      if (!running) return
      health = { state: 'down', detail: abort.signal.aborted ? `no answer within ${limitMs} ms` : words(error), latencyMs: now() - startedAt }
    } finally {
      timers.clear(timer)
    }
    report(target.name, { ...health, checkedAt: health.checkedAt ?? new Date(startedAt).toISOString() })
  }

  const report = (name: string, health: Health): void => {
    const history = kept.get(name) ?? []
    const before = history.at(-1)
    kept.set(name, [...history.slice(1 - maxHistory), health])
    if (health.state !== before?.state) options.onChange?.(name, health, before)
  }

  return {
    start() {
      if (running) return
      running = true
      round()
    },
    async stop() {
      running = false
      for (const timer of waiting) timers.clear(timer)
      waiting.clear()
      const last = [...underWay.values()]
      for (const { abort } of last) abort.abort(new Error('stopping'))
      await Promise.allSettled(last.map(({ done }) => done))
    },
    history: (name) => kept.get(name) ?? [],
  }
}

// A probe that does not heed its signal must not hold its place for ever.
function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    work.then(resolve, reject)
  })
}

const words = (error: unknown): string => (error instanceof Error && error.message !== '' ? error.message.slice(0, 300) : 'the probe failed')
