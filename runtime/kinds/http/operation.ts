import type { Json, JsonObject } from '../../contract/json.ts'
import { pointerPattern } from './pointer.ts'
import { durationPattern } from './streams/duration.ts'

/** What in an answer of status 200 says that the request failed. Values are JSON pointers into the body. */
export interface Failure {
  readonly pointer: string
  /** The value that means failure; absent: anything there but null, false, nothing and the empty text, list and map. */
  readonly equals?: string | number | boolean
  readonly message?: string
  /** Where an HTTP status stands, so that it is treated as one. */
  readonly status?: string
}

/** How an answer goes on. */
export interface Paginate {
  readonly style: 'page' | 'offset' | 'cursor' | 'link'
  /** The hole of the page's number. */
  readonly page?: string
  /** The hole of the number of items to leave out. */
  readonly offset?: string
  /** The hole of what `next` found. */
  readonly cursor?: string
  /** Where an answer says what comes next: a cursor, or for style link an address. */
  readonly next?: string
  /** The hole of how many items a page has; an input of that name is how many are wanted in all. */
  readonly size?: string
  readonly sizeAtMost?: number
  readonly start?: number
  readonly maxPages?: number
}

/** A request the manifest wrote. */
export interface RequestOperation {
  readonly request: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Json
  readonly form?: Readonly<Record<string, string>>
  readonly safe?: boolean
  readonly data?: string
  readonly failure?: Failure
  readonly paginate?: Paginate
  readonly whenEmpty?: string
}

/** A GET whose path the caller writes. */
export interface AdHocOperation {
  readonly adHoc: 'request'
}

/** The latest row of each wanted key of a stream. */
export interface CollectOperation {
  readonly collect: {
    readonly stream: string
    /** The input that holds the keys. */
    readonly want: string
    readonly atMost?: string
  }
}

/** The same, of a stream the caller names. */
export interface LatestOperation {
  readonly adHoc: 'latest'
}

/** `operation:` of a tool of this kind. */
export type HttpOperation = RequestOperation | AdHocOperation | CollectOperation | LatestOperation

/** A JSON pointer in a schema. */
export const pointer = (description: string, ...examples: readonly string[]): JsonObject => ({
  type: 'string',
  pattern: pointerPattern,
  title: 'JSON pointer such as /data/items',
  description,
  ...(examples.length > 0 && { examples }),
})

/** The schema of `failure:`. */
export const failureSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['pointer'],
  description: 'What in an answer of status 200 says that the request failed.',
  properties: {
    pointer: pointer('Where it is said.', '/status'),
    equals: {
      type: ['string', 'number', 'boolean'],
      description: 'The value that says so; without it anything does but null, false and what is empty.',
      examples: ['error'],
    },
    message: pointer('Where the words are.', '/message'),
    status: pointer('Where an HTTP status stands; 429 and 5xx are then retried like the real ones.', '/code'),
  },
}

const hole = (description: string, example: string): JsonObject => ({ type: 'string', minLength: 1, description, examples: [example] })

const paginateSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['style'],
  description: 'How a long answer goes on; its items are the list at data.',
  properties: {
    style: {
      enum: ['page', 'offset', 'cursor', 'link'],
      description: 'page: by number; offset: by items left out; cursor: by what next finds; link: by the Link header, or the address next finds.',
    },
    page: hole('For page: the hole of the number. An input of that name is where to begin.', 'page'),
    offset: hole('For offset: the hole of the items left out. An input of that name is where to begin.', 'offset'),
    cursor: hole('For cursor: the hole of the cursor. An input of that name is where to begin.', 'after'),
    next: pointer('For cursor and link: where an answer says what comes next.', '/meta/next'),
    size: hole('The hole of how many items a page has. An input of that name is how many items the caller wants in all.', 'limit'),
    sizeAtMost: { type: 'integer', minimum: 1, maximum: 10_000, default: 100, description: 'The most items the service gives in one page.' },
    start: { type: 'integer', minimum: 0, default: 1, description: 'For page: the number of the first.' },
    maxPages: { type: 'integer', minimum: 1, maximum: 100, default: 10, description: 'The most requests one call makes.' },
  },
}

const collectSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['stream', 'want'],
  description: 'Instead of a request: the latest row of each wanted key of a stream, as soon as all came or the time is up.',
  properties: {
    stream: { type: 'string', minLength: 1, description: 'Its name under config.streams.', examples: ['prices'] },
    want: hole('The input that holds the keys, a list or one.', 'symbols'),
    atMost: {
      type: 'string',
      pattern: durationPattern,
      title: 'duration such as 5s',
      default: '5s',
      description: 'How long to wait for keys of which nothing came yet.',
    },
  },
}

/** The schema of `operation:`. `adHoc` is for the standard tools. */
export const operationSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    request: {
      type: 'string',
      minLength: 1,
      description:
        'Method and path, from base on. {name} is the input of that name, percent-encoded; a query pair whose input is left out is left out too. A list repeats its pair; {name,} writes it with commas.',
      examples: ['GET /quote?symbol={symbol}&interval={interval}'],
    },
    headers: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Headers of this request, with {holes}; one whose input is left out is left out too.',
      examples: [{ 'X-Trace': '{trace}' }],
    },
    body: {
      description: 'The JSON body. A text that is one hole is the input as it is, whatever its type; a key whose input is left out is left out too.',
      examples: [{ symbol: '{symbol}', amount: '{amount}' }, '{order}'],
    },
    form: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'An application/x-www-form-urlencoded body instead.',
      examples: [{ symbol: '{symbol}' }],
    },
    safe: { type: 'boolean', description: 'For a POST under effect: read: it changes nothing, so that it may be sent again.' },
    data: pointer('What of the body is answered; without it the whole. A list is answered as rows.', '/values'),
    failure: failureSchema,
    paginate: paginateSchema,
    whenEmpty: { type: 'string', description: 'What to tell the model when there are no rows.' },
    collect: collectSchema,
    adHoc: { enum: ['request', 'latest'], description: 'request: the path comes from the caller, in its argument path; latest: the stream does.' },
  },
  oneOf: [{ required: ['request'] }, { required: ['collect'] }, { required: ['adHoc'] }],
}
