import type { Json } from '../../contract/json.ts'

/** What a value was written by. */
export interface RegisteredSchema {
  readonly id: number
  readonly type: 'AVRO' | 'PROTOBUF' | 'JSON'
  readonly schema: string
  readonly references: readonly { readonly name: string; readonly schema: string; readonly references: RegisteredSchema['references'] }[]
}

/** Values to and from the bytes one schema says. Both throw an Error that says what does not fit. */
export interface Coder {
  readonly format: 'avro' | 'protobuf' | 'json-schema'
  decode(bytes: Buffer): Json
  encode(value: Json): Buffer
}
