import { describe, expect, test } from 'vitest'
import { importExchange, importPart, type Driver } from '../../../../runtime/kinds/ccxt/driver.ts'
import { keepDecimals, parseExact } from '../../../../runtime/kinds/ccxt/exact.ts'

test.each([
  ['{"a":9007199254740993}', { a: '9007199254740993' }],
  ['[0.1234567890123456789]', ['0.1234567890123456789']],
  ['{"a":1.000000000000000001,"b":[1.5,2]}', { a: '1.000000000000000001', b: [1.5, 2] }],
  ['{"a":1.2345678901234567890e-8}', { a: '0.0000000123456789012345678900'.replace(/0+$/, '') }],
  ['{"a":1e400}', { a: '1'.padEnd(401, '0') }],
  ['{"a":"9007199254740993","b":1700000000000}', { a: '9007199254740993', b: 1_700_000_000_000 }],
  ['[1,2,{"a":null}]', [1, 2, { a: null }]],
])('%s keeps its digits', (text, value) => expect(parseExact(text)).toEqual(value))

test('what is no JSON is refused', () => expect(() => parseExact('{"a":NaN}')).toThrow(SyntaxError))

describe('a driver that keeps decimals', () => {
  interface Book {
    readonly bids: { store(price: unknown, amount: unknown): void; storeArray(delta: unknown[]): void } & (readonly unknown[])[]
  }
  async function made(): Promise<Driver> {
    const driver = new (await importExchange('kraken'))({})
    keepDecimals(driver)
    return driver
  }

  test('sorts prices by number', async () => {
    const sort = (await made())['sortBy'] as (list: unknown[], key: number | string, down?: boolean) => unknown[]
    expect(sort([['9.5'], ['10.2'], ['100'], ['9.50']], 0, true)).toEqual([['100'], ['10.2'], ['9.5'], ['9.50']])
    expect(sort([{ at: 2 }, { at: 1 }, {}], 'at')).toEqual([{}, { at: 1 }, { at: 2 }])
    expect(sort([{ code: 'B' }, { code: 'A' }], 'code')).toEqual([{ code: 'A' }, { code: 'B' }])
  })

  test.each(['orderBook', 'countedOrderBook', 'indexedOrderBook'])('removes the levels of a book whose amount is nothing: %s', async (kind) => {
    const driver = await made()
    const book = (driver[kind] as (snapshot: object) => Book)({})
    for (const delta of [
      ['10.25', '2.5', 1],
      ['9.5', '1', 2],
      ['10.25', '0.00000000', 1],
    ])
      book.bids.storeArray(delta)
    expect(Array.from(book.bids)).toEqual([['9.5', '1', 2]])
  })

  test('keeps what ccxt would make a double of', async () => {
    const driver = await made()
    expect((driver['safeFloat'] as (from: object, key: string) => unknown)({ p: '1.000000000000000001' }, 'p')).toBe('1.000000000000000001')
    expect((driver['parseNumber'] as (value: string) => unknown)('9007199254740993.5')).toBe('9007199254740993.5')
  })
})

test('every exchange with a book of its own kind is one of the three', async () => {
  const { OrderBook, CountedOrderBook, IndexedOrderBook } = await importPart('base/ws/OrderBook.js')
  expect([OrderBook, CountedOrderBook, IndexedOrderBook].every((one) => typeof one === 'function')).toBe(true)
})
