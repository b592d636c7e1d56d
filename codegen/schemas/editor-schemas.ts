import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import type { Kind } from '../../runtime/contract/kind.ts'
import { hubConfigSchema } from '../../runtime/manifest/hub-schema.ts'
import { connectorSchema } from '../../runtime/manifest/schemas.ts'
import { mapSubschemas, shareRepeated } from '../../runtime/manifest/subschemas.ts'

const dialect = 'https://json-schema.org/draft/2020-12/schema'

const variable: JsonObject = { type: 'string', pattern: '\\$\\{', description: 'From the environment: ${NAME} or ${NAME:-default}.' }

const secret: JsonObject = {
  type: 'object',
  description: 'A secret, by reference: { secret: NAME } from the environment, { secret: { file: path } } from a file.',
  additionalProperties: false,
  required: ['secret'],
  properties: {
    secret: {
      description: 'The name of an environment variable, or { file: path }, or { <store>: key }.',
      anyOf: [{ type: 'string' }, { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: { type: 'string' } }],
    },
    optional: { type: 'boolean', description: 'true: the connector works without it.' },
  },
}

/** The schema editors complete and check a connector's manifest with: the compiler's own, one form for each kind, with `${…}` and secret references besides plain values. */
export function connectorEditorSchema(kinds: readonly Kind[]): JsonObject {
  return shareRepeated({
    $schema: dialect,
    title: 'Connector of an integration hub',
    oneOf: kinds.map((kind) => asWritten(connectorSchema(kind)) as JsonObject),
  })
}

/** The same for hub.config.yaml. */
export const hubConfigEditorSchema = (): JsonObject =>
  shareRepeated({ $schema: dialect, ...(asWritten(hubConfigSchema) as JsonObject), title: 'hub.config.yaml of an integration hub' })

/** A schema of values as one of texts: where the compiler puts something in before it checks, the file may say what is put in. */
function asWritten(schema: Json): Json {
  if (!isObject(schema)) return schema
  const { 'x-secret': isSecret, 'x-secret-plain': _plain, ...rest } = schema
  const inner = mapSubschemas(rest, asWritten)
  const forms = [...(isSecret === true ? [secret] : []), ...(takesVariable(rest) ? [variable] : [])]
  if (forms.length === 0) return inner
  const { title, description, default: fallback, ...shape } = inner
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [shape, ...forms],
  }
}

/** True for scalars that are not any text at all. */
function takesVariable({ type, enum: allowed, pattern }: JsonObject): boolean {
  const types = [type].flat()
  return (
    Array.isArray(allowed) ||
    pattern !== undefined ||
    (types.some((one) => one === 'integer' || one === 'number' || one === 'boolean') && !types.includes('string') && !types.includes('object'))
  )
}
