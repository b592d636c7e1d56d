import { describe, expect, test } from 'vitest'
import { rawNumber } from '../../../../runtime/contract/json.ts'
import { fillText, fillTopic, holesIn, piecesOf } from '../../../../runtime/kinds/redpanda/template.ts'
import { globMatches } from '../../../../runtime/contract/glob.ts'
import { allowedBy, topicNameFault } from '../../../../runtime/kinds/redpanda/topic-names.ts'

describe('globs', () => {
  test.each([
    ['crypto.*', 'crypto.market.data', true],
    ['crypto.*', 'cryptox', false],
    ['*', 'anything', true],
    ['*.data.*', 'a.data.b.data.c', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'axxbyy', false],
    ['exact', 'exact', true],
    ['exact', 'exactly', false],
    ['a**', 'a', true],
  ])('%s against %s: %s', (glob, name, fits) => {
    expect(globMatches(glob, name)).toBe(fits)
  })

  test('many stars against a long name take no time', () => {
    expect(globMatches(`${'*a'.repeat(100)}b`, 'a'.repeat(249))).toBe(false)
  })

  test('topics of the cluster itself are named by a glob that begins as they do', () => {
    expect(['a', '_schemas', '__consumer_offsets'].filter(allowedBy(['*']))).toEqual(['a'])
    expect(['a', '_schemas', '__consumer_offsets'].filter(allowedBy(['_s*', 'a']))).toEqual(['a', '_schemas'])
  })
})

test.each([
  ['crypto.signals', undefined],
  ['..', 'is not a name'],
  ['a b', 'letters, digits'],
  ['', 'letters, digits'],
  ['a'.repeat(250), '250 characters'],
])('the name %s', (name, fault) => {
  if (fault === undefined) expect(topicNameFault(name)).toBeUndefined()
  else expect(topicNameFault(name)).toContain(fault)
})

describe('holes', () => {
  test('are found with their places, and other braces are left', () => {
    expect(holesIn(piecesOf('a.{one}.{two-2}.{3}.{ x }'))).toEqual([
      { name: 'one', offset: 2, length: 5 },
      { name: 'two-2', offset: 8, length: 7 },
    ])
    expect(fillText(piecesOf('{"a": {n}}'), { n: rawNumber('9007199254740993') })).toBe('{"a": 9007199254740993}')
  })

  test('of a topic take one part of its name each', () => {
    const pieces = piecesOf('crypto.market.data.{exchange}.{symbol}')
    expect(fillTopic(pieces, { exchange: 'kraken', symbol: 'BTC/USDT' })).toBe('crypto.market.data.kraken.BTC-USDT')
    for (const symbol of ['a.b', '', 'a b', 'ü', '*', '{exchange}', 'a\u0000'])
      expect(() => fillTopic(pieces, { exchange: 'kraken', symbol })).toThrow('cannot be a part of a topic’s name')
    expect(() => fillTopic(pieces, { exchange: 'kraken' })).toThrow('/symbol: is missing')
    expect(() => fillTopic(pieces, { exchange: 'kraken', symbol: ['BTC'] })).toThrow('/symbol: must be a text or a number')
    expect(() => fillTopic(pieces, { exchange: 'k', symbol: 'x'.repeat(250) })).toThrow('a name has at most 249')
    expect(fillTopic(piecesOf('orders.{exchange}.*'), { exchange: 'kraken' })).toBe('orders.kraken.*')
  })
})
