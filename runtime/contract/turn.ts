let waiting: (() => void)[] = []

/**
 * Does something at the end of this turn of the event loop, together with everything else that waited for it.
 * A write wakes whoever reads it. Written one by one, as each request is done, every write pays for a wake-up of its own; written together, the first wakes the reader and the others find it awake.
 * There is one event loop in a process, and so one queue. `work` must not throw.
 */
export function atTurnEnd(work: () => void): void {
  if (waiting.length === 0) setImmediate(endTurn)
  waiting.push(work)
}

function endTurn(): void {
  const now = waiting
  waiting = []
  for (const work of now) work()
}
