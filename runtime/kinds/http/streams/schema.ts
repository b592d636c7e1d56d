import type { JsonObject } from '../../../contract/json.ts'
import { fields } from '../auth.ts'
import { pointer } from '../operation.ts'
import { streamDefaults as defaults } from './config.ts'
import { durationPattern } from './duration.ts'
import { units } from './times.ts'

type Described = { readonly [name: string]: JsonObject }

const duration = (description: string, byDefault?: string): JsonObject => ({
  type: 'string',
  pattern: durationPattern,
  title: 'duration such as 250ms, 10s, 5m',
  ...(byDefault !== undefined && { default: byDefault }),
  description,
})

const count = (description: string, byDefault: number, maximum: number): JsonObject => ({
  type: 'integer',
  minimum: 1,
  maximum,
  default: byDefault,
  description,
})

const scalar = ['string', 'number', 'boolean']
const equals: JsonObject = {
  anyOf: [{ type: scalar }, { type: 'array', minItems: 1, items: { type: scalar } }],
  description: 'The value, or any of several; without it anything there but null, false and what is empty.',
  examples: ['price'],
}
const match = (description: string, more: Described = {}, required: readonly string[] = ['pointer']): JsonObject =>
  fields(description, { pointer: pointer('Where in the message to look.', '/event'), equals, ...more }, required)

const message = (description: string, ...examples: JsonObject[]): JsonObject => ({
  type: ['object', 'array', 'string'],
  description,
  ...(examples.length > 0 && { examples }),
})

const answering: Described = {
  keys: pointer('Where the keys are that it speaks of, as a list or one; without it, it is about the message that waits longest for its answer.', '/success'),
  key: pointer('Where the key is in each of them, where they are objects.', '/symbol'),
  message: pointer('Where the words are.', '/message'),
}

const time = (description: string): JsonObject =>
  fields(
    description,
    {
      pointer: pointer('Where it is.', '/timestamp'),
      unit: { enum: [...units], description: 's, ms, us, ns: since 1970, UTC; iso: 2021-09-16T15:59:00Z; plain: 2021-09-16 15:59:00, in UTC.' },
    },
    ['pointer', 'unit'],
  )

const texts: JsonObject = { type: 'object', additionalProperties: { type: 'string' } }

/** The schema of `backfill:`; its request is one like those of tools. */
const backfillSchema = (operation: { readonly [name: string]: JsonObject }): JsonObject =>
  fields(
    'How rows that were missed while there was no connection are fetched: a request below base, with the holes {key}, {since}, {until} and {minutes} (how many the gap has).',
    {
      request: { type: 'string', minLength: 1, description: 'Method and path, from base on.', examples: ['GET /trades?pair={key}&since={since}'] },
      headers: { ...texts, description: 'Headers of this request, with holes.' },
      body: { description: 'The JSON body, with holes.' },
      form: { ...texts, description: 'An application/x-www-form-urlencoded body instead.' },
      data: pointer('Where the rows are in the answer.', '/values'),
      failure: operation['failure'] as JsonObject,
      paginate: operation['paginate'] as JsonObject,
      unit: { enum: [...units], description: 'How {since} and {until} are written; without it like the time of the stream.' },
      as: {
        type: 'object',
        description:
          'What a fetched row becomes, where it is not like those of the stream: a text that begins with / is a pointer into it, {key} is the key, anything else stands as it is.',
        examples: [{ symbol: '{key}', price: '/open', timestamp: '/datetime' }],
      },
      time: time('Where the time is in a fetched row, where it is elsewhere than in those of the stream.'),
      pageRows: count(
        'An answer of so many rows is not whole: the rest is asked for from its newest row on. Answers must begin with the oldest row.',
        defaults.pageRows,
        100_000,
      ),
    },
    ['request'],
  )

/** The schema of `config.streams`. `auth` and `operation` are those of the rest of the kind. */
export function streamsSchema(auth: JsonObject, operation: { readonly [name: string]: JsonObject }): JsonObject {
  const secret = { type: 'string', minLength: 1, 'x-secret': true }
  const stream = fields(
    'One WebSocket, shared by all who want something of it; connected while somebody does.',
    {
      summary: { type: 'string', minLength: 1, description: 'What its rows are, for models.' },
      url: {
        type: 'string',
        minLength: 1,
        description: 'Where it is. {name} is the secret of that name below.',
        examples: ['wss://stream.example.com/v1?apikey={apikey}'],
      },
      secrets: {
        type: 'object',
        additionalProperties: secret,
        description: 'What fills the holes of that name in url, login, subscribe, unsubscribe and heartbeat.',
      },
      headers: { type: 'object', additionalProperties: { type: scalar, 'x-secret': true, 'x-secret-plain': true }, description: 'Headers of the handshake.' },
      auth: {
        ...auth,
        description:
          'How the hub says who it is in the handshake, with the same words as auth of the connector; what stands there is not sent to a stream by itself.',
      },
      protocols: { type: 'array', items: { type: 'string', minLength: 1 }, description: 'Subprotocols to offer.' },
      login: fields('What comes before the first subscription.', {
        send: message('A message sent first.', { action: 'auth', key: '{apikey}' }),
        done: match('The message that says that the service is ready; without it nothing is waited for.'),
      }),
      subscribe: message(
        'The message that asks for keys. {keys} is the list of them, {keys,} with commas; {key} is one, and then each has its own message; {id} is a running number. Without it everything comes by itself.',
        {
          action: 'subscribe',
          symbols: '{keys}',
        },
      ),
      unsubscribe: message('The message that asks for no more of them.'),
      accepted: match('Which message says that keys are sent from now on; without it their first row does.', answering),
      refused: match('Which message says that keys are not sent.', answering),
      denied: fields('What says that the service refuses the hub: it is then left alone.', {
        pointer: pointer('Where in a message to look.', '/type'),
        equals,
        message: pointer('Where the words are.', '/message'),
        codes: {
          type: 'array',
          items: { type: 'integer', minimum: 1_000, maximum: 4_999 },
          default: [...defaults.codes],
          description: 'Close codes that say so.',
        },
      }),
      heartbeat: fields('How both sides know that the other is there.', {
        send: message('A message instead of ping frames.', { action: 'heartbeat' }),
        every: duration('How often.', defaults.every),
        silence: duration('A connection on which nothing at all comes for so long is dead.', defaults.silence),
      }),
      rows: fields('Which messages are rows; others are left out.', {
        where: match('Only messages of which this is so.'),
        pointer: pointer('Where the row is in the message, or the list of rows; without it the message is the row.', '/data'),
      }),
      key: pointer('Where in a row it says what it is of: a symbol, a pair, a channel.', '/symbol'),
      time: time('Where the time of a row is; it is answered as ISO 8601. Without it the stream has no positions, and rows are in the order they come.'),
      id: pointer('Where the number of a row is, where it has one; without it two rows that are alike are one.', '/trade_id'),
      backfill: backfillSchema(operation),
      reconnect: fields('The pauses between attempts to connect: each twice as long as the one before, until a connection held for as long as the longest.', {
        first: duration('The first.', defaults.first),
        most: duration('The longest.', defaults.most),
      }),
      keep: count('How many rows of a key a resource answers.', defaults.keep, 10_000),
      mostKeys: count('How many keys may be wanted at one time.', defaults.mostKeys, 10_000),
      buffer: count('How many rows wait for a slow reader before the oldest are lost.', defaults.buffer, 1_000_000),
      idle: duration('How long what nobody wants any more is kept: a connection without keys, a key that was asked for once.', defaults.idle),
      maxMessage: {
        type: 'string',
        pattern: '^\\d+(\\.\\d+)?(b|kb|mb)$',
        title: 'size such as 1mb',
        default: defaults.maxMessage,
        description: 'The largest message taken, unpacked.',
      },
    },
    ['url', 'rows', 'key'],
  )
  return {
    type: 'object',
    maxProperties: 50,
    additionalProperties: stream,
    description: 'WebSockets by name: sources of flows, and resources that can be watched.',
  }
}
