import { describe, expect, test } from 'vitest'
import { connectFailure, isFatal, isStale, statementFailure } from '../../../../runtime/kinds/timescale/failures.ts'

const context = { elapsedMs: 10, statementTimeoutMs: 1_000, canWrite: false }
const server = (code: string, over: object = {}): Error => Object.assign(new Error('something is wrong'), { code, severity: 'ERROR', ...over })

describe('a connection that cannot be had', () => {
  test.each<[string, Error, string]>([
    ['nobody listens', Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), { code: 'ECONNREFUSED' }), 'the database does not answer (ECONNREFUSED)'],
    ['it takes too long', new Error('timeout expired'), 'the database does not answer (no connection in time)'],
    ['it ended', new Error('Connection terminated unexpectedly'), 'the database does not answer (connection lost)'],
    ['the connector is closed', new Error('Cannot use a pool after calling end on the pool'), 'the database does not answer (the connector is closed)'],
    ['no TLS', new Error('The server does not support SSL connections'), 'the database does not answer (no TLS as the connection string asks for)'],
    ['anything else', new Error('secret-host.example said no'), 'the database does not answer (connection failed)'],
    ['still starting', server('57P03', { severity: 'FATAL' }), 'the database does not answer (57P03)'],
    ['too many connections', server('53300', { severity: 'FATAL' }), 'the database does not answer (53300)'],
    ['a wrong password', server('28P01', { severity: 'FATAL' }), 'the database refuses the hub’s login (28P01); its operator has to mend that'],
    ['no such database', server('3D000', { severity: 'FATAL' }), 'the database refuses the hub’s login (3D000); its operator has to mend that'],
  ])('%s', (_name, error, message) => {
    const failure = connectFailure(error)
    expect(failure).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message })
    expect(failure.details.retryAfterMs).toBeGreaterThan(0)
  })
})

describe('a statement that failed', () => {
  test.each<[string, Error, string, string]>([
    ['connection lost', new Error('Connection terminated unexpectedly'), 'HUB_CONNECTOR_DOWN', 'connection lost'],
    ['server shut down', server('57P01', { severity: 'FATAL' }), 'HUB_CONNECTOR_DOWN', '57P01'],
    ['cancelled by someone', server('57014'), 'HUB_QUERY_FAILED', 'someone cancelled'],
    ['detail of data is told', server('23505', { detail: 'Key (a)=(1) already exists.' }), 'HUB_QUERY_FAILED', 'Key (a)=(1)'],
    [
      'detail of the server is not',
      server('42501', { detail: 'in pg_hba.conf line 3' }),
      'HUB_QUERY_FAILED',
      'the database refused the statement: something is wrong (SQLSTATE 42501)',
    ],
    ['wrong use of the protocol', server('08P01'), 'HUB_QUERY_FAILED', '08P01'],
    ['a link of its own to another server is missing', server('08003'), 'HUB_QUERY_FAILED', '08003'],
    ['the connection does not exist', server('08003', { severity: 'FATAL' }), 'HUB_CONNECTOR_DOWN', '08003'],
  ])('%s', (_name, error, code, words) => {
    const failure = statementFailure(error, context)
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(words)
    expect(failure.message).not.toContain('pg_hba')
  })

  test('the server’s own time-out is told apart from a cancel', () => {
    expect(statementFailure(server('57014'), { ...context, elapsedMs: 1_001 })).toMatchObject({ code: 'HUB_TIMEOUT', details: { timeoutMs: 1_000 } })
  })

  test('a write whose connection was lost is in doubt, and nobody is invited to try again', () => {
    const failure = statementFailure(new Error('Connection terminated unexpectedly'), { ...context, canWrite: true })
    expect(failure).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('not known') as string, details: { outcome: 'unknown' } })
    expect(failure.details.retryAfterMs).toBeUndefined()
  })

  test('a missing extension is told as such only where the tool needs it', () => {
    expect(statementFailure(server('42P01'), { ...context, needs: 'timescaledb' }).message).toContain('does not have the TimescaleDB extension')
    expect(statementFailure(server('42P01'), context).message).toContain('something is wrong')
    expect(statementFailure(server('22012'), { ...context, needs: 'timescaledb' }).message).toContain('something is wrong')
  })
})

test('only what nothing ran for is tried again', () => {
  expect(isStale(server('26000'))).toBe(true)
  expect(isStale(server('42P05'))).toBe(true)
  expect(isStale(server('0A000', { routine: 'RevalidateCachedQuery' }))).toBe(true)
  expect(isStale(server('0A000', { routine: 'ExecInitFunc' }))).toBe(false)
  expect(isStale(new Error('Connection terminated unexpectedly'))).toBe(false)
})

test('a connection is kept after an error of a statement and dropped after one of its own', () => {
  expect(isFatal(server('42703'))).toBe(false)
  expect(isFatal(server('08003'))).toBe(false)
  expect(isFatal(server('57P01', { severity: 'FATAL' }))).toBe(true)
  expect(isFatal(server('XX000', { severity: 'PANIC' }))).toBe(true)
  expect(isFatal(new Error('Connection terminated unexpectedly'))).toBe(true)
})
