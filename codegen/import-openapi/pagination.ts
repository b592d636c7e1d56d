import { isObject, type JsonObject } from '../../runtime/contract/json.ts'
import { listIn, nextIn, type AnswerDraft } from './answer.ts'
import type { Field } from './parameters.ts'
import type { References } from './pointer.ts'

/** How the answers of an operation go on: fields of its `operation:`. */
export interface Paging {
  readonly data?: string
  readonly paginate: JsonObject
  /** The input that now says how many items are wanted in all. */
  readonly size?: string
}

const names = {
  page: /^(page|page_?(no|num|number|index)|p)$/i,
  offset: /^(offset|skip|start(_?(at|index))?|from)$/i,
  cursor: /^(cursor|after|page_?token|next_?token|next_?cursor|continuation_?token|starting_after|marker|scroll_?id|next)$/i,
  size: /^(limit|per_?page|page_?size|size|count|max_?results|first|top|rows|results_?per_?page)$/i,
  nextCursor: /^(next|next_?cursor|next_?page_?token|next_?token|next_?page|end_?cursor|after|cursor|continuation_?token|marker|scroll_?id)$/i,
} as const

/** Recognises paging from the query's names and the answer's shape; undefined where either leaves a doubt. */
export function pagingOf(fields: readonly Field[], { schema, linked }: AnswerDraft, references: References): Paging | undefined {
  const query = fields.filter(({ place, required }) => place === 'query' && !required)
  const find = (pattern: RegExp): Field | undefined => query.find(({ name }) => pattern.test(name.replace(/^.*\[(.+)\]$/, '$1')))
  const list = schema === undefined ? undefined : listIn(schema, references)
  if (schema === undefined || list === undefined) return undefined
  const size = find(names.size)
  const how = styleOf(schema, linked, find, references, size !== undefined)
  if (how === undefined) return undefined
  return {
    ...(list !== '' && { data: list }),
    paginate: { ...how, ...(size !== undefined && { size: size.input, ...mostOf(size, references) }) },
    ...(size !== undefined && { size: size.input }),
  }
}

function styleOf(
  schema: JsonObject,
  linked: boolean,
  find: (pattern: RegExp) => Field | undefined,
  references: References,
  sized: boolean,
): JsonObject | undefined {
  const cursor = find(names.cursor)
  const next = nextIn(schema, references, names.nextCursor)
  if (cursor !== undefined && next !== undefined) return { style: 'cursor', cursor: cursor.input, next }
  if (linked) return { style: 'link' }
  // Without a page's size nobody can tell the last page from one that is full by chance.
  const page = find(names.page)
  if (page !== undefined && sized) return { style: 'page', page: page.input, ...startOf(page, references) }
  const offset = find(names.offset)
  return offset !== undefined && sized ? { style: 'offset', offset: offset.input } : undefined
}

function startOf({ schema }: Field, references: References): JsonObject {
  const { minimum, default: first } = references.follow(schema) ?? {}
  return minimum === 0 || first === 0 ? { start: 0 } : {}
}

function mostOf({ schema }: Field, references: References): JsonObject {
  const { maximum } = references.follow(schema) ?? {}
  return typeof maximum === 'number' && Number.isInteger(maximum) && maximum >= 1 && maximum <= 10_000 ? { sizeAtMost: maximum } : {}
}

/** The input of a paged tool: its size is no longer that of one page. */
export function withWholeSize(input: JsonObject, size: string | undefined): JsonObject {
  const { properties } = input
  if (size === undefined || !isObject(properties) || !isObject(properties[size])) return input
  const { maximum: _most, ...one } = properties[size]
  return { ...input, properties: { ...properties, [size]: { ...one, description: 'How many are wanted in all; fetched page by page.' } } }
}
