import type { JsonObject } from '../../contract/json.ts'

/** A decimal as text. */
export const decimal = (description?: string): JsonObject => ({ type: ['string', 'null'], ...(description !== undefined && { description }) })
const moment = (description: string): JsonObject => ({ type: ['string', 'null'], format: 'date-time', description })
const exchange: JsonObject = { type: 'string', description: 'The exchange that answered.' }
const next = (description: string): JsonObject => ({ type: ['string', 'integer'], description })

const object = (properties: JsonObject, required: readonly string[], description?: string): JsonObject => ({
  type: 'object',
  required,
  properties,
  ...(description !== undefined && { description }),
})

const list = (properties: JsonObject, required: readonly string[], more: JsonObject = {}, isOfOne = true): JsonObject =>
  object({ ...(isOfOne && { exchange }), ...more, rows: { type: 'array', items: object(properties, required) } }, isOfOne ? ['exchange', 'rows'] : ['rows'])

const tickerFields: JsonObject = {
  symbol: { type: 'string' },
  timestamp: moment('When the exchange says it was; missing where it does not say.'),
  last: decimal('The last price.'),
  bid: decimal('The best price somebody buys at.'),
  ask: decimal('The best price somebody sells at.'),
  open: decimal('24 hours ago.'),
  high: decimal('Of 24 hours.'),
  low: decimal('Of 24 hours.'),
  percentage: decimal('Change of 24 hours in percent: 1.5 is 1.5 %.'),
  baseVolume: decimal('Of 24 hours, in the base currency.'),
  quoteVolume: decimal('Of 24 hours, in the quote currency.'),
}

const side: JsonObject = {
  type: 'array',
  description: 'Best first, each [price, amount].',
  items: { type: 'array', minItems: 2, maxItems: 2, items: { type: ['string', 'null'] } },
}

const candleFields: JsonObject = {
  timestamp: { type: 'string', format: 'date-time', description: 'When the candle opened.' },
  open: decimal(),
  high: decimal(),
  low: decimal(),
  close: decimal(),
  volume: decimal('In the base currency.'),
}

const tradeFields: JsonObject = {
  id: { type: 'string' },
  timestamp: moment('When it was made.'),
  symbol: { type: 'string' },
  side: { type: 'string', description: 'buy or sell, of who took the price.' },
  price: decimal(),
  amount: decimal('In the base currency, or in contracts.'),
  cost: decimal('price * amount, in the quote currency.'),
}

/** What the standard tools answer. */
export const outputs = {
  exchanges: list(
    {
      exchange: { type: 'string', description: 'The id every other tool takes.' },
      name: { type: 'string' },
      countries: { type: 'array', items: { type: 'string' } },
      isDefault: { type: 'boolean', description: 'Asked where a call names no exchange.' },
      hasAccount: { type: 'boolean', description: 'There are credentials, so its account can be read.' },
      hasStreams: { type: 'boolean', description: 'Its resources can be subscribed.' },
      can: { type: 'array', items: { type: 'string' }, description: 'The tools it answers.' },
      timeframes: { type: 'array', items: { type: 'string' }, description: 'Of its candles.' },
    },
    ['exchange', 'name', 'can'],
    {},
    false,
  ),
  markets: list(
    {
      symbol: {
        type: 'string',
        description: 'What every other tool takes: BASE/QUOTE; with :SETTLE for perpetual contracts, and a date behind it for dated ones.',
      },
      type: { type: 'string', description: 'spot, swap (perpetual), future or option.' },
      base: { type: 'string' },
      quote: { type: 'string', description: 'What prices are in. USD, USDT and USDC are three different things.' },
      settle: { type: 'string', description: 'What a contract is paid in.' },
      active: { type: 'boolean' },
      contractSize: decimal('How much of base one contract is.'),
      precision: { type: 'object', description: 'The smallest steps of price and amount.' },
      limits: { type: 'object', description: 'The smallest and largest order.' },
    },
    ['symbol', 'type', 'base', 'quote'],
    { total: { type: 'integer', description: 'How many fit in all.' }, next: next('offset of the next page; missing at the end.') },
  ),
  currencies: list(
    {
      code: { type: 'string' },
      name: { type: 'string' },
      active: { type: 'boolean' },
      deposit: { type: 'boolean' },
      withdraw: { type: 'boolean' },
      fee: decimal('Of a withdrawal, in the currency itself.'),
      networks: { type: 'object', description: 'Where it can be sent, with the fee of each.' },
    },
    ['code'],
    { total: { type: 'integer' }, next: next('offset of the next page; missing at the end.') },
  ),
  ticker: object({ exchange, ...tickerFields }, ['exchange', 'symbol']),
  tickers: list(tickerFields, ['symbol']),
  book: object({ exchange, symbol: { type: 'string' }, timestamp: moment('When the exchange says it was.'), bids: side, asks: side }, [
    'exchange',
    'bids',
    'asks',
  ]),
  candles: list(candleFields, ['timestamp', 'open', 'high', 'low', 'close', 'volume'], {
    symbol: { type: 'string' },
    timeframe: { type: 'string' },
    next: { type: 'string', description: 'since of the next page, when there is more.' },
  }),
  trades: list(tradeFields, ['price', 'amount']),
  funding: list(
    {
      symbol: { type: 'string' },
      fundingRate: decimal('A fraction of the position, paid by longs to shorts when above zero: 0.0001 is 0.01 %.'),
      fundingTimestamp: moment('When it is paid next.'),
      interval: { type: 'string', description: 'How often it is paid.' },
      markPrice: decimal(),
      indexPrice: decimal(),
      timestamp: moment('Of the rate.'),
    },
    ['symbol'],
  ),
  interest: list(
    {
      symbol: { type: 'string' },
      openInterestAmount: decimal('Open contracts, in base or in contracts as the exchange counts.'),
      openInterestValue: decimal('The same in the quote currency, where the exchange says it.'),
      timestamp: moment('Of the count.'),
    },
    [],
  ),
  status: list(
    {
      exchange: { type: 'string' },
      status: { type: 'string', description: 'ok, maintenance, limited (over its rate limit), down, or another word of the exchange.' },
      because: { type: 'string' },
      latencyMs: { type: 'integer' },
      retryAfterMs: { type: 'integer' },
    },
    ['exchange', 'status'],
    {},
    false,
  ),
  balances: list(
    {
      currency: { type: 'string' },
      free: decimal('At hand.'),
      used: decimal('Bound in orders or positions.'),
      total: decimal('Both together.'),
    },
    ['currency', 'total'],
  ),
  positions: list(
    {
      symbol: { type: 'string' },
      side: { type: 'string', description: 'long or short.' },
      contracts: decimal(),
      contractSize: decimal(),
      entryPrice: decimal(),
      markPrice: decimal(),
      liquidationPrice: decimal(),
      unrealizedPnl: decimal(),
      leverage: decimal(),
      marginMode: { type: 'string' },
    },
    ['symbol'],
  ),
  orders: list(
    {
      id: { type: 'string' },
      symbol: { type: 'string' },
      type: { type: 'string' },
      side: { type: 'string' },
      price: decimal(),
      amount: decimal(),
      filled: decimal(),
      remaining: decimal(),
      status: { type: 'string' },
      timestamp: moment('When it was placed.'),
    },
    ['id'],
  ),
  myTrades: list({ ...tradeFields, order: { type: 'string' }, fee: { type: 'object' }, takerOrMaker: { type: 'string' } }, ['price', 'amount']),
} as const
