import { describe, expect, test } from 'vitest'
import { moment, Shaper } from '../../../../runtime/kinds/ccxt/shape.ts'

describe('any structure of ccxt', () => {
  test('has decimals as text, moments as ISO 8601, and nothing raw', () => {
    const shaper = new Shaper()
    const structure = {
      info: { raw: true },
      symbol: 'INF/USDT',
      timestamp: 1_700_000_000_123,
      datetime: 'x',
      fundingTimestamp: 1_700_006_400_000,
      fundingDatetime: 'x',
      expiry: 1_700_006_400_000,
      price: '1.10',
      size: 1e-8,
      big: 1e21,
      total: 3,
      nonce: 17,
      active: true,
      missing: undefined,
      nothing: null,
      limits: { amount: { min: undefined, max: undefined }, price: { min: 0.5 } },
      fees: [{ cost: 0.1, currency: 'NAN' }],
      id: '1e5',
      amount: '1e+21',
    }
    expect(shaper.object(structure)).toEqual({
      symbol: 'INF/USDT',
      timestamp: '2023-11-14T22:13:20.123Z',
      fundingTimestamp: '2023-11-15T00:00:00.000Z',
      expiry: '2023-11-15T00:00:00.000Z',
      price: '1.10',
      size: '0.00000001',
      big: '1000000000000000000000',
      total: '3',
      nonce: 17,
      active: true,
      limits: { price: { min: '0.5' } },
      fees: [{ cost: '0.1', currency: 'NAN' }],
      id: '1e5',
      amount: '1000000000000000000000',
    })
    expect(shaper.notes('kraken')).toEqual([])
  })

  test('counts what is no number', () => {
    const shaper = new Shaper()
    expect(shaper.object({ a: Number.NaN, b: 'Infinity', c: Number.NEGATIVE_INFINITY, d: 'nan', last: '1' })).toEqual({
      a: null,
      b: null,
      c: null,
      d: null,
      last: '1',
    })
    expect(shaper.notes('kraken')).toEqual(['kraken sent 4 values that are no numbers (NaN or Infinity, for example); they are null here'])
  })

  test('that is no object is an empty one', () => expect(new Shaper().object([1])).toEqual({}))
})

test('a candle and a book', () => {
  const shaper = new Shaper()
  expect(shaper.candle([1_700_000_000_000, '1', '2.50', undefined, '', 'x'])).toEqual({
    timestamp: '2023-11-14T22:13:20.000Z',
    open: '1',
    high: '2.50',
    low: null,
    close: null,
    volume: null,
  })
  expect(shaper.odd).toBe(1)
  expect(
    shaper.book(
      {
        symbol: 'A/B',
        nonce: 9_007_199_254_740_993n,
        bids: [
          ['2', '1', 7],
          ['1', '1'],
        ],
        asks: undefined,
      },
      1,
    ),
  ).toEqual({ symbol: 'A/B', timestamp: null, nonce: '9007199254740993', bids: [['2', '1']], asks: [] })
})

test.each([
  [0, '1970-01-01T00:00:00.000Z'],
  ['1700000000000', '2023-11-14T22:13:20.000Z'],
  [Number.NaN, null],
  [8.7e15, null],
  ['', null],
  [undefined, null],
])('the moment of %s is %s', (value, expected) => expect(moment(value)).toBe(expected))
