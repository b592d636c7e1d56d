import type { Args, Handler } from '../../../contract/call.ts'
import { durationMs } from '../../../contract/duration.ts'
import { HubError } from '../../../contract/errors.ts'
import type { Json } from '../../../contract/json.ts'
import type { CollectOperation } from '../operation.ts'
import { firstRows } from './latest.ts'
import type { Stream } from './stream.ts'

const defaults = { atMost: '5s' }
const reserveMs = 200

/** Binds a tool that collects the latest row of each wanted key. Throws HUB_CONFIG_VALUE for a stream that is not declared. */
export function bindCollect({ collect }: CollectOperation, streams: ReadonlyMap<string, Stream>): Handler {
  const stream = findStream(collect.stream, streams, 'HUB_CONFIG_VALUE')
  const atMostMs = durationMs(collect.atMost ?? defaults.atMost)
  return (args, run) => answer(stream, wantedIn(args[collect.want]), atMostMs, run)
}

/** Binds the standard tool, whose caller names the stream. */
export function bindLatest(streams: ReadonlyMap<string, Stream>): Handler {
  return async (args: Args, run) => {
    const stream = findStream(String(args['stream']), streams, 'HUB_ARGS_INVALID')
    return answer(stream, wantedIn(args['keys']), Number(args['atMost'] ?? 5) * 1_000, run)
  }
}

const wantedIn = (value: Json | undefined): readonly string[] => [
  ...new Set(Array.isArray(value) ? value.map(String) : value === undefined || value === null ? [] : [String(value)]),
]

async function answer(stream: Stream, keys: readonly string[], atMostMs: number, run: Parameters<Handler>[1]): ReturnType<Handler> {
  const { entries, missing } = await firstRows(stream, keys, Math.min(atMostMs, run.deadline - Date.now() - reserveMs), run.signal)
  const [first] = missing
  // Where nothing came, the reason is the answer.
  if (entries.length === 0 && first?.error !== undefined) throw first.error
  const rows = entries.map(({ row }) => row)
  const newest = Math.max(...entries.map(({ ms }) => ms ?? 0), 0)
  return {
    type: 'data',
    data: { rows, missing: missing.map(({ key, reason }) => ({ key, reason })) },
    ...(missing.length > 0 && { notes: [`${missing.length} of ${keys.length} keys have no row: ${missing.map(({ key }) => key).join(', ')}`] }),
    ...(newest > 0 && { asOf: new Date(newest).toISOString() }),
  }
}

/** The stream of a name. */
export function findStream(name: string, streams: ReadonlyMap<string, Stream>, code: 'HUB_CONFIG_VALUE' | 'HUB_ARGS_INVALID'): Stream {
  const stream = streams.get(name)
  if (stream !== undefined) return stream
  const known = [...streams.keys()]
  throw new HubError(
    code,
    `there is no stream "${name}" here; ${known.length === 0 ? 'config declares none' : `there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`}`,
  )
}
