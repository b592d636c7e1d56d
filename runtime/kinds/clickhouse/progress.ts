import type { Server } from './server.ts'

const everyMs = 1_000

/** Tells a caller once a second how many rows its statement has read, from the second second on. Returns what stops that. */
export function follow(
  server: Pick<Server, 'progress'>,
  queryId: string,
  caller: { progress?(done: number, total?: number, message?: string): void },
): () => void {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    const found = await server.progress(queryId)
    if (isStopped) return
    if (found) caller.progress?.(found[0], found[1] >= found[0] && found[1] > 0 ? found[1] : undefined, `${found[0]} rows read`)
    wait()
  }

  function wait(): void {
    timer = setTimeout(() => void look(), everyMs)
    timer.unref()
  }

  if (caller.progress) wait()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}
