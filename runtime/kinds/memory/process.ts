import { HubError } from '../../contract/errors.ts'
import { appendTo, queryOf, type ProcessHistory } from './process-history.ts'
import { channelsOf, markIn, publishTo, readFrom, type ProcessChannels } from './process-signals.ts'
import { deleteFrom, getFrom, listOf, setIn, type ProcessState } from './process-state.ts'
import type { Usage } from './process-usage.ts'
import type { Space } from './names.ts'
import type { MemoryStore, StoreParts, Waiting } from './store.ts'
import { Topics } from './topics.ts'
import { abandoned } from './waiting.ts'

/** What one space holds. */
interface ProcessSpace {
  readonly state: ProcessState
  readonly history: ProcessHistory
  readonly channels: ProcessChannels
}

const mostSpaces = 10_000

/** Memory in this process: bounded, and forgotten at its end. */
export function createProcessStore({ bounds, clock = Date.now }: StoreParts): MemoryStore {
  const spaces = new Map<Space, ProcessSpace>()
  const topics = new Topics()
  const usage: Usage = { bytes: 0 }
  let isClosed = false

  function enter({ signal, ...rest }: Waiting): void {
    if (signal.aborted) throw abandoned({ signal, ...rest }, 'nothing')
    if (isClosed) throw new HubError('HUB_CONNECTOR_DOWN', 'the connector is closed', { retryAfterMs: 1_000 })
  }

  function spaceFor(space: Space): ProcessSpace {
    const known = spaces.get(space)
    if (known) return known
    if (spaces.size >= mostSpaces) throw new HubError('HUB_LIMITED', `more than ${mostSpaces} namespaces are in the memory of this process`)
    const made: ProcessSpace = {
      state: { entries: new Map(), bytes: 0, version: 0 },
      history: { analyses: [], bytes: 0, newest: 0 },
      channels: { channels: new Map(), marks: new Map(), newest: 0 },
    }
    spaces.set(space, made)
    return made
  }

  // Every act runs in one turn of the event loop, so none sees another half done.
  const act =
    <Given extends readonly unknown[], Result>(work: (space: ProcessSpace, now: number, ...given: Given) => Result) =>
    async (space: Space, ...given: readonly [...Given, Waiting]): Promise<Result> => {
      enter(given.at(-1) as Waiting)
      return work(spaceFor(space), clock(), ...(given.slice(0, -1) as unknown as Given))
    }

  return {
    note: 'this memory is in the hub’s own process: it is forgotten when the hub ends, and other replicas do not see it',
    get: act(({ state }, now, key: string) => getFrom(state, key, now)),
    set: act(({ state }, now, write: Parameters<MemoryStore['set']>[1]) => {
      const written = setIn(state, write, bounds, usage, now)
      if (written.type === 'done') topics.tell(write.topic)
      return written
    }),
    delete: act(({ state }, now, key: string, ifVersion: number | undefined, topic: string) => {
      const result = deleteFrom(state, key, ifVersion, usage, now)
      if (result.deleted) topics.tell(topic)
      return result
    }),
    list: act(({ state }, now, prefix: string, after: string | undefined, limit: number) => listOf(state, prefix, after, limit, usage, now)),
    append: act(({ history }, now, analysis: Parameters<MemoryStore['append']>[1]) => appendTo(history, analysis, bounds, usage, now)),
    query: act(({ history }, now, query: Parameters<MemoryStore['query']>[1]) => queryOf(history, query, now)),
    publish: act(({ channels }, now, signal: Parameters<MemoryStore['publish']>[1]) => {
      const result = publishTo(channels, signal, bounds, usage, now)
      if (result.type === 'done') topics.tell(signal.topic)
      return result
    }),
    read: act(({ channels }, now, channel: string, wanted: Parameters<MemoryStore['read']>[2]) => readFrom(channels, channel, wanted, now)),
    mark: act(({ channels }, now, channel: string, reader: string, cursor: number) => markIn(channels, channel, reader, cursor, now)),
    channels: act(({ channels }, now, limit: number) => channelsOf(channels, limit, now)),
    async watch(topic, changed) {
      topics.add(topic, changed)
      return () => void topics.remove(topic, changed)
    },
    async version(waiting) {
      enter(waiting)
      return { version: `in process, Node.js ${process.versions.node}` }
    },
    async close() {
      isClosed = true
      spaces.clear()
    },
  }
}
