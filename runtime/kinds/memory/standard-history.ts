import type { JsonObject } from '../../contract/json.ts'
import type { StandardTool } from '../../contract/tool.ts'
import { count, input, moment, namespace, next, rows, text, fields } from './standard-schemas.ts'

const symbol = text('What the analysis is about, written always alike: queries find it by exactly this.', 100, 'BTC/USDT', '^GSPC')
const timeframe = text('The timeframe it looked at.', 100, '1h', '1d')
const kind = text('Which kind of analysis, a name of your own.', 100, 'technical', 'daily_brief')
const time = (description: string): JsonObject => ({ type: 'string', format: 'date-time', maxLength: 40, description, examples: ['2026-01-31T09:30:00Z'] })

const analysis = {
  id: { type: 'integer', description: 'Grows with every analysis of the namespace.' },
  symbol: { type: 'string' },
  timeframe: { type: 'string' },
  kind: { type: 'string' },
  at: moment('What it speaks of.'),
  recordedAt: moment('When it was added.'),
  expiresAt: moment('When it is forgotten.'),
  by: { type: 'string', description: 'The agent that added it.' },
}

const appendAnalysis: StandardTool = {
  name: 'append_analysis',
  summary: 'Adds an analysis of one symbol to your history, so that you find it again by symbol, kind and time.',
  description:
    'Analyses are never changed; add a newer one instead. They are kept for this hub’s retention, and the oldest give way when the history is full, which the answer then says.',
  effect: 'write',
  input: {
    ...input(
      {
        symbol,
        kind,
        body: { description: 'The analysis itself, any JSON. Numbers keep all their digits.' },
        timeframe,
        at: time('The moment it speaks of; without it now.'),
        namespace,
      },
      ['symbol', 'kind', 'body'],
    ),
    examples: [{ symbol: 'BTC/USDT', timeframe: '1d', kind: 'technical', body: { trend: 'up', rsi: '61.2', confidence: 0.7 } }],
  },
  output: fields(
    { namespace: { type: 'string' }, ...analysis, dropped: { type: 'integer', description: 'How many of the oldest gave way, since the history was full.' } },
    ['namespace', 'id', 'symbol', 'kind', 'at', 'recordedAt', 'expiresAt'],
  ),
  operation: { append: {} },
}

const queryAnalyses: StandardTool = {
  name: 'query_analyses',
  summary: 'Earlier analyses by symbol, kind, timeframe and time, newest first.',
  description: 'What is left out is not asked for: without any argument the newest of everything. Page by page: pass next as after while there is one.',
  effect: 'read',
  input: {
    ...input({
      symbol,
      kind,
      timeframe,
      from: time('Only analyses of this moment and later.'),
      to: time('Only analyses before this moment.'),
      after: text('Only what is older than an earlier answer’s last: its next.', 40),
      limit: count('Analyses of one page.', 20, 1_000),
      namespace,
    }),
    examples: [{ symbol: 'BTC/USDT', kind: 'technical', limit: 5 }],
  },
  output: rows({ ...analysis, body: { description: 'As it was written.' } }, ['id', 'symbol', 'kind', 'at', 'recordedAt', 'expiresAt', 'body'], { next }),
  operation: { query: {} },
}

/** Tools of the history of analyses. */
export const historyTools: readonly StandardTool[] = [appendAnalysis, queryAnalyses]
