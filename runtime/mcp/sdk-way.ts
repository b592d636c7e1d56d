import type { Json } from '../contract/json.ts'
import type { RegistryEvent } from '../registry/types.ts'
import type { Judgement } from './judge.ts'
import type { SdkPath } from './sdk-path.ts'
import type { EdgeTools } from './services.ts'
import type { Visit } from './visit.ts'

/** The way through the SDK, as long as the SDK may not be loaded yet. */
export interface SdkWay {
  /** Answers a request; `body` is its JSON, already parsed. */
  serve(visit: Visit, body: Json | undefined): Promise<void>
  /** What the SDK makes of a POST that is not plainly of one era. */
  judge(visit: Visit, body: Json): Promise<Judgement>
  /** Tells open `subscriptions/listen` streams what changed. */
  announce(event: RegistryEvent): void
  close(): Promise<void>
}

/** Loads the SDK at the first request that needs it: 150 ms and 30 MB that a hub whose callers stay on the hot path never spends. */
export function createSdkWay(tools: EdgeTools, legacy: 'reject' | 'stateless'): SdkWay {
  let loading: Promise<SdkPath> | undefined
  let path: SdkPath | undefined

  async function load(): Promise<SdkPath> {
    const { createSdkPath } = await import('./sdk-path.ts')
    path = createSdkPath(tools, legacy)
    return path
  }

  return {
    async serve(visit, body) {
      if (path) return path.serve(visit, body)
      let lost = false
      visit.reply.onLost = () => (lost = true)
      const ready = await (loading ??= load())
      if (!lost) await ready.serve(visit, body)
    },
    judge: async (visit, body) => (await import('./judge.ts')).judge(visit, body),
    // Before the SDK is there nobody listens through it.
    announce: (event) => path?.announce(event),
    async close() {
      await (await loading)?.close()
    },
  }
}
