import { expect, test } from 'vitest'
import { listTrials, select, unanswered } from '../../../runtime/trials/select.ts'
import { titleOf } from '../../../runtime/trials/trial.ts'
import { connector, plan, tool } from '../../fixtures/plan.ts'
import { testOf } from './trials.ts'

const tests = (...names: string[]) => ({ tests: names.map((name) => testOf({ name })) })
const symbols = {
  uri: 'market://symbols',
  template: false,
  mimeType: 'application/json',
  tool: { ...tool('market', 'symbols', tests('all')), name: 'market://symbols' },
}
const all = listTrials(
  plan([
    connector('bus', { tools: [tool('bus', 'prices', tests('live')), tool('bus', 'bare')] }),
    connector('market', { tools: [tool('market', 'returns', tests('the year 2019', 'one day'))], resources: [symbols] }),
  ]),
)
const titles = (patterns: readonly string[], connectors: readonly string[] = []): readonly string[] => select(all, { patterns, connectors }).map(titleOf)

test.each<{ patterns: string[]; connectors?: string[]; found: string[] }>([
  { patterns: [], found: ['bus_prices: live', 'market_returns: the year 2019', 'market_returns: one day', 'market://symbols: all'] },
  { patterns: ['market_*'], found: ['market_returns: the year 2019', 'market_returns: one day'] },
  { patterns: ['market_returns: one*', 'bus_prices'], found: ['bus_prices: live', 'market_returns: one day'] },
  { patterns: ['market://symbols'], found: ['market://symbols: all'] },
  { patterns: ['*: *day'], connectors: ['bus'], found: [] },
  { patterns: [], connectors: ['market'], found: ['market_returns: the year 2019', 'market_returns: one day', 'market://symbols: all'] },
])('$patterns of $connectors', ({ patterns, connectors = [], found }) => expect(titles(patterns, connectors)).toEqual(found))

test('a pattern without an answer names what is near', () => {
  expect(unanswered(all, ['market_*', 'market_retruns', 'bus_bare'])).toEqual([
    { pattern: 'market_retruns', near: ['market_returns'] },
    { pattern: 'bus_bare', near: [] },
  ])
})
