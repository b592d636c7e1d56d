import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Load, Sample } from './target.ts'

/** A driver in a process of its own, kept warm over the whole run. */
export interface Driver {
  /** Rejects when a connection broke; the next load gets a fresh process. */
  run(load: Load): Promise<Sample>
  close(): void
}

interface Reply {
  readonly sample?: Sample
  readonly error?: string
}

/** A driver; its process starts with the first load. */
export function startDriver(): Driver {
  let child: ChildProcess | undefined
  const living = (): ChildProcess => {
    if (child?.connected) return child
    child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    return child
  }
  return {
    async run(load) {
      const reply = await replyOf(living(), load)
      if (reply.sample) return reply.sample
      child = undefined
      throw new Error(reply.error)
    },
    close: () => child?.connected && child.disconnect(),
  }
}

function replyOf(child: ChildProcess, load: Load): Promise<Reply> {
  return new Promise((resolve) => {
    const onMessage = (reply: unknown): void => {
      child.off('exit', onExit)
      resolve(reply as Reply)
    }
    const onExit = (code: number | null): void => {
      child.off('message', onMessage)
      resolve({ error: `the driver ended with code ${code}` })
    }
    child.once('message', onMessage)
    child.once('exit', onExit)
    child.send(load)
  })
}
