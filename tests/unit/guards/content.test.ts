import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSecrets, scrubbed } from '../../../runtime/guards/content.ts'

function protecting(...values: readonly string[]) {
  const secrets = createSecrets()
  for (const value of values) secrets.protect(value)
  return secrets
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

test.each([
  ['as it is', 'p@ss w/rd"+é', 'the password is p@ss w/rd"+é!', 'the password is [secret]!'],
  ['in JSON', 'p@ss w/rd"+é', JSON.stringify({ a: 'p@ss w/rd"+é' }), '{"a":"[secret]"}'],
  ['in a URL', 'p@ss w/rd"+é', `?p=${encodeURIComponent('p@ss w/rd"+é')}&x`, '?p=[secret]&x'],
  ['in a URL with small hex digits', 'p@ss w/rd', '?p=p%40ss%20w%2frd&x', '?p=[secret]&x'],
  ['in a form', 'p@ss w/rd', `${new URLSearchParams({ p: 'p@ss w/rd' }).toString()}&x`, 'p=[secret]&x'],
  ['in JSON in JSON', 'p@ss w/rd"+é', JSON.stringify([JSON.stringify({ a: 'p@ss w/rd"+é' })]), '["{\\"a\\":\\"[secret]\\"}"]'],
  ['in JSON of ASCII alone', 'p@ss w/rd"+é', '{"a":"p@ss w/rd\\"+\\u00e9"}', '{"a":"[secret]"}'],
  ['in hexadecimal digits', 'p@ss w/rd', `hex ${Buffer.from('p@ss w/rd').toString('hex')}.`, 'hex [secret].'],
  ['in large hexadecimal digits', 'p@ss w/rd', `hex ${Buffer.from('p@ss w/rd').toString('hex').toUpperCase()}.`, 'hex [secret].'],
  ['over several lines in JSON', 'line one\nline two', JSON.stringify(['line one\nline two']), '["[secret]"]'],
])('a protected value is gone %s', (_case, value, text, expected) => {
  expect(protecting(value).scrub(text)).toBe(expected)
})

test.each(['', 'u', 'us', 'user', 'some longer user'])('a protected value is gone from Basic credentials of the user %j', (user) => {
  const password = 'correct horse battery'
  const scrubbed = protecting(password).scrub(`authorization: Basic ${base64(`${user}:${password}`)}`)
  expect(scrubbed).toContain('[secret]')
  expect(Buffer.from(scrubbed.split(' ').at(-1) ?? '', 'base64').toString()).not.toContain('horse')
})

test('URL-safe base64 is known too', () => {
  const value = '>>>???>>>???'
  expect(protecting(value).scrub(Buffer.from(value).toString('base64url'))).toBe('[secret]')
})

test.each([
  ['postgres://hub:p%40ssw0rd@db.internal:5432/market', 'p@ssw0rd'],
  ['postgres://hub:p%40ssw0rd@db.internal:5432/market', 'p%40ssw0rd'],
  ['redis://:only-a-password@cache/0', 'only-a-password'],
  ['amqps://a:not%ZZvalid@mq', 'not%ZZvalid'],
])('of %s the password %s is gone by itself', (url, password) => {
  expect(protecting(url).scrub(`user hub failed with ${password}.`)).toBe('user hub failed with [secret].')
})

test('an address without a password protects nothing but itself', () => {
  expect(protecting('https://example.com:8443/path@x').scrub('example.com:8443 is up')).toBe('example.com:8443 is up')
})

test('text without a secret comes back as the same string, and nothing protected costs nothing', () => {
  const text = 'nothing to see'.repeat(100)
  expect(createSecrets().scrub(text)).toBe(text)
  expect(protecting('hunter2-hunter2').scrub(text)).toBe(text)
})

test.each(['', 'a', 'admin', '12345'])('%j is too common a word to scrub', (value) => {
  expect(protecting(value).scrub(`the ${value} here`)).toBe(`the ${value} here`)
})

test('of values that begin alike the longest is taken', () => {
  const secrets = protecting('secret-key', 'secret-key-extended', 'ret-key')
  expect(secrets.scrub('secret-key-extended secret-key secret-keys ret-key')).toBe('[secret] [secret] [secret]s [secret]')
})

test('neighbouring and repeating values are all found', () => {
  expect(protecting('aaaaaa', 'abcabc').scrub('aaaaaaaaaaaaaabcabcabc')).toBe('[secret][secret]a[secret]abc')
})

test('a value of any length is protected whole', () => {
  const value = randomBytes(40_000).toString('hex')
  const scrubbed = protecting(value).scrub(`key: ${value}.`)
  expect(scrubbed).toMatch(/^key: (\[secret\])+\.$/)
})

test('of more than 1,000 values the one protected longest ago is let go', () => {
  const secrets = createSecrets()
  secrets.protect('first-value')
  secrets.protect('second-value')
  for (let index = 0; index < 998; index++) secrets.protect(`another-value-${index}!`)
  secrets.protect('first-value')
  secrets.protect('one-too-many')
  expect(secrets.scrub('first-value second-value one-too-many another-value-997!')).toBe('[secret] second-value [secret] [secret]')
})

test('whatever the values and the text, no value is left, and text without one is untouched', () => {
  const word = fc.string({ minLength: 6, maxLength: 12, unit: fc.constantFrom('a', 'b', 'é', '😀', '%') })
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 5 }),
      fc.array(fc.oneof(word, fc.constant(' ')), { maxLength: 10 }),
      fc.nat(4),
      (values, between, which) => {
        const secrets = protecting(...values)
        const text = between.join('') + values[which % values.length] + between.join('')
        const scrubbed = secrets.scrub(text)
        for (const value of values) expect(scrubbed).not.toContain(value)
        expect(secrets.scrub(scrubbed)).toBe(scrubbed)
      },
    ),
  )
})

test('a value is scrubbed in all its texts, names and numbers, and is the same value when there is nothing to scrub', () => {
  const secrets = protecting('12345678')
  const clean = { a: [1, 'x', null] }
  expect(scrubbed(clean, secrets)).toBe(clean)
  expect(scrubbed({ a: [12345678, 'of 12345678', null], 12345678: true }, secrets)).toEqual({ a: ['[secret]', 'of [secret]', null], '[secret]': true })
})

test('a megabyte without a secret stays the same text, with many secrets known', () => {
  const secrets = protecting(...Array.from({ length: 200 }, () => randomBytes(24).toString('base64')))
  const rows = Array.from({ length: 9_000 }, (_, index) => ({
    timestamp: '2026-01-01T00:00:00Z',
    symbol: 'BTC/USDT',
    open: `123.4${index}`,
    close: '55.12',
    volume: index,
  }))
  const text = JSON.stringify(rows)
  expect(secrets.scrub(text)).toBe(text)
})
