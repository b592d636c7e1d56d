import type { Market } from './driver.ts'

/** Why what an exchange lists under a symbol is not the market that was asked for; undefined when it is. */
export function whyNotSame(
  own: Market | undefined,
  other: Market | undefined,
  symbol: string,
  listed: readonly Market[],
  exchange: string,
): string | undefined {
  if (other === undefined) {
    const [base, quote] = symbol.split(/[/:]/)
    const near = listed.filter((market) => market.base === base && market.quote !== quote && market.type === 'spot').map((market) => market.symbol)
    const instead =
      near.length === 0
        ? ''
        : `; ${near.slice(0, 3).join(', ')} ${near.length === 1 ? 'is' : 'are'} in another currency and ${near.length === 1 ? 'does' : 'do'} not stand for it`
    return `${exchange} has no ${symbol}${instead}`
  }
  if (own === undefined) return undefined
  for (const field of ['base', 'quote', 'settle', 'type'] as const)
    if ((own[field] ?? '') !== (other[field] ?? ''))
      return `${symbol} at ${exchange} is another market (${field} ${String(other[field])}, not ${String(own[field])})`
  if (Number(own.contractSize ?? 1) !== Number(other.contractSize ?? 1)) return `one contract of ${symbol} is another amount at ${exchange}`
  return undefined
}
