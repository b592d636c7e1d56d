import { HubError } from '../../contract/errors.ts'
import type { LiveResources } from '../../contract/live.ts'
import type { Hold } from './hold.ts'
import { readMessages } from './read.ts'
import { topicNameFault } from './topic-names.ts'

const scheme = 'kafka://topics/'
const shownMessages = 50
const shownBytes = 262_144
const shownTopics = 200
const mimeType = 'application/json'
/** Long enough for a cluster that is away for a moment; a watch has no deadline of its own. */
const patienceMs = 10_000

/** Topics as resources: the last messages of each, and word of every new one. */
export function liveTopics(hold: Hold): LiveResources {
  return {
    templates: [
      {
        uriTemplate: `${scheme}{topic}`,
        name: 'topic',
        description: `The last ${shownMessages} messages of a topic, oldest first; subscribe to be told of new ones.`,
        mimeType,
      },
    ],
    async resources() {
      const waiting = { signal: AbortSignal.timeout(patienceMs), deadline: Date.now() + patienceMs }
      const names = await hold.link.use(waiting, (cluster) => hold.topics.names(cluster))
      return names.slice(0, shownTopics).map((name) => ({ uri: scheme + name, name, description: `The last messages of topic ${name}.`, mimeType }))
    },
    async read(uri, run) {
      const topic = topicIn(uri)
      const answer = await readMessages(
        hold,
        hold.reading,
        { topic, limit: shownMessages, from: { type: 'latest' }, format: 'auto' },
        { rows: shownMessages, bytes: shownBytes },
        run,
      ).catch(asUnknown)
      const { data } = answer as { readonly data: unknown }
      return [{ uri, mimeType, text: JSON.stringify(data) }]
    },
    async watch(uri, _principal, changed) {
      const topic = topicIn(uri)
      const waiting = { signal: AbortSignal.timeout(patienceMs), deadline: Date.now() + patienceMs }
      return hold
        .tail()
        .follow([topic], () => changed(), waiting)
        .catch(asUnknown)
    },
  }
}

function topicIn(uri: string): string {
  const name = uri.startsWith(scheme) ? decoded(uri.slice(scheme.length)) : ''
  if (name !== '' && topicNameFault(name) === undefined) return name
  throw new HubError('HUB_RESOURCE_UNKNOWN', `there is no resource ${uri.slice(0, 300)} here; topics are ${scheme}<name>`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** A topic that is not there, or not this connector's, is a resource that is not there. */
function asUnknown(error: unknown): never {
  if (error instanceof HubError && (error.code === 'HUB_ARGS_INVALID' || error.code === 'HUB_DENIED'))
    throw new HubError('HUB_RESOURCE_UNKNOWN', error.message, error.details)
  throw error
}
