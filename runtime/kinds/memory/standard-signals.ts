import type { JsonObject } from '../../contract/json.ts'
import type { StandardTool } from '../../contract/tool.ts'
import { count, fields, input, moment, rows, text, ttl } from './standard-schemas.ts'

const channel = text(
  'The channel: words with . - _ : or / between them, no spaces. All agents of your organisation share channels; own/<name> is yours alone.',
  200,
  'alerts.BTC/USDT',
  'own/reminders',
)
const cursor = (description: string): JsonObject => ({ type: 'string', pattern: '^\\d{1,16}$', description })

const publishSignal: StandardTool = {
  name: 'publish_signal',
  summary: 'Publishes a signal on a channel, for other agents of your organisation to read or to be woken by.',
  description:
    'Signals keep their order and are not changed. A channel keeps the newest ones up to this hub’s bound. Who watches the resource memory://signals/{channel} (the channel percent-encoded) is told at once.',
  effect: 'write',
  input: {
    ...input({ channel, body: { description: 'The signal itself, any JSON. Numbers keep all their digits.' }, ttl }, ['channel', 'body']),
    examples: [{ channel: 'alerts.BTC/USDT', body: { what: 'spike', change: '0.061' }, ttl: '1h' }],
  },
  output: fields(
    {
      channel: { type: 'string' },
      cursor: cursor('Where this signal stands in its channel.'),
      publishedAt: moment('When.'),
      expiresAt: moment('When it is forgotten.'),
    },
    ['channel', 'cursor', 'publishedAt', 'expiresAt'],
  ),
  operation: { publish: {} },
}

const readSignals: StandardTool = {
  name: 'read_signals',
  summary: 'Signals of one channel, in the order they were published: the newest, those after a cursor, or those you have not read.',
  description:
    'With after: those behind that cursor; pass on the answer’s next to go on from there, also when there was nothing. With unread: those behind your own mark, which mark_signals_read moves. With neither: the newest. missed says that signals you asked for gave way to newer ones.',
  effect: 'read',
  input: {
    ...input(
      {
        channel,
        after: cursor('Only signals after this: the next of an earlier answer; 0 for all that are kept.'),
        unread: { type: 'boolean', default: false, description: 'Only signals after your own mark. Not together with after.' },
        limit: count('Signals of one answer.', 50, 1_000),
      },
      ['channel'],
    ),
    examples: [{ channel: 'alerts.BTC/USDT' }, { channel: 'alerts.BTC/USDT', unread: true }],
  },
  output: rows(
    {
      cursor: cursor('Where it stands in the channel.'),
      body: { description: 'As it was published.' },
      by: { type: 'string', description: 'The agent that published it.' },
      publishedAt: moment('When.'),
      expiresAt: moment('When it is forgotten.'),
    },
    ['cursor', 'body', 'by', 'publishedAt', 'expiresAt'],
    {
      next: cursor('Pass this as after the next time, and as cursor to mark_signals_read.'),
      more: { type: 'boolean', description: 'More are there now: behind next, or for the newest before these.' },
      missed: { type: 'boolean', description: 'Some after the cursor gave way to newer ones before they were read.' },
    },
  ),
  operation: { read: {} },
}

const markSignalsRead: StandardTool = {
  name: 'mark_signals_read',
  summary: 'Notes how far you have read a channel, so that read_signals with unread goes on from there, also in a later conversation.',
  description: 'Call it when you are done with what you read. The mark is yours alone, never goes back, and is forgotten after 90 days without use.',
  effect: 'write',
  input: {
    ...input({ channel, cursor: cursor('next of read_signals, or the cursor of one signal.') }, ['channel', 'cursor']),
    examples: [{ channel: 'alerts.BTC/USDT', cursor: '17' }],
  },
  output: fields({ channel: { type: 'string' }, cursor: cursor('Where the mark is now.') }, ['channel', 'cursor']),
  operation: { mark: {} },
  annotations: { idempotentHint: true },
}

const listChannels: StandardTool = {
  name: 'list_channels',
  summary: 'Channels that have signals: your organisation’s, and your own.',
  effect: 'read',
  input: input({ limit: count('Channels at most.', 100, 1_000) }),
  output: rows(
    {
      channel: { type: 'string' },
      signals: { type: 'integer', description: 'How many are kept.' },
      newest: cursor('The newest one.'),
      expiresAt: moment('When the last of them is forgotten.'),
    },
    ['channel', 'signals', 'newest', 'expiresAt'],
  ),
  operation: { channels: {} },
}

/** Tools of signals between agents. */
export const signalTools: readonly StandardTool[] = [publishSignal, readSignals, markSignalsRead, listChannels]
