import { describe, expect, test } from 'vitest'
import { HubError } from '../../../../runtime/contract/errors.ts'
import type { Logger } from '../../../../runtime/contract/telemetry.ts'
import { addressesOf, addressFault, settingsOf } from '../../../../runtime/kinds/redpanda/config.ts'
import { decimalOf, unscaledOf } from '../../../../runtime/kinds/redpanda/decimals.ts'
import { abandoned, failureOf, isLost, isMoving, typeOf } from '../../../../runtime/kinds/redpanda/failures.ts'
import { Kept } from '../../../../runtime/kinds/redpanda/kept.ts'
import { kafkaLog } from '../../../../runtime/kinds/redpanda/logging.ts'
import { fromOf } from '../../../../runtime/kinds/redpanda/read.ts'

test('brokers are a list, and a text with commas too', () => {
  expect(addressesOf(['a:1, b:2', 'c:3,'])).toEqual(['a:1', 'b:2', 'c:3'])
  expect(['a:1', 'a.b-c:65535', '10.0.0.1:9092'].map(addressFault)).toEqual([undefined, undefined, undefined])
  for (const wrong of ['a', 'a:', 'a:0', 'a:70000', 'http://a:1', 'a b:1', '[::1]:1']) expect(addressFault(wrong)).toBeDefined()
  expect(settingsOf({ brokers: ['a:1'], requestTimeout: '2s' })).toMatchObject({
    topics: ['*'],
    compression: 'gzip',
    connectTimeoutMs: 3_000,
    requestTimeoutMs: 2_000,
  })
})

test.each([
  ['0', 2, '0.00'],
  ['-0.01', 2, '-0.01'],
  ['123456789012345678901234567890.12', 2, '123456789012345678901234567890.12'],
  ['-128', 0, '-128'],
  ['128', 0, '128'],
  ['1.50', 1, '1.5'],
])('the decimal %s of scale %i', (text, scale, printed) => {
  expect(decimalOf(unscaledOf(text, scale) as Buffer, scale)).toBe(printed)
})

test('what is no decimal of a scale is none', () => {
  for (const text of ['1.234', 'x', '', '1e5', 'NaN']) expect(unscaledOf(text, 2)).toBeUndefined()
  expect(decimalOf(Buffer.alloc(0), 2)).toBe('0.00')
})

test('where to begin', () => {
  const now = Date.parse('2026-01-31T09:00:00Z')
  expect(fromOf(undefined)).toEqual({ type: 'latest' })
  expect(fromOf('earliest')).toEqual({ type: 'earliest' })
  expect(fromOf(12)).toEqual({ type: 'offset', offset: 12 })
  expect(fromOf('15m', now)).toEqual({ type: 'time', epochMs: now - 900_000 })
  expect(fromOf('2026-01-31T09:00:00Z')).toEqual({ type: 'time', epochMs: now })
  for (const wrong of ['soon', '-5', '1.5', '2026-13-01', '']) expect(() => fromOf(wrong)).toThrow(HubError)
})

describe('the first and the last messages of several partitions', () => {
  const fill = (kept: Kept): void => {
    for (let at = 0; at < 50; at += 1) kept.add({ partition: at % 2, offset: Math.floor(at / 2) }, at, 10)
  }
  const names = (kept: Kept): readonly string[] => kept.rows().map(({ partition, offset }) => `${partition}:${offset}`)

  test('the first, and where each partition has to be read on', () => {
    const kept = new Kept('first', 3, 1_000)
    fill(kept)
    expect(names(kept)).toEqual(['0:0', '1:0', '0:1'])
    expect(kept.cut).toBe('rows')
    expect([...kept.dropped]).toEqual(
      expect.arrayContaining([
        [0, 2],
        [1, 1],
      ]),
    )
    expect(kept.full).toBe(2)
  })

  test('the last, in the order of time', () => {
    const kept = new Kept('last', 3, 1_000)
    fill(kept)
    expect(names(kept)).toEqual(['1:23', '0:24', '1:24'])
  })

  test('up to a size', () => {
    const kept = new Kept('first', 100, 35)
    fill(kept)
    expect(names(kept)).toHaveLength(3)
    expect(kept.cut).toBe('bytes')
    expect(new Kept('first', 2, 100).full).toBeUndefined()
  })
})

describe('failures', () => {
  const named = (name: string, more: object = {}): Error => Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:9092'), { name }, more)

  test('a lost connection is told without its address', () => {
    const refused = named('KafkaJSConnectionError', { code: 'ECONNREFUSED' })
    for (const error of [refused, named('KafkaJSNonRetriableError', { cause: refused }), named('KafkaJSNumberOfRetriesExceeded', { cause: refused })]) {
      expect(isLost(error)).toBe(true)
      expect(failureOf(error)).toMatchObject({
        code: 'HUB_CONNECTOR_DOWN',
        message: 'the brokers do not answer (ECONNREFUSED)',
        details: { retryAfterMs: 1_000 },
      })
    }
    expect(failureOf(named('KafkaJSRequestTimeoutError')).message).toContain('no answer in time')
    expect(failureOf(named('KafkaJSConnectionClosedError', { message: 'Closed connection' })).message).toContain('connection lost')
    expect(failureOf(named('KafkaJSConnectionError', { message: 'Connection timeout' })).message).toContain('no connection in time')
    expect(failureOf(named('KafkaJSConnectionError', { message: '' })).message).toContain('no connection')
  })

  test('what the brokers say is told by its kind', () => {
    const said = (type: string): Error => named('KafkaJSProtocolError', { type })
    expect(isMoving(said('NOT_LEADER_FOR_PARTITION'))).toBe(true)
    expect(failureOf(said('LEADER_NOT_AVAILABLE')).code).toBe('HUB_CONNECTOR_DOWN')
    expect(failureOf(said('TOPIC_AUTHORIZATION_FAILED'))).toMatchObject({ code: 'HUB_DENIED', details: { kafka: 'TOPIC_AUTHORIZATION_FAILED' } })
    expect(failureOf(said('POLICY_VIOLATION'))).toMatchObject({
      code: 'HUB_QUERY_FAILED',
      message: expect.stringContaining('a policy of the cluster refuses this'),
    })
    expect(failureOf(said('SASL_AUTHENTICATION_FAILED')).message).toContain('refuse the hub’s login')
    expect(failureOf(named('KafkaJSNonRetriableError', { cause: named('KafkaJSSASLAuthenticationError') })).message).toContain('refuse the hub’s login')
    expect(typeOf(named('KafkaJSAggregateError', { errors: [said('INVALID_CONFIG')] }))).toBe('INVALID_CONFIG')
    expect(failureOf(new TypeError('x is not a function'))).toMatchObject({
      code: 'HUB_UPSTREAM_FAILED',
      message: 'the brokers’ answer cannot be used (TypeError)',
    })
  })

  test('a call given up says why', () => {
    expect(abandoned(AbortSignal.abort(), Infinity).code).toBe('HUB_CANCELLED')
    expect(abandoned(AbortSignal.abort(), 0).code).toBe('HUB_TIMEOUT')
    const late = new HubError('HUB_TIMEOUT', 'late')
    expect(abandoned(AbortSignal.abort(late), Infinity)).toBe(late)
  })
})

test('kafkajs’s log: once in half a minute each, scrubbed, and counted', () => {
  const lines: string[] = []
  const log = {
    debug: () => {},
    info: () => {},
    warn: (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`),
    error: () => {},
    child: () => log,
  } as Logger
  let now = 0
  const logger = kafkaLog(
    log,
    (text) => text.replaceAll('word', '[secret]'),
    () => now,
  ) as { namespace(name: string): { error(message: string, extra?: object): void; info(message: string): void } }
  const connection = logger.namespace('Connection')
  for (let n = 0; n < 1_000; n += 1) connection.error('it failed with word', { error: 'refused' })
  connection.info('not told')
  connection.error('Connection error: the connector is closed')
  expect(lines).toEqual(['kafka client {"part":"Connection","said":"it failed with [secret]: refused"}'])
  now = 60_000
  connection.error('it failed with word', { error: 'refused' })
  expect(lines[1]).toContain('"times":1000')
  for (let n = 0; n < 1_000; n += 1) connection.error(`another ${n}`)
  expect(lines.length).toBeLessThan(1_100)
})
