import { isObject, parseJson, type Json } from '../../contract/json.ts'
import { avroCoder } from './avro.ts'
import { protobufCoder } from './protobuf.ts'
import type { Coder, RegisteredSchema } from './registered.ts'
import { Schemas } from './schemas.ts'

/** The coder of a schema of the registry. Throws for a schema that cannot be used. */
export function coderOf(registered: RegisteredSchema): Coder {
  if (registered.type === 'AVRO') return avroCoder(registered)
  if (registered.type === 'PROTOBUF') return protobufCoder(registered)
  if (registered.type === 'JSON') return jsonCoder(registered)
  throw new Error(`${String(registered.type)} is not a type of schema the hub knows`)
}

function jsonCoder({ schema }: RegisteredSchema): Coder {
  const parsed = parseJson(schema)
  if (!isObject(parsed) && typeof parsed !== 'boolean') throw new Error('it is no JSON Schema')
  const schemas = new Schemas()
  const check = (value: Json): Json => {
    const fault = schemas.fault(parsed, value)
    if (fault !== undefined) throw new Error(fault)
    return value
  }
  return {
    format: 'json-schema',
    decode: (bytes) => check(parseJson(bytes.toString('utf8'))),
    encode: (value) => Buffer.from(JSON.stringify(check(value))),
  }
}
