import type { StandardTool } from '../../contract/tool.ts'
import { accountTools } from './account-tools.ts'
import { exchange, frame, input, limit, offset, patient, search, since, symbol, symbols, timeframe } from './inputs.ts'
import { outputs } from './outputs.ts'

const listExchanges: StandardTool = {
  name: 'list_exchanges',
  summary: 'The exchanges that can be asked here, and what each of them answers.',
  effect: 'read',
  input: input({}),
  output: outputs.exchanges,
  operation: { view: 'exchanges' },
  policy: patient,
}

const listMarkets: StandardTool = {
  name: 'list_markets',
  summary: 'The markets of one exchange, searched and page by page.',
  description:
    'Ask here before anything else when you are not sure how a market is written. Narrow it with base, quote and type: large exchanges have thousands.',
  effect: 'read',
  input: input(
    {
      exchange,
      search: search('Words that must be in the symbol or the exchange’s own id.'),
      base: { type: 'string', maxLength: 40, description: 'Only markets of this currency.', examples: ['BTC'] },
      quote: { type: 'string', maxLength: 40, description: 'Only markets priced in this currency.', examples: ['USDT'] },
      type: { enum: ['spot', 'swap', 'future', 'option'], description: 'Only markets of this sort; swap is perpetual.' },
      inactive: { type: 'boolean', default: false, description: 'Those that are not traded now, too.' },
      limit: limit(1_000, 100, 'How many at most.'),
      offset,
    },
    [],
    [{ base: 'BTC', type: 'spot' }],
  ),
  output: outputs.markets,
  operation: { view: 'markets' },
  policy: { ...patient, cache: '5m' },
}

const ticker: StandardTool = {
  name: 'ticker',
  summary: 'The latest price of one market, with bid, ask and what happened in 24 hours.',
  effect: 'read',
  input: input({ symbol, exchange }, ['symbol'], [{ symbol: 'BTC/USDT' }]),
  output: outputs.ticker,
  operation: { method: 'fetchTicker' },
  policy: patient,
}

const tickers: StandardTool = {
  name: 'tickers',
  summary: 'The latest prices of several markets of one exchange, or of all.',
  effect: 'read',
  input: input(
    { symbols: symbols('Which markets; without it all that the exchange answers in one go.'), exchange },
    [],
    [{ symbols: ['BTC/USDT', 'ETH/USDT'] }],
  ),
  output: outputs.tickers,
  operation: { view: 'tickers' },
  policy: patient,
}

const orderBook: StandardTool = {
  name: 'order_book',
  summary: 'What is bid and asked for one market now, best prices first.',
  effect: 'read',
  input: input({ symbol, exchange, limit: limit(1_000, 25, 'Levels of each side.') }, ['symbol'], [{ symbol: 'BTC/USDT', limit: 10 }]),
  output: outputs.book,
  operation: { method: 'fetchOrderBook' },
  policy: patient,
}

const candles: StandardTool = {
  name: 'candles',
  summary: 'Candles of one market over any range, oldest first.',
  description:
    'Without since the newest ones. Long ranges are read page by page, up to the rows one answer may have; next then says where to go on (give it as since). How far back an exchange goes is its own: some answer only the last few hundred.',
  effect: 'read',
  input: input(
    {
      symbol,
      timeframe,
      since: since('The first candle that is wanted.'),
      until: since('The last moment that is wanted; without it now.'),
      limit: { type: 'integer', minimum: 1, maximum: 5_000, description: 'How many at most; without it all of the range, or the newest 100.' },
      exchange,
    },
    ['symbol'],
    [{ symbol: 'BTC/USDT', timeframe: '1d', since: '2024-01-01', until: '2024-01-31' }],
  ),
  output: outputs.candles,
  operation: { method: 'fetchOHLCV' },
  policy: patient,
}

const trades: StandardTool = {
  name: 'trades',
  summary: 'The latest trades of one market, oldest first.',
  effect: 'read',
  input: input(
    {
      symbol,
      exchange,
      since: since('The first trade that is wanted; few exchanges go back further than some hours.'),
      limit: limit(1_000, 100, 'How many at most.'),
    },
    ['symbol'],
  ),
  output: outputs.trades,
  operation: { method: 'fetchTrades' },
  policy: patient,
}

const fundingRates: StandardTool = {
  name: 'funding_rates',
  summary: 'Funding rates of perpetual contracts: what holding them costs or earns, now or in the past.',
  description: 'With since the past of one market, else the present of several. Only contracts have one: BTC/USDT:USDT, not BTC/USDT.',
  effect: 'read',
  input: input(
    {
      symbols: symbols('Which contracts; without it all that the exchange answers in one go.'),
      since: since('The past from here on, of one market.'),
      limit: { type: 'integer', minimum: 1, maximum: 1_000, description: 'How many of the past.' },
      exchange,
    },
    [],
    [{ symbols: ['BTC/USDT:USDT'] }],
  ),
  output: outputs.funding,
  operation: { view: 'funding_rates' },
  policy: patient,
}

const openInterest: StandardTool = {
  name: 'open_interest',
  summary: 'How many contracts of a market are open, now or in the past.',
  description: 'With timeframe or since the past of one market, else the present.',
  effect: 'read',
  input: input(
    {
      symbols: symbols('Which contracts.', { minItems: 1 }),
      timeframe: { ...frame, description: 'The past in steps of this.' },
      since: since('The past from here on, of one market.'),
      limit: { type: 'integer', minimum: 1, maximum: 1_000, description: 'How many of the past.' },
      exchange,
    },
    ['symbols'],
    [{ symbols: ['BTC/USDT:USDT'] }],
  ),
  output: outputs.interest,
  operation: { view: 'open_interest' },
  policy: patient,
}

const currencies: StandardTool = {
  name: 'currencies',
  summary: 'The currencies of one exchange: whether they can be sent and received, where, and for what fee.',
  effect: 'read',
  input: input({ exchange, search: search('Words that must be in the code or the name.'), limit: limit(1_000, 100, 'How many at most.'), offset }),
  output: outputs.currencies,
  operation: { view: 'currencies' },
  policy: { ...patient, cache: '5m' },
}

const status: StandardTool = {
  name: 'status',
  summary: 'Whether exchanges answer, are under maintenance or over their rate limit.',
  effect: 'read',
  input: input({ exchange: { ...exchange, description: 'Only this one; without it all.' } }),
  output: outputs.status,
  operation: { view: 'status' },
  policy: { ...patient, cache: '10s' },
}

/** Tools every connector of this kind has without writing them. */
export const standardTools: readonly StandardTool[] = [
  listExchanges,
  listMarkets,
  ticker,
  tickers,
  orderBook,
  candles,
  trades,
  fundingRates,
  openInterest,
  currencies,
  status,
  ...accountTools,
]
