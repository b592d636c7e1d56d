import type { Run } from '../../../contract/call.ts'
import { HubError } from '../../../contract/errors.ts'
import type { JsonObject } from '../../../contract/json.ts'
import type { LiveResources } from '../../../contract/live.ts'
import { firstRows } from './latest.ts'
import type { Stream } from './stream.ts'

const mimeType = 'application/json'
const mostListed = 200
const waitMs = 5_000

/** The latest rows of each key as a resource that can be watched: `<connector>://streams/<stream>/<key>`. */
export function streamResources(connector: string, streams: ReadonlyMap<string, Stream>): LiveResources {
  // No scheme has an underscore (RFC 3986, section 3.1).
  const base = `${connector.replaceAll('_', '-')}://streams/`

  function find(uri: string): { readonly stream: Stream; readonly key: string } {
    const [name = '', part, ...more] = uri.startsWith(base) ? uri.slice(base.length).split('/') : []
    const stream = streams.get(name)
    // Not every client encodes what it puts into a template: a pair has a slash.
    const key = part === undefined ? undefined : decoded([part, ...more].join('/'))
    if (stream === undefined || key === undefined || key === '')
      throw new HubError(
        'HUB_RESOURCE_UNKNOWN',
        `no resource of that address here; there are ${[...streams.keys()].map((one) => `${base}${one}/{key}`).join(', ')}`,
        { uri },
      )
    return { stream, key }
  }

  return {
    templates: [...streams].map(([name, { settings }]) => ({
      uriTemplate: `${base}${name}/{key}`,
      name,
      description: `${settings.config.summary ?? `Rows of stream ${name}.`} The latest of one key, newest first; watch it to be told of new ones.`,
      mimeType,
    })),
    async resources() {
      return [...streams]
        .flatMap(([name, stream]) => stream.keys.map((key) => ({ uri: base + name + '/' + encodeURIComponent(key), name: `${name} ${key}`, mimeType })))
        .slice(0, mostListed)
    },
    async read(uri, run) {
      const { stream, key } = find(uri)
      const text = JSON.stringify(await contentOf(stream, key, run))
      return [{ uri, mimeType, text }]
    },
    async watch(uri, _principal, changed) {
      const { stream, key } = find(uri)
      return stream.hold(key, { row: changed, refused: changed })
    },
  }
}

async function contentOf(stream: Stream, key: string, run: Run): Promise<JsonObject> {
  const { missing } = await firstRows(stream, [key], Math.min(waitMs, run.deadline - Date.now() - 200), run.signal)
  const [refusal] = missing
  if (refusal?.error !== undefined) throw refusal.error
  const rows = stream.latest(key).map(({ row }) => row)
  return { stream: stream.settings.name, key, rows, ...(refusal && { note: refusal.reason }) }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
