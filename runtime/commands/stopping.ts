const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
// npm hands on the Ctrl-C that the terminal already sent to the whole group: what comes right after the first is the same one again.
const sameKeypressMs = 700

/** Resolves at the first signal that asks to stop. A second one forces: what is still open is left to the operating system and to the children's own watchdogs. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined
    const onSignal = (): void => {
      if (first !== undefined && performance.now() - first > sameKeypressMs) process.exit(130)
      first ??= performance.now()
      resolve()
    }
    for (const signal of signals) process.on(signal, onSignal)
  })
}
