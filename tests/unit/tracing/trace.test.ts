import { expect, test } from 'vitest'
import { readTrace } from '../../../runtime/tracing/trace.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = `00-${traceId}-00f067aa0ba902b7-01`

test('a whole context is read from headers or _meta alike', () => {
  const carrier = { traceparent: parent, tracestate: 'rojo=00f067aa0ba902b7, congo=t61rcWkgMzE', baggage: 'userId=alice,isProduction=false;ttl=1', other: 1 }
  expect(readTrace(carrier)).toEqual({
    traceparent: parent,
    tracestate: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
    baggage: 'userId=alice,isProduction=false;ttl=1',
  })
})

test.each<[string, unknown]>([
  ['no trace id', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
  ['no parent id', `00-${traceId}-${'0'.repeat(16)}-01`],
  ['the version that is forbidden', `ff-${traceId}-00f067aa0ba902b7-01`],
  ['capital letters', parent.toUpperCase()],
  ['more than version 00 has', `${parent}-more`],
  ['too little', parent.slice(0, -3)],
  ['a list', [parent, parent]],
  ['a number', 7],
])('a traceparent with %s is left out, and its tracestate too', (_case, traceparent) => {
  expect(readTrace({ traceparent, tracestate: 'a=1' })).toEqual({})
})

test('a later version may have more', () => {
  expect(readTrace({ traceparent: `01-${traceId}-00f067aa0ba902b7-01-more` })).toHaveProperty('traceparent')
})

test.each([
  ['tracestate', 'no-value'],
  ['tracestate', `a=${'x'.repeat(600)}`],
  ['tracestate', Array.from({ length: 33 }, (_, index) => `k${index}=1`).join(',')],
  ['tracestate', 'A=1'],
  ['tracestate', ''],
  ['baggage', 'a=b c'],
  ['baggage', 'a"=1'],
  ['baggage', 'a=1\r\nevil: yes'],
  ['baggage', `a=${'x'.repeat(9_000)}`],
])('a %s of %j is left out', (name, value) => {
  expect(readTrace({ traceparent: parent, [name]: value })).toEqual({ traceparent: parent })
})

test('headers that came twice are one list, and tenants of a tracestate are kept', () => {
  expect(readTrace({ traceparent: parent, tracestate: ['a=1', 'tenant@vendor=2'] })).toEqual({ traceparent: parent, tracestate: 'a=1,tenant@vendor=2' })
})

test('baggage travels without a trace, and nothing is nothing', () => {
  expect(readTrace({ baggage: 'a=1' })).toEqual({ baggage: 'a=1' })
  expect(readTrace(undefined)).toBe(readTrace({}))
})
