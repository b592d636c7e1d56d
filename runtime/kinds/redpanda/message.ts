import { isUtf8 } from 'node:buffer'
import type { Json, JsonObject, JsonSchema } from '../../contract/json.ts'
import { parseJson } from '../../contract/json.ts'
import type { ReadFormat } from './operation.ts'
import type { RawMessage } from './records.ts'
import { isRegistryFault, type Registry } from './registry.ts'
import type { Schemas } from './schemas.ts'

/** A value as it was decoded. */
interface Decoded {
  readonly value: Json
  readonly format: string
  readonly error?: string
}

/** A message for an answer. */
export type MessageRow = JsonObject & { readonly partition: number; readonly offset: number }

/** What messages are read with. */
export interface Reading {
  readonly registry: Registry | undefined
  readonly schemas: Schemas
}

const shownOfPoison = 1_024
const registryMark = 0
const registryHead = 5

/** A message as a row; what cannot be decoded is a row that says so. A promise only where the schema registry must be asked; rejects only where that cannot be. */
export function rowOf(
  { registry, schemas }: Reading,
  topic: string,
  partition: number,
  message: RawMessage,
  format: ReadFormat,
  mostBytes = Infinity,
): MessageRow | Promise<MessageRow> {
  const { offset, timestamp, key, value, headers, fault } = message
  const head = { partition, offset, timestamp: timestamp < 0 ? null : isoOf(timestamp) }
  if (fault !== undefined) return { ...head, key: null, value: null, format: 'poison', error: fault }
  const schema = schemas.of(topic)
  const finish = (decodedKey: JsonObject, decoded: Decoded): MessageRow => {
    const shown = headers.length === 0 ? undefined : headersOf(headers)
    return { ...head, ...decodedKey, ...decoded, ...(shown && { headers: shown }), ...misfit(decoded, schema, schemas) }
  }
  const ready = decodeValue(value, format, registry, mostBytes)
  const readyKey = decodeKey(key, registry)
  if (ready instanceof Promise || readyKey instanceof Promise) return Promise.all([readyKey, ready]).then(([one, other]) => finish(one, other))
  return finish(readyKey, ready)
}

const isoOf = (epochMs: number): string | null => (Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : null)

function misfit({ value, format, error }: Decoded, schema: JsonSchema | undefined, schemas: Schemas): { readonly error?: string } {
  if (schema === undefined || error !== undefined || format === 'tombstone' || format === 'too-long') return {}
  const fault = schemas.fault(schema, value)
  return fault === undefined ? {} : { error: `does not fit the schema of its topic: ${fault}` }
}

const isRegistered = (bytes: Buffer): boolean => bytes.length >= registryHead && bytes[0] === registryMark

function decodeValue(bytes: Buffer | null, format: ReadFormat, registry: Registry | undefined, mostBytes: number): Decoded | Promise<Decoded> {
  if (bytes === null) return { value: null, format: 'tombstone' }
  if (bytes.length > mostBytes) return { value: null, format: 'too-long', error: `the value is ${bytes.length} bytes, more than an answer of this tool takes` }
  if (format === 'base64') return { value: bytes.toString('base64'), format: 'base64' }
  if (format === 'registry' || (format === 'auto' && registry !== undefined && isRegistered(bytes))) return decodeRegistered(bytes, registry)
  if (!isUtf8(bytes)) return format === 'auto' ? { value: bytes.toString('base64'), format: 'base64' } : poison(bytes, 'it is no text in UTF-8')
  const text = bytes.toString('utf8')
  if (format === 'text') return { value: text, format: 'text' }
  try {
    return { value: parseJson(text), format: 'json' }
  } catch (error) {
    if (format === 'json') return poison(bytes, `it is not JSON: ${(error as Error).message}`)
    const looksLikeJson = /^\s*[[{]/.test(text)
    return { value: text, format: 'text', ...(looksLikeJson && { error: `it begins like JSON and is not: ${(error as Error).message}` }) }
  }
}

async function decodeRegistered(bytes: Buffer, registry: Registry | undefined): Promise<Decoded> {
  if (registry === undefined) return poison(bytes, 'this connector has no schema registry')
  if (!isRegistered(bytes)) return poison(bytes, 'it does not begin with the id of a schema')
  try {
    return await registry.decode(bytes)
  } catch (error) {
    if (isRegistryFault(error)) throw error
    return poison(bytes, (error as Error).message)
  }
}

const poison = (bytes: Buffer, error: string): Decoded => ({ value: bytes.subarray(0, shownOfPoison).toString('base64'), format: 'poison', error })

function decodeKey(bytes: Buffer | null, registry: Registry | undefined): JsonObject | Promise<JsonObject> {
  if (bytes === null) return { key: null }
  if (registry === undefined || !isRegistered(bytes)) return plainKey(bytes)
  return registry.decode(bytes).then(
    ({ value }) => ({ key: value, keyFormat: 'registry' }),
    (error: unknown) => {
      if (isRegistryFault(error)) throw error
      return plainKey(bytes)
    },
  )
}

const plainKey = (bytes: Buffer): JsonObject => (isUtf8(bytes) ? { key: bytes.toString('utf8') } : { key: bytes.toString('base64'), keyFormat: 'base64' })

function headersOf(headers: RawMessage['headers']): JsonObject {
  const shown: Record<string, Json> = Object.create(null) as Record<string, Json>
  for (const [name, bytes] of headers) {
    const value = bytes === null ? null : isUtf8(bytes) ? bytes.toString('utf8') : { base64: bytes.toString('base64') }
    const known = shown[name]
    shown[name] = known === undefined ? value : Array.isArray(known) ? [...(known as readonly Json[]), value] : [known, value]
  }
  return { ...shown }
}
