import { expect } from 'vitest'
import { ccxt } from '../../runtime/kinds/ccxt/kind.ts'
import { used } from '../components/used.ts'
import { krakenKey } from '../fixtures/exchanges/kraken.ts'
import { startExchanges, type Exchanges } from '../fixtures/exchanges/server.ts'
import { tool } from '../fixtures/plan.ts'
import { configOf, lendExchanges, standard } from './ccxt-connector.ts'
import { kindConformance } from './conformance.ts'

let exchanges: Exchanges

kindConformance({
  name: 'exchanges on loopback',
  kind: ccxt,
  lend: lendExchanges,
  start: async () => {
    used('ccxt against a loopback exchange')
    exchanges = await startExchanges()
    // What is asked for the time is never answered.
    exchanges.meddle(({ path }) => (path === '/0/public/Time' ? 'silence' : undefined))
    const { credentials, venues } = configOf(exchanges.url) as { credentials: { kraken: object }; venues: { kraken: object } }
    return {
      config: { exchanges: ['kraken'], credentials: { kraken: credentials.kraken }, venues: { kraken: venues.kraken }, account: true } as never,
      secrets: [krakenKey.apiKey, krakenKey.secret, new URL(exchanges.url).port],
      outage: { begin: () => exchanges.pause(), end: () => exchanges.resume() },
      stop: () => exchanges.stop(),
    }
  },
  badConfigs: [
    { name: 'nobody', config: {}, about: /exchanges/ },
    { name: 'an empty list', config: { exchanges: [] }, about: /exchanges.*fewer than 1/ },
    { name: 'an exchange that is none', config: { exchanges: ['krakn'] }, about: /there is no exchange "krakn"/ },
    { name: 'one twice', config: { exchanges: ['kraken', 'kraken'] }, about: /duplicate/ },
    {
      name: 'credentials of another',
      config: { exchanges: ['kraken'], credentials: { binance: { apiKey: 'x' } } },
      about: /credentials are given for "binance"/,
    },
    { name: 'a credential no exchange has', config: { exchanges: ['kraken'], credentials: { kraken: { key: 'x' } } }, about: /key/ },
    { name: 'settings of another', config: { exchanges: ['kraken'], venues: { coinbase: {} } }, about: /venues are given for "coinbase"/ },
    {
      name: 'an address that is no origin',
      config: { exchanges: ['kraken'], venues: { kraken: { urls: 'https://proxy/path' } } },
      about: /urls is not an origin/,
    },
    { name: 'an account without credentials', config: { exchanges: ['kraken'], account: true }, about: /there are no credentials/ },
    { name: 'a time without a unit', config: { exchanges: ['kraken'], timeout: '5' }, about: /timeout.*pattern/ },
    { name: 'a queue of none', config: { exchanges: ['kraken'], queue: 0 }, about: /queue.*>= 1/ },
    { name: 'a field it does not have', config: { exchanges: ['kraken'], trading: true }, about: /trading/ },
  ],
  quick: {
    tool: standard('ticker'),
    args: { symbol: 'BTC/USD' },
    expected: (answer) => expect(answer).toMatchObject({ type: 'data', data: { exchange: 'kraken', symbol: 'BTC/USD', last: '40000.10' } }),
  },
  slow: { tool: tool('exchanges', 'time', { operation: { method: 'fetchTime' } }), args: {}, isRunning: async () => exchanges.open() > 0 },
})
