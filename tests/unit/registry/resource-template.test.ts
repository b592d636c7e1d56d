import { expect, test } from 'vitest'
import { createMatcher, holesOf } from '../../../runtime/registry/resource-template.ts'

const match = createMatcher('market://candles/{symbol}/{timeframe}.json')

test('holes are found in order', () => {
  expect(holesOf('market://candles/{symbol}/{timeframe}.json')).toEqual(['symbol', 'timeframe'])
})

test.each([
  { uri: 'market://candles/%5EGSPC/1d.json', args: { symbol: '^GSPC', timeframe: '1d' } },
  { uri: 'market://candles/BTC%2FUSDT/1m.json', args: { symbol: 'BTC/USDT', timeframe: '1m' } },
  { uri: 'market://candles/A/1dxjson', args: undefined },
  { uri: 'market://candles/A/B/1d.json', args: undefined },
  { uri: 'market://candles//1d.json', args: undefined },
  { uri: 'market://candles/%E0%A4%A/1d.json', args: undefined },
])('$uri', ({ uri, args }) => {
  expect(match(uri)).toEqual(args)
})
