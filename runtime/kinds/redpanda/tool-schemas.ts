import type { JsonObject } from '../../contract/json.ts'
import { topicPattern } from './topic-names.ts'

/** The name of a topic, as an argument. */
export const topicName: JsonObject = { type: 'string', pattern: topicPattern, description: 'The topic’s name, whole.', examples: ['crypto.signals.momentum'] }
/** The name of a consumer group, as an argument. */
export const groupName: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description: 'The consumer group’s name, whole.',
  examples: ['candle-writer'],
}
/** A partition, as an argument. */
export const partitionNumber: JsonObject = { type: 'integer', minimum: 0, description: 'The partition; absent: by the key.' }

/** An object of these properties and no others. */
export const objectOf = (properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  ...(required.length > 0 && { required }),
  properties,
})

/** An answer of rows, with facts beside them. */
export const rowsOf = (columns: JsonObject, beside: JsonObject = {}): JsonObject => ({
  type: 'object',
  required: ['rows', ...Object.keys(beside)],
  properties: { ...beside, rows: { type: 'array', items: { type: 'object', properties: columns } } },
})

const messageColumns: JsonObject = {
  topic: { type: 'string', description: 'Only where more than one topic was read.' },
  partition: { type: 'integer' },
  offset: { type: 'integer' },
  timestamp: { type: ['string', 'null'], description: 'ISO 8601, UTC.' },
  key: { description: 'A text, or what the registry’s schema makes of it; null where there is none.' },
  keyFormat: { enum: ['base64', 'registry'], description: 'Where the key is no text.' },
  value: { description: 'Decoded. Numbers keep every digit.' },
  format: {
    enum: ['json', 'text', 'base64', 'avro', 'protobuf', 'json-schema', 'tombstone', 'poison', 'too-long'],
    description:
      'How the value was read. tombstone: it has none, the key is deleted. poison: it cannot be decoded, error says why and value has its first bytes in base64. too-long: left out, error says its size.',
  },
  headers: { type: 'object', description: 'Texts by name; bytes as {"base64": "…"}; a list where a name stands there more than once.' },
  error: { type: 'string', description: 'Why the value could not be decoded, or in what it does not fit the schema of its topic.' },
}

/** What reading answers. */
export const messagesOutput: JsonObject = rowsOf(messageColumns, {
  topic: { type: 'string' },
  next: { type: 'object', additionalProperties: { type: 'integer' }, description: 'By partition: where to read on.' },
  latest: { type: 'object', additionalProperties: { type: 'integer' }, description: 'By partition: the offset the next message gets.' },
  scanned: { type: 'integer', description: 'Messages looked at.' },
})

/** What collecting answers. */
export const collectedOutput: JsonObject = rowsOf(
  { by: { description: 'The key it is the latest value of.' }, ...messageColumns },
  {
    missing: { type: 'array', items: { type: 'string' }, description: 'Wanted keys that did not come.' },
    complete: { type: 'boolean', description: 'All wanted keys came.' },
    scanned: { type: 'integer', description: 'Messages looked at.' },
    topics: { type: 'integer', description: 'Topics that were watched.' },
  },
)

/** What writing answers. */
export const writtenOutput: JsonObject = {
  type: 'object',
  required: ['topic', 'partition', 'offset'],
  properties: {
    topic: { type: 'string' },
    partition: { type: 'integer' },
    offset: { type: ['integer', 'null'], description: 'Null where the broker had it already from an attempt whose answer was lost.' },
    bytes: { type: 'integer', description: 'Of key and value.' },
  },
}
