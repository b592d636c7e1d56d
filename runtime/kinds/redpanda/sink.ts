import { HubError } from '../../contract/errors.ts'
import type { Row, Sink, Written } from '../../contract/flow.ts'
import type { Hold } from './hold.ts'
import { messageOf } from './outgoing.ts'
import type { SinkSpec } from './stream-specs.ts'
import { fillText, fillTopic, piecesOf } from './template.ts'
import type { Topic } from './topics.ts'
import type { Waiting } from '../../contract/waiting.ts'
import { topicFor } from './write.ts'

// What these say of a row would be said of it again.
const final = new Set(['HUB_ARGS_INVALID', 'HUB_DENIED', 'HUB_UPSTREAM_FAILED'])

/** Rows into topics: each is the value of a message. Rows of one key keep their order. */
export function openSink(spec: SinkSpec, hold: Hold): Sink {
  const pieces = {
    topic: piecesOf(spec.topic),
    key: spec.key === undefined ? undefined : piecesOf(spec.key),
    subject: spec.subject === undefined ? undefined : piecesOf(spec.subject),
    headers: Object.entries(spec.headers ?? {}).map(([name, text]) => [name, piecesOf(text)] as const),
  }

  async function write(rows: readonly Row[], signal: AbortSignal): Promise<Written> {
    const waiting: Waiting = { signal, deadline: Infinity }
    const asked = new Map<string, Promise<Topic>>()
    const producer = hold.producer()
    const topicNamed = (name: string): Promise<Topic> => {
      const found = asked.get(name) ?? topicFor(hold, name, spec, waiting)
      asked.set(name, found)
      return found
    }
    // What is sent in turn arrives in turn: rows are made ready first, then sent without a pause between them.
    const ready = await Promise.allSettled(
      rows.map(async (row) => {
        const topic = await topicNamed(fillTopic(pieces.topic, row))
        const headers = Object.fromEntries(pieces.headers.map(([name, text]) => [name, fillText(text, row)]))
        const message = await messageOf(hold.reading, {
          topic: topic.name,
          key: pieces.key === undefined ? null : fillText(pieces.key, row),
          value: row,
          headers,
          format: spec.format ?? 'json',
          subject: pieces.subject === undefined ? undefined : fillText(pieces.subject, row),
        })
        return { topic, message }
      }),
    )
    const sent = ready.map((one) =>
      one.status === 'rejected'
        ? Promise.reject(one.reason as Error)
        : producer.send(one.value.topic.name, producer.partitionFor(one.value.topic, one.value.message, undefined), one.value.message, waiting),
    )
    return writtenOf(await Promise.allSettled(sent))
  }

  return { write, close: () => Promise.resolve() }
}

/** Rows that cannot be written are told one by one; anything else is the whole write's failure. */
function writtenOf(results: readonly PromiseSettledResult<unknown>[]): Written {
  const refused: { index: number; reason: string }[] = []
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') continue
    const reason: unknown = result.reason
    if (!(reason instanceof HubError) || !final.has(reason.code)) throw reason
    refused.push({ index, reason: reason.message })
  }
  return { rows: results.length - refused.length, ...(refused.length > 0 && { refused }) }
}
