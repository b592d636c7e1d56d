import protobufjs, { type Field, type Type } from 'protobufjs'
import { isObject, isRawNumber, type Json, type JsonObject } from '../../contract/json.ts'
import type { Coder, RegisteredSchema } from './registered.ts'

const { Enum, MapField, Root, common, parse, Type: MessageType } = protobufjs

/** Protocol Buffers, in the JSON mapping of proto3: 64-bit integers are texts, bytes base64. */
export function protobufCoder({ schema, references }: RegisteredSchema): Coder {
  const root = new Root()
  const { package: packageName } = parse(schema, root, { keepCase: true })
  const space = packageName === undefined ? root : root.lookup(packageName)
  // Before anything that is imported joins the same package.
  const own = space instanceof protobufjs.Namespace ? space.nestedArray.filter((one) => one instanceof MessageType) : []
  for (const file of importsOf(schema, references)) {
    if (typeof file === 'string') parse(file, root, { keepCase: true })
    else root.addJSON(file)
  }
  root.resolveAll()
  return {
    format: 'protobuf',
    decode: (bytes) => {
      const { type, rest } = messageAt(own, bytes)
      return type.toObject(type.decode(rest), {
        longs: String,
        enums: String,
        bytes: String,
        defaults: true,
        arrays: true,
        objects: true,
        json: true,
      }) as JsonObject
    },
    encode: (value) => {
      const [type] = own
      if (type === undefined) throw new Error('the schema has no message')
      // One zero: the first message of the file.
      return Buffer.concat([Buffer.from([0]), type.encode(messageOf(type, value, '')).finish()])
    },
  }
}

type Nested = NonNullable<Parameters<InstanceType<typeof Root>['addJSON']>[0]>

/** What a schema imports, in texts, and what comes with the library. */
function importsOf(schema: string, references: RegisteredSchema['references']): readonly (string | Nested)[] {
  const wellKnown = [schema, ...flattened(references)].flatMap((text) =>
    [...text.matchAll(/import\s+(?:public\s+)?"(google\/protobuf\/[^"]+)"/g)].map(([, file]) => file as string),
  )
  const shipped = [...new Set(wellKnown)].map((file) => (common.get(file) as { nested?: Nested } | null)?.nested).filter((nested) => nested !== undefined)
  return [...flattened(references), ...shipped]
}

const flattened = (references: RegisteredSchema['references']): readonly string[] => [
  ...new Set(references.flatMap((one) => [...flattened(one.references), one.schema])),
]

/** Which message of the file it is: a count and the places on the way down, zigzag; a single zero stands for the first. */
function messageAt(own: readonly unknown[], bytes: Buffer): { readonly type: Type; readonly rest: Buffer } {
  let at = 0
  const next = (): number => {
    let result = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at]
      if (byte === undefined || shift > 28) throw new Error('the message’s place in its file cannot be read')
      at += 1
      result |= (byte & 0x7f) << shift
      if (byte < 0x80) return (result >>> 1) ^ -(result & 1)
    }
  }
  const count = next()
  const path = count === 0 ? [0] : Array.from({ length: Math.min(count, 16) }, next)
  let [found, level]: [unknown, readonly unknown[]] = [undefined, own]
  for (const index of path) {
    found = level[index]
    level = found instanceof MessageType ? found.nestedArray.filter((one) => one instanceof MessageType) : []
  }
  if (!(found instanceof MessageType)) throw new Error(`the schema has no message at ${path.join('.')}`)
  return { type: found, rest: bytes.subarray(at) }
}

function messageOf(type: Type, value: Json, path: string): protobufjs.Message {
  if (!isObject(value)) throw new Error(`${path === '' ? 'the value' : path} is not an object`)
  const made: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    const field = type.fields[name]
    if (field === undefined) throw new Error(`${type.name} has no field "${name}"`)
    if (inner !== null) made[name] = fieldOf(field, inner, `${path}/${name}`)
  }
  const missing = type.fieldsArray.find((field) => field.required && made[field.name] === undefined)
  if (missing !== undefined) throw new Error(`${path}/${missing.name} is missing`)
  return type.fromObject(made)
}

function fieldOf(field: Field, value: Json, path: string): unknown {
  if (field instanceof MapField) {
    if (!isObject(value)) throw new Error(`${path} is not an object`)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, oneOf(field, inner, `${path}/${key}`)]))
  }
  if (!field.repeated) return oneOf(field, value, path)
  if (!Array.isArray(value)) throw new Error(`${path} is not a list`)
  return value.map((item: Json, index) => oneOf(field, item, `${path}/${index}`))
}

const whole = /^-?\d{1,20}$/

function oneOf(field: Field, value: Json, path: string): unknown {
  const { resolvedType, type } = field
  if (resolvedType instanceof MessageType) return messageOf(resolvedType, value, path)
  const given = isRawNumber(value) ? value.rawJSON : value
  const fits = (isGood: boolean, made: unknown = given): unknown => {
    if (isGood) return made
    throw new Error(`${path} is not ${resolvedType instanceof Enum ? `one of ${Object.keys(resolvedType.values).join(', ')}` : type}`)
  }
  if (resolvedType instanceof Enum)
    return fits(typeof given === 'string' ? resolvedType.values[given] !== undefined : resolvedType.valuesById[Number(given)] !== undefined)
  if (type === 'string') return fits(typeof given === 'string' && !isRawNumber(value))
  if (type === 'bytes') return fits(typeof given === 'string')
  if (type === 'bool') return fits(typeof given === 'boolean')
  if (type === 'double' || type === 'float')
    return fits(typeof given === 'number' || /^(NaN|-?Infinity|-?\d+(\.\d+)?([eE][+-]?\d+)?)$/.test(String(given)), Number(given))
  if (type.endsWith('64')) return fits(whole.test(String(given)) && typeof given !== 'boolean', String(given))
  const number = Number(given)
  const [least, most] = type.startsWith('u') || type === 'fixed32' ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1]
  return fits(typeof given === 'number' && Number.isInteger(number) && number >= least && number <= most)
}
