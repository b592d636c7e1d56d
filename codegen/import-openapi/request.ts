import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { literal } from '../import-source/text.ts'
import { bodyOf, type Body } from './body.ts'
import type { Operation } from './operations.ts'
import { hole, named, parametersOf, type Field } from './parameters.ts'
import type { References } from './pointer.ts'
import { schemasOf } from './schema.ts'
import { unwritable } from './unwritable.ts'

/** How a tool asks: its input, and the part of its operation that sends it. */
export interface Request {
  readonly input: JsonObject
  readonly operation: JsonObject
  readonly fields: readonly Field[]
  readonly notes: readonly string[]
}

/** The request of an operation, or why the kind cannot send it. */
export function requestOf(operation: Operation, references: References, credentials: ReadonlySet<string>): Request | { readonly why: string } {
  const { fields: parameters, notes, blocked } = parametersOf(operation, references, credentials)
  if (blocked !== undefined) return { why: blocked }
  const body = bodyOf(operation, references)
  if (body.form === 'unknown') return { why: body.why }
  const asked = [...parameters, ...bodyFields(body)]
  // Names of a path and a query stand in a text.
  const fields = named(asked.filter(({ place, name }) => name !== unwritable || place === 'path' || place === 'query'))
  const { input, left } = inputOf(fields, references)
  return {
    input,
    operation: { request: `${operation.method} ${pathOf(operation.path, fields)}`, ...headersOf(fields), ...bodyTemplate(body, fields) },
    fields,
    notes: [
      ...notes,
      ...(fields.length < asked.length ? [`its ${unwritable} cannot be written in a manifest; left out`] : []),
      ...(left.size === 0 ? [] : [`its input is large: ${[...left].join(', ')} ${left.size === 1 ? 'is' : 'are'} left open`]),
    ],
  }
}

function bodyFields(body: Body): readonly Omit<Field, 'input'>[] {
  if (body.form === 'members') return body.fields
  return body.form === 'whole' ? [body.field] : []
}

function inputOf(fields: readonly Field[], references: References): { readonly input: JsonObject; readonly left: ReadonlySet<string> } {
  const schemas = schemasOf(references, 'input')
  const required = fields.filter((field) => field.required).map(({ input }) => input)
  const input = schemas.finish({
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(fields.map((field) => [field.input, schemas.take(field.schema)])),
    additionalProperties: false,
  })
  return { input, left: schemas.left }
}

function pathOf(path: string, fields: readonly Field[]): string {
  // Some documents tell operations of one path apart by a fragment.
  const [before = '', after] = path.replace(/#.*$/, '').replace(/\s/g, '%20').split('?', 2)
  const inPath = fields.filter(({ place }) => place === 'path')
  const filled = before.replace(hole, (_, name: string) => holeOf(inPath.find((field) => field.name === name)))
  const pairs = fields.filter(({ place }) => place === 'query').map((field) => `${encodeURIComponent(field.name)}=${holeOf(field)}`)
  const query = [...(after === undefined ? [] : [after]), ...pairs].join('&')
  return literal(query === '' ? filled : `${filled}?${query}`)
}

const holeOf = (field: Field | undefined): string => (field === undefined ? '' : `{${field.input}${field.joined ? ',' : ''}}`)

function headersOf(fields: readonly Field[]): JsonObject {
  const headers = fields.filter(({ place }) => place === 'header').map((field) => [field.name, holeOf(field)] as const)
  return headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }
}

function bodyTemplate(body: Body, fields: readonly Field[]): JsonObject {
  const inBody = fields.filter(({ place }) => place === 'body')
  const [first] = inBody
  if (first === undefined || body.form === 'none') return {}
  if (body.form === 'whole') return { body: holeOf(first) }
  const template: Json = Object.fromEntries(inBody.map((field) => [field.name, holeOf(field)]))
  return body.form === 'members' && body.encoding === 'urlencoded' ? { form: template } : { body: template }
}

/** True for what became a request. */
export const isRequest = (value: Request | { readonly why: string }): value is Request => isObject((value as Request).input)
