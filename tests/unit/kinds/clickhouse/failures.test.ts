import { ClickHouseError } from '@clickhouse/client'
import { expect, test } from 'vitest'
import { brokenFailure, exceptionIn, statementFailure } from '../../../../runtime/kinds/clickhouse/failures.ts'

const reading = { statementTimeoutMs: 5_000, canWrite: false }
const writing = { ...reading, canWrite: true }
const exception = (code: number, type: string, message = 'words. '): ClickHouseError => new ClickHouseError({ code: String(code), type, message })

test.each([
  [159, 'TIMEOUT_EXCEEDED', 'HUB_TIMEOUT', /longer than 5000 ms/],
  [160, 'TOO_SLOW', 'HUB_TIMEOUT', /ask for less/],
  [394, 'QUERY_WAS_CANCELLED', 'HUB_QUERY_FAILED', /cancelled/],
  [241, 'MEMORY_LIMIT_EXCEEDED', 'HUB_QUERY_FAILED', /memory/],
  [307, 'TOO_MANY_BYTES', 'HUB_QUERY_FAILED', /reads more than it may: words/],
  [164, 'READONLY', 'HUB_DENIED', /may only read/],
  [497, 'ACCESS_DENIED', 'HUB_DENIED', /may not do this: words/],
  [516, 'AUTHENTICATION_FAILED', 'HUB_CONNECTOR_DOWN', /operator has to mend/],
  [202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'HUB_LIMITED', /too much to do/],
  [252, 'TOO_MANY_PARTS', 'HUB_LIMITED', /too much to do/],
  [999, 'KEEPER_EXCEPTION', 'HUB_CONNECTOR_DOWN', /cannot do this now/],
  [457, 'BAD_QUERY_PARAMETER', 'HUB_ARGS_INVALID', /words/],
  [62, 'SYNTAX_ERROR', 'HUB_QUERY_FAILED', /words \(SYNTAX_ERROR, code 62\)/],
])('exception %i %s is %s', (code, type, expected, about) => {
  const error = statementFailure(exception(code, type), reading)
  expect(error).toMatchObject({ code: expected, message: expect.stringMatching(about) as string, details: { exception: code, name: type } })
})

test('one insert into too many partitions is not a server with too much to do', () => {
  const words = 'Too many partitions for single INSERT block (more than 100). '
  expect(statementFailure(exception(252, 'TOO_MANY_PARTS', words), writing)).toMatchObject({
    code: 'HUB_QUERY_FAILED',
    message: expect.stringContaining('partitions') as string,
  })
})

test('versions, stack traces, addresses and accounts stay out', () => {
  const message = 'hub: Not enough privileges. There was an error on [10.0.0.7:9000]: x (version 26.7.2.1 (official build)). Stack trace:\n0. main\n'
  const error = statementFailure(exception(497, 'ACCESS_DENIED', message), reading)
  expect(error.message).toBe('the hub’s user in ClickHouse may not do this: Not enough privileges. There was an error on [a server]: x')
  expect(statementFailure(exception(62, 'SYNTAX_ERROR', 'x'.repeat(10_000)), reading).message.length).toBeLessThan(1_700)
})

test.each([
  [Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:8123'), { code: 'ECONNREFUSED' }), 'HUB_CONNECTOR_DOWN', 'HUB_CONNECTOR_DOWN', 1_000],
  [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), 'HUB_CONNECTOR_DOWN', 'HUB_CONNECTOR_DOWN', undefined],
  [new Error('socket hang up'), 'HUB_CONNECTOR_DOWN', 'HUB_CONNECTOR_DOWN', undefined],
  [new Error('Timeout error.'), 'HUB_TIMEOUT', 'HUB_TIMEOUT', undefined],
  [new Error('<html>host-of-a-proxy</html>'), 'HUB_UPSTREAM_FAILED', 'HUB_UPSTREAM_FAILED', undefined],
])('%s is told by its code; after a write that may have been done nobody is told to repeat it', (error, whenReading, whenWriting, retry) => {
  const read = statementFailure(error, reading)
  expect(read.code).toBe(whenReading)
  const write = statementFailure(error, writing)
  expect(write.code).toBe(whenWriting)
  expect(write.details.retryAfterMs).toBe(retry)
  for (const { message } of [read, write]) expect(message).not.toMatch(/10\.1\.2\.3|host-of/)
})

test('an answer that broke off is told by what stands at its end', () => {
  const said =
    '\r\n__exception__\r\nabc\r\nCode: 395. DB::Exception: Value (x) is (y). (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO) (version 26.7.2.1)\n12 abc\r\n__exception__\r\n'
  expect(exceptionIn(said)).toEqual({ code: 395, name: 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO', message: 'Value (x) is (y). ' })
  expect(brokenFailure(said, new Error('aborted'), reading).message).toContain('Value (x) is (y)')
  expect(brokenFailure('<html>', undefined, reading).code).toBe('HUB_UPSTREAM_FAILED')
  expect(brokenFailure('', new Error('aborted'), reading).code).toBe('HUB_CONNECTOR_DOWN')
})
