/** An argument of a unified method. */
export type MethodArgument = 'symbol' | 'symbols' | 'code' | 'timeframe' | 'since' | 'limit' | 'id' | 'params'

/** What an answer holds, and so how it is shaped. */
export type Shape = 'ticker' | 'tickers' | 'book' | 'candles' | 'trades' | 'balance' | 'any'

/** One unified method of ccxt that reads. */
export interface Method {
  /** Its arguments, in the order ccxt takes them. */
  readonly takes: readonly MethodArgument[]
  readonly needs: readonly MethodArgument[]
  readonly shape: Shape
  /** It reads an account, and so needs credentials. */
  readonly isAccount: boolean
}

const method = (takes: string, shape: Shape = 'any', isAccount = false): Method => {
  const names = takes.split(' ').filter((name) => name !== '')
  const plain = names.map((name) => name.replace('!', '')) as MethodArgument[]
  return { takes: [...plain, 'params'], needs: plain.filter((_name, index) => names[index]?.endsWith('!')), shape, isAccount }
}
const account = (takes: string, shape: Shape = 'any'): Method => method(takes, shape, true)

const candles = method('symbol! timeframe since limit', 'candles')

/** Every method a tool may be made of. None of them changes anything at an exchange. `!` marks what must be given. */
export const methods: Readonly<Record<string, Method>> = {
  fetchTicker: method('symbol!', 'ticker'),
  fetchTickers: method('symbols', 'tickers'),
  fetchBidsAsks: method('symbols', 'tickers'),
  fetchLastPrices: method('symbols'),
  fetchMarkPrice: method('symbol!', 'ticker'),
  fetchMarkPrices: method('symbols', 'tickers'),
  fetchOrderBook: method('symbol! limit', 'book'),
  fetchOHLCV: candles,
  fetchMarkOHLCV: candles,
  fetchIndexOHLCV: candles,
  fetchPremiumIndexOHLCV: candles,
  fetchTrades: method('symbol! since limit', 'trades'),
  fetchFundingRate: method('symbol!'),
  fetchFundingRates: method('symbols'),
  fetchFundingRateHistory: method('symbol! since limit'),
  fetchFundingInterval: method('symbol!'),
  fetchFundingIntervals: method('symbols'),
  fetchOpenInterest: method('symbol!'),
  fetchOpenInterests: method('symbols'),
  fetchOpenInterestHistory: method('symbol! timeframe since limit'),
  fetchLiquidations: method('symbol! since limit'),
  fetchLongShortRatio: method('symbol! timeframe'),
  fetchLongShortRatioHistory: method('symbol! timeframe since limit'),
  fetchGreeks: method('symbol!'),
  fetchAllGreeks: method('symbols'),
  fetchOption: method('symbol!'),
  fetchOptionChain: method('code!'),
  fetchVolatilityHistory: method('code!'),
  fetchSettlementHistory: method('symbol since limit'),
  fetchLeverageTiers: method('symbols'),
  fetchMarketLeverageTiers: method('symbol!'),
  fetchCrossBorrowRate: method('code!'),
  fetchCrossBorrowRates: method(''),
  fetchIsolatedBorrowRate: method('symbol!'),
  fetchIsolatedBorrowRates: method(''),
  fetchBorrowRateHistory: method('code! since limit'),
  fetchTradingLimits: method('symbols'),
  fetchCurrencies: method(''),
  fetchMarkets: method(''),
  fetchStatus: method(''),
  fetchTime: method(''),
  fetchBalance: account('', 'balance'),
  fetchAccounts: account(''),
  fetchPositions: account('symbols'),
  fetchPosition: account('symbol!'),
  fetchPositionsHistory: account('symbols since limit'),
  fetchOpenOrders: account('symbol since limit'),
  fetchClosedOrders: account('symbol since limit'),
  fetchCanceledOrders: account('symbol since limit'),
  fetchOrders: account('symbol since limit'),
  fetchOrder: account('id! symbol'),
  fetchOrderTrades: account('id! symbol since limit', 'trades'),
  fetchMyTrades: account('symbol since limit', 'trades'),
  fetchMyLiquidations: account('symbol since limit'),
  fetchLedger: account('code since limit'),
  fetchDeposits: account('code since limit'),
  fetchWithdrawals: account('code since limit'),
  fetchDepositsWithdrawals: account('code since limit'),
  fetchTransfers: account('code since limit'),
  fetchFundingHistory: account('symbol since limit'),
  fetchBorrowInterest: account('code symbol since limit'),
  fetchTradingFee: account('symbol!'),
  fetchTradingFees: account(''),
  fetchLeverage: account('symbol!'),
  fetchLeverages: account('symbols'),
  fetchMarginMode: account('symbol!'),
}

/** True for the methods whose answers are candles. */
export const isCandles = (name: string): boolean => methods[name]?.shape === 'candles'

/** True for the names of ccxt that change something at an exchange. */
export const changesSomething = (name: string): boolean =>
  /^(create|edit|cancel|close|set|add|reduce|withdraw|transfer|borrow|repay|deposit|redeem|enable|upgrade|signIn|setSandboxMode)/.test(name)
