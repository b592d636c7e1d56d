import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDuration, parseRate, parseSize, substitute } from '../../../runtime/manifest/scalars.ts'

describe('durations, sizes and rates', () => {
  test.each([
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5s', 1_500],
    ['30m', 1_800_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['5', undefined],
    ['5 s', undefined],
    ['-5s', undefined],
    ['5w', undefined],
    ['', undefined],
    ['99999999999999999d', undefined],
  ])('%s is %s ms', (text, expected) => expect(parseDuration(text)).toBe(expected))

  test.each([
    ['100b', 100],
    ['256kb', 262_144],
    ['1mb', 1_048_576],
    ['0.5mb', 524_288],
    ['2gb', 2_147_483_648],
    ['256KB', undefined],
    ['1e3b', undefined],
  ])('%s is %s bytes', (text, expected) => expect(parseSize(text)).toBe(expected))

  test.each([
    ['60/min', { calls: 60, perMs: 60_000 }],
    ['10/s', { calls: 10, perMs: 1_000 }],
    ['1000/h', { calls: 1_000, perMs: 3_600_000 }],
    ['5/day', { calls: 5, perMs: 86_400_000 }],
    ['0/s', undefined],
    ['5/toString', undefined],
    ['5/fortnight', undefined],
    ['5', undefined],
  ])('%s is %o', (text, expected) => expect(parseRate(text)).toEqual(expected))

  test('a whole number of any unit reads as that many units', () => {
    const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.constantFrom(...Object.keys(units)),
        (amount, unit) => parseDuration(`${amount}${unit}`) === amount * units[unit as keyof typeof units],
      ),
    )
  })

  test('no text makes them throw, and what they give is a safe whole number', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const value of [parseDuration(text), parseSize(text), parseRate(text)?.calls])
          expect(value === undefined || Number.isSafeInteger(value)).toBe(true)
      }),
    )
  })
})

describe('the environment in a scalar', () => {
  const env = { NAME: 'value', EMPTY: '', YES: 'true', TEN: '10', PI: '3.14', LONG: '12345678901234567890', NOTHING: 'null' }

  test.each([
    ['${NAME}', 'value'],
    ['a ${NAME} b ${NAME}', 'a value b value'],
    ['${UNSET:-default}', 'default'],
    ['${EMPTY:-default}', 'default'],
    ['${EMPTY}', ''],
    ['${UNSET:-}', ''],
    ['${YES}', true],
    ['${UNSET:-false}', false],
    ['${TEN}', 10],
    ['${PI}', 3.14],
    ['${NOTHING}', null],
    ['${LONG}', '12345678901234567890'],
    ['n${TEN}', 'n10'],
    ['${TEN}${TEN}', '1010'],
    ['$${NAME}', '${NAME}'],
    ['${{ a.${b} }}', '${{ a.${b} }}'],
    ['$NAME', '$NAME'],
    ['${UNSET:-postgres://u:p@h/d}', 'postgres://u:p@h/d'],
  ])('%s becomes %o', (text, expected) => expect(substitute(text, env).value).toBe(expected))

  test('names the variables without value', () => expect(substitute('${A} and ${B:-x} and ${C}', {}).missing).toEqual(['A', 'C']))

  test('names what is no variable', () => expect(substitute('${a b} ${}', {})).toMatchObject({ malformed: ['${a b}', '${}'], missing: [] }))

  test.each(['${A:-${B:-x}}', '${A:-{}}', '${A:-{x}', 'a ${A', '${A:-x', '${{ a'])('%s is not what it seems, and is told of', (text) => {
    expect(substitute(text, {}).malformed).toHaveLength(1)
  })

  test('a text without ${ is never touched', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('${')),
        (text) => substitute(text, env).value === text,
      ),
    )
  })

  test('what the environment holds is put in as it is, whatever it looks like', () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), (value) => substitute('>${NAME}<', { NAME: value }).value === `>${value}<`))
  })
})
