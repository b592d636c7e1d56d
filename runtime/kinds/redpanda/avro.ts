import avro, { types, type Type } from 'avsc'
import { isObject, isRawNumber, rawNumber, type Json } from '../../contract/json.ts'
import { decimalOf, unscaledOf } from './decimals.ts'
import type { Coder, RegisteredSchema } from './registered.ts'

/** Avro, every long exact. */
export function avroCoder({ schema, references }: RegisteredSchema): Coder {
  const registry: Record<string, Type> = {}
  const options = { registry, wrapUnions: 'auto' as const, logicalTypes, typeHook: longHook }
  const define = (all: RegisteredSchema['references']): void => {
    for (const { name, schema: text, references: inner } of all) {
      define(inner)
      if (registry[name] === undefined) avro.Type.forSchema(read(text), options)
    }
  }
  define(references)
  const type = avro.Type.forSchema(read(schema), options)
  return {
    format: 'avro',
    decode: (bytes) => jsonOf(type.fromBuffer(bytes)),
    encode: (value) => type.toBuffer(fitted(type, value)),
  }
}

// A schema may be a bare name ("string"), and may be written without quotes by old tools.
const read = (text: string): avro.Schema => (/^\s*[{["]/.test(text) ? (JSON.parse(text) as avro.Schema) : text)

const smallest = -(2n ** 63n)
const largest = 2n ** 63n - 1n

/** 64 bits as a number where a double holds it, as a bigint otherwise. */
const longType = types.LongType.__with({
  fromBuffer: (bytes: Buffer) => shortest(bytes.readBigInt64LE(0)),
  toBuffer: (value: number | bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(value))
    return bytes
  },
  fromJSON: (value: number) => value,
  toJSON: (value: number | bigint) => Number(value),
  isValid: (value: unknown) => (typeof value === 'bigint' ? value >= smallest && value <= largest : Number.isSafeInteger(value)),
  compare: (left: number | bigint, right: number | bigint) => (left === right ? 0 : left < right ? -1 : 1),
})

const shortest = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value

function longHook(schema: avro.Schema): Type | undefined {
  return schema === 'long' || (isObject(schema) && schema['type'] === 'long' && schema['logicalType'] === undefined) ? longType : undefined
}

/** Times as ISO 8601, decimals as digits; what has no day of the calendar stays a number. */
class Timestamp extends types.LogicalType {
  override _fromValue(value: number | bigint): string | number | bigint {
    const micros = (this as unknown as { logicalTypeName?: string }).logicalTypeName === 'timestamp-micros'
    const [epochMs, rest] = micros ? [Number(BigInt(value) / 1_000n), Number(BigInt(value) % 1_000n)] : [Number(value), 0]
    if (rest < 0 || Math.abs(epochMs) > 8.64e15) return value
    const text = new Date(epochMs).toISOString()
    return micros ? `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z` : text
  }
  override _toValue(value: unknown): number | bigint | undefined {
    if (typeof value === 'number' || typeof value === 'bigint') return value
    const epochMs = typeof value === 'string' ? Date.parse(value) : Number.NaN
    return Number.isNaN(epochMs) ? undefined : epochMs
  }
}

class Micros extends Timestamp {
  readonly logicalTypeName = 'timestamp-micros'
  override _toValue(value: unknown): number | bigint | undefined {
    if (typeof value !== 'string') return super._toValue(value)
    const [, finer = ''] = /\.\d{3}(\d{1,3})/.exec(value) ?? []
    const epochMs = super._toValue(value)
    return epochMs === undefined ? undefined : shortest(BigInt(epochMs) * 1_000n + BigInt(finer.padEnd(3, '0')))
  }
}

class Day extends types.LogicalType {
  override _fromValue(days: number): string | number {
    const epochMs = days * 86_400_000
    return Math.abs(epochMs) > 8.64e15 ? days : new Date(epochMs).toISOString().slice(0, -14)
  }
  override _toValue(value: unknown): number | undefined {
    if (typeof value === 'number') return value
    const epochMs = typeof value === 'string' ? Date.parse(`${value}T00:00:00Z`) : Number.NaN
    return Number.isNaN(epochMs) ? undefined : epochMs / 86_400_000
  }
}

class Decimal extends types.LogicalType {
  readonly #scale: number
  constructor(schema: avro.Schema, options: object) {
    super(schema, options)
    this.#scale = (schema as { scale?: number }).scale ?? 0
  }
  override _fromValue(bytes: Buffer): string {
    return decimalOf(bytes, this.#scale)
  }
  override _toValue(value: unknown): Buffer | undefined {
    if (typeof value !== 'string' && typeof value !== 'number') return undefined
    const bytes = unscaledOf(String(value), this.#scale)
    const { size } = this.underlyingType as unknown as { size?: number }
    if (bytes === undefined || size === undefined) return bytes
    return bytes.length > size ? undefined : Buffer.concat([Buffer.alloc(size - bytes.length, ((bytes[0] ?? 0) & 0x80) === 0 ? 0 : 0xff), bytes])
  }
}

const logicalTypes = {
  'timestamp-millis': Timestamp,
  'timestamp-micros': Micros,
  'local-timestamp-millis': Timestamp,
  'local-timestamp-micros': Micros,
  date: Day,
  decimal: Decimal,
}

/** What avsc read, as JSON: bytes in base64, integers beyond 2^53 with every digit, NaN and infinities as their names. */
function jsonOf(value: unknown): Json {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return rawNumber(String(value))
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, jsonOf(inner)]))
  return value as Json
}

/** JSON as avsc writes it. Throws an Error with the place of what does not fit. */
function fitted(type: Type, value: Json): unknown {
  const made = avroOf(type, value)
  let fault = ''
  if (
    type.isValid(made, {
      errorHook: (path, _value, expected) => void (fault ||= `/${path.join('/')} is not ${expected.typeName.replace('abstract:', '').replace('logical:', '')}`),
    })
  )
    return made
  throw new Error(fault === '' ? 'it does not fit' : fault.replace(/^\/ /, 'the value '))
}

function avroOf(type: Type, value: Json | undefined): unknown {
  const { typeName } = type as { typeName: string }
  if (typeName.startsWith('union:')) return branchOf(type as types.UnwrappedUnionType, value ?? null)
  if (value === undefined) return undefined
  if (isRawNumber(value)) return typeName === 'abstract:long' && /^-?\d+$/.test(value.rawJSON) ? BigInt(value.rawJSON) : Number(value.rawJSON)
  if (typeName === 'abstract:long' && typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return shortest(BigInt(value))
  if (typeof value === 'string' && (typeName === 'double' || typeName === 'float')) return /^(NaN|-?Infinity)$/.test(value) ? Number(value) : value
  if (typeof value === 'string' && (typeName === 'bytes' || typeName === 'fixed')) return Buffer.from(value, 'base64')
  if (typeName === 'array' && Array.isArray(value)) return value.map((item: Json) => avroOf((type as types.ArrayType).itemsType, item))
  if (typeName === 'map' && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, avroOf((type as types.MapType).valuesType, inner)]))
  if (typeName === 'record' && isObject(value)) return recordOf(type as types.RecordType, value)
  return value
}

function recordOf(type: types.RecordType, value: { readonly [name: string]: Json }): unknown {
  const { fields } = type
  const unknown = Object.keys(value).find((name) => !fields.some((field) => field.name === name))
  if (unknown !== undefined) throw new Error(`${type.name ?? 'the record'} has no field "${unknown}"`)
  // avsc lays a field's default where the value has none.
  return Object.fromEntries(
    fields.map(({ name, type: inner, defaultValue }) => [name, value[name] === undefined ? defaultValue() : avroOf(inner, value[name])]),
  )
}

function branchOf(type: types.UnwrappedUnionType, value: Json): unknown {
  const isWrapped = (type as { typeName: string }).typeName === 'union:wrapped'
  const names = type.types.map((branch) => branch.branchName ?? branch.typeName)
  const keys = isObject(value) ? Object.keys(value) : []
  const named = keys.length === 1 ? names.indexOf(keys[0] as string) : -1
  if (isWrapped && named >= 0)
    return { [names[named] as string]: avroOf(type.types[named] as Type, (value as { [name: string]: Json })[names[named] as string]) }
  for (const [index, branch] of type.types.entries()) {
    const made = tried(branch, value)
    if (made === undefined || !branch.isValid(made)) continue
    return made === null || !isWrapped ? made : { [names[index] as string]: made }
  }
  return value
}

function tried(branch: Type, value: Json): unknown {
  try {
    return avroOf(branch, value)
  } catch {
    return undefined
  }
}
