import { isObject, type JsonObject } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import { didYouMean } from './closest.ts'
import { exchangeIds } from './exchange-ids.ts'

/** What a config is without a connection: the exchanges there are, and settings only for those that are asked. */
export function lintConfig(config: JsonObject): readonly Finding[] {
  const { exchanges, credentials, venues } = config
  const named = Array.isArray(exchanges) ? exchanges.filter((one): one is string => typeof one === 'string') : []
  return [
    ...named.flatMap((id, index) => unknownExchange(id, ['exchanges', index])),
    ...strangers(credentials, named, 'credentials'),
    ...strangers(venues, named, 'venues'),
    ...(isObject(venues) ? Object.entries(venues).flatMap(([id, venue]) => originFaults(id, venue)) : []),
    ...accountFaults(config),
  ]
}

/** An id that no exchange has. */
export const unknownExchange = (id: string, path: Finding['path']): readonly Finding[] =>
  exchangeIds.has(id)
    ? []
    : [
        {
          code: 'HUB_CONFIG_REFERENCE',
          message: `there is no exchange "${id}"`,
          hint: didYouMean(id, exchangeIds, 'ids are those of ccxt, in small letters: binance, coinbase, kraken, bybit, okx'),
          path,
        },
      ]

function strangers(map: unknown, named: readonly string[], field: string): readonly Finding[] {
  if (!isObject(map)) return []
  return Object.keys(map)
    .filter((id) => !named.includes(id))
    .map((id) => ({
      code: 'HUB_CONFIG_REFERENCE',
      message: `${field} are given for "${id}", which is not among exchanges`,
      hint: exchangeIds.has(id) ? 'add it to exchanges, or remove it' : didYouMean(id, named, 'add it to exchanges, or remove it'),
      path: [field, id],
    }))
}

function originFaults(id: string, venue: unknown): readonly Finding[] {
  const urls = isObject(venue) ? venue['urls'] : undefined
  // A variable without a value, or one that is not filled in yet.
  if (typeof urls !== 'string' || urls === '' || urls.includes('${')) return []
  const path = ['venues', id, 'urls']
  const isOrigin = URL.canParse(urls) && /^https?:$/.test(new URL(urls).protocol) && new URL(urls).origin === urls.replace(/\/$/, '')
  if (isOrigin) return []
  return [{ code: 'HUB_CONFIG_VALUE', message: 'urls is not an origin', hint: 'write scheme, host and port alone, like https://proxy.example.com:8443', path }]
}

function accountFaults({ account, credentials }: JsonObject): readonly Finding[] {
  if (account !== true || (isObject(credentials) && Object.keys(credentials).length > 0)) return []
  const hint = 'write credentials for one exchange at least, or remove account'
  return [{ code: 'HUB_CONFIG_VALUE', message: 'account: true offers tools that read an account, and there are no credentials', hint, path: ['account'] }]
}
