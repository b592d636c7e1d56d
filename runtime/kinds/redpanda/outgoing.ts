import { HubError } from '../../contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { WireMessage } from './driver.ts'
import type { WrittenFormat } from './operation.ts'
import type { Registry } from './registry.ts'
import type { Schemas } from './schemas.ts'

/** A message to write. */
export interface Outgoing {
  readonly topic: string
  readonly key: string | null
  readonly value: Json
  readonly headers: JsonObject
  readonly format: WrittenFormat
  readonly subject?: string | undefined
}

/** What values are checked and written with. */
export interface Writing {
  readonly schemas: Schemas
  readonly registry: Registry | undefined
}

/** A message as bytes. Rejects HUB_ARGS_INVALID where its value does not fit its topic’s schema or its format. */
export async function messageOf({ schemas, registry }: Writing, outgoing: Outgoing): Promise<WireMessage> {
  const { topic, key, value, headers, format } = outgoing
  const schema = value === null ? undefined : schemas.of(topic)
  const fault = schema === undefined ? undefined : schemas.fault(schema, value)
  if (fault !== undefined) throw new HubError('HUB_ARGS_INVALID', `the value does not fit the schema of topic "${topic}": ${fault}`, { topic })
  const bytes = format === 'registry' && value !== null ? await registered(registry, outgoing) : plainBytes(value, format)
  return { key: key === null ? null : Buffer.from(key), value: bytes, headers: headersOf(headers) }
}

function registered(registry: Registry | undefined, { topic, subject, value }: Outgoing): Promise<Buffer> {
  if (registry === undefined)
    throw new HubError('HUB_DENIED', 'this connector has no schema registry; write in another format, or ask its operator to name one (config.registry)')
  return registry.encode(subject ?? `${topic}-value`, value)
}

function plainBytes(value: Json, format: WrittenFormat): Buffer | null {
  if (value === null) return null
  if (format === 'json') return Buffer.from(JSON.stringify(value))
  if (typeof value !== 'string') throw new HubError('HUB_ARGS_INVALID', `a value of format ${format} is a text`)
  if (format === 'text') return Buffer.from(value)
  return fromBase64(value, 'the value')
}

function fromBase64(text: string, what: string): Buffer {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw new HubError('HUB_ARGS_INVALID', `${what} is not base64`)
  return Buffer.from(text, 'base64')
}

const headersOf = (headers: JsonObject): WireMessage['headers'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      isObject(value) ? fromBase64(String(value['base64']), `header ${name}`) : Buffer.from(String(value)),
    ]),
  )
