import { describe, expect, test } from 'vitest'
import { addressOf, messageTemplate } from '../../../../../runtime/kinds/http/streams/templates.ts'
import { answerReader } from '../../../../../runtime/kinds/http/streams/answers.ts'
import { matcher } from '../../../../../runtime/kinds/http/streams/match.ts'

describe('messages', () => {
  test.each([
    [{ symbols: '{keys}' }, 'keys', { keys: ['a', 'b'] }, '{"symbols":["a","b"]}'],
    [{ symbols: '{keys,}' }, 'keys', { keys: ['a', 'b'] }, '{"symbols":"a,b"}'],
    [{ args: ['trades.{key}'], id: '{id}' }, 'key', { key: 'a"b', id: 7 }, String.raw`{"args":["trades.a\"b"],"id":7}`],
    [{ op: 'all' }, 'nothing', {}, '{"op":"all"}'],
    ['SUB {key}', 'key', { key: 'a' }, 'SUB a'],
    [{ token: '{token}', op: 'x' }, 'nothing', {}, '{"op":"x"}'],
  ] as const)('%j is about %s', (message, about, fillings, written) => {
    const template = messageTemplate(message)
    expect(template.about).toBe(about)
    expect(template.write(fillings)).toBe(written)
  })
})

describe('addresses', () => {
  test.each([
    ['wss://x.example/v1', {}, '', 'wss://x.example/v1'],
    ['wss://x.example/v1?a=1&key={key1}', { key1: 'ö&/?' }, '', 'wss://x.example/v1?a=1&key=%C3%B6%26%2F%3F'],
    ['wss://x.example/v1?a=1&key={key1}', {}, 'token=t', 'wss://x.example/v1?a=1&token=t'],
    ['wss://x.example/{key1}/ws', { key1: 'a/b' }, '', 'wss://x.example/a%2Fb/ws'],
  ])('%s', (template, fillings, pair, address) => {
    expect(addressOf(template, fillings as Record<string, string>, pair)).toBe(address)
  })

  test.each(['nowhere', 'wss://x.example/{missing}/ws'])('%s is none', (template) => {
    expect(() => addressOf(template, {}, '')).toThrow(/is not an address/)
  })
})

describe('answers to subscriptions', () => {
  test('name keys in a list, one by one, inside of objects, or not at all', () => {
    const read = answerReader({ pointer: '/event', equals: ['ok', 'subscribed'], keys: '/keys', key: '/symbol', message: '/why' })
    expect(read({ event: 'price' })).toBeUndefined()
    expect(read({ event: 'ok', keys: ['a', 5], why: 'well' })).toEqual({ keys: ['a', '5'], words: 'well' })
    expect(read({ event: 'subscribed', keys: 'a' })?.keys).toEqual(['a'])
    expect(read({ event: 'ok', keys: [{ symbol: 'a' }, { other: 1 }] })?.keys).toEqual(['a'])
    expect(read({ event: 'ok', keys: null })?.keys).toEqual([])
    expect(answerReader({ pointer: '/result' })({ result: true })).toEqual({ keys: undefined, words: undefined })
    expect(answerReader(undefined)({ event: 'ok' })).toBeUndefined()
  })

  test('a match without a value is anything that is there', () => {
    const isThere = matcher({ pointer: '/a' })
    expect([1, 'x', true, ['x'], {}, 0].map((a) => isThere({ a }))).toEqual([true, true, true, true, true, true])
    expect([null, '', false, []].map((a) => isThere({ a }))).toEqual([false, false, false, false])
    expect(matcher(undefined)(null)).toBe(true)
  })
})
