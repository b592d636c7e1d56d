// Held to the installed package by tests/unit/kinds/ccxt/exchange-ids.test.ts: linting a manifest must not load 28 MB of exchanges.

/** The version of ccxt these lists are of. */
export const ccxtVersion = '4.5.84'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Exchanges that can be streamed. */
export const streamedExchanges: readonly string[] = words(`
  alpaca apex aster backpack bequant binance binancecoinm binanceus binanceusdm bingx bitfinex bitget bithumb bitopro bitrue bitstamp bittrade bitvavo
  blockchaincom blofin bullish bybit bybiteu bybitid bydfi cex coinbase coinbaseexchange coinbaseinternational coincheck coinex coinone cryptocom deepcoin
  deribit derive dydx extended gate gateeu gemini grvt hashkey hitbtc hollaex htx hyperliquid independentreserve kraken krakenfutures kucoin kucoinfutures
  lbank lighter luno mexc modetrade mudrex myokx nado ndax okx okxus onetrading p2b pacifica paradex phemex poloniex toobit upbit weex whitebit woo woofipro
  xt
`)

/** Exchanges that can only be asked. */
export const askedExchanges: readonly string[] = words(`
  bigone bit2c bitbank bitbns bitflyer bitso bitteam btcbox btcmarkets btcturk btse coinmate coinsph coinspot cryptomus delta digifinex fmfwio foxbit
  hibachi indodax latoken mercado paymium revolutx tokocrypto zaif zebpay
`)

/** Every exchange there is. */
export const exchangeIds: ReadonlySet<string> = new Set([...streamedExchanges, ...askedExchanges])
