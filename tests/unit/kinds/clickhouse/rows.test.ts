import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Rows } from '../../../../runtime/kinds/clickhouse/rows.ts'

const wide = { rows: 1_000, bytes: 1_000_000 }
const head = '["n", "s"]\n["UInt64", "String"]\n'

function taken(text: string, cuts: readonly number[] = [], caps = wide): Rows {
  const rows = new Rows(caps)
  const whole = Buffer.from(text)
  const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((left, right) => left - right), whole.length]
  for (const [index, place] of places.slice(1).entries()) rows.take(whole.subarray(places[index], place))
  rows.end()
  return rows
}

test('rows are the same however the answer is cut into pieces', () => {
  const text = `${head}["1", "ü\\n😀"]\n["18446744073709551615", ""]\n`
  fc.assert(
    fc.property(fc.array(fc.nat(200), { maxLength: 6 }), (cuts) => {
      const { rows, fault, unreadable, cut } = taken(text, cuts)
      expect({ rows, fault, unreadable, cut }).toEqual({
        rows: [
          { n: '1', s: 'ü\n😀' },
          { n: '18446744073709551615', s: '' },
        ],
        fault: '',
        unreadable: undefined,
        cut: undefined,
      })
    }),
  )
})

test('the fault of a server that had begun to answer is found however it is cut into pieces', () => {
  const text = `${head}["1", "a"]\n\r\n__exception__\r\nabcdefghijklmnop\r\nCode: 395. DB::Exception: why. (SOME_NAME) (version 26.7)\n58 abcdefghijklmnop\r\n__exception__\r\n`
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 5 }), (cuts) => {
      expect(taken(text, cuts).fault).toContain('Code: 395. DB::Exception: why. (SOME_NAME)')
    }),
  )
  expect(taken(`${head}Code: 60. DB::Exception: x. (Y)`).fault).toContain('Code: 60')
})

test('caps are kept: rows, bytes, and one row that is larger than all', () => {
  const many = head + '["1", "abc"]\n'.repeat(10)
  expect(taken(many, [], { rows: 3, bytes: 1_000 })).toMatchObject({ cut: 'rows', rows: { length: 3 } })
  expect(taken(many, [], { rows: 10, bytes: 1_000 }).cut).toBeUndefined()
  expect(taken(many, [], { rows: 100, bytes: 30 })).toMatchObject({ cut: 'bytes', rows: { length: 2 } })
  expect(taken(`${head}["1", "${'x'.repeat(100_000)}"]\n["2", "y"]\n`, [30_000, 60_000], { rows: 10, bytes: 50 })).toMatchObject({ cut: 'bytes', rows: [] })
})

test('a row that is not whole is not taken for one', () => {
  expect(taken(`${head}["1", "a`).unreadable?.message).toBe('the last row is not whole')
  expect(taken(`${head}["1", a]\n`).unreadable).toBeInstanceOf(SyntaxError)
})
