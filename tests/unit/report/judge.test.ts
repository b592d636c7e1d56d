import { expect, test } from 'vitest'
import { closingLines, faultsOf, type GateResult } from '../../report/judge.ts'
import type { Summary } from '../../report/reporter.ts'

const gate = (name: string, passed: boolean): GateResult => ({ gate: name, passed, seconds: 1 })
const summary: Summary = { passed: 12, failed: 0, skipped: [], faults: 0, components: ['MCP Inspector', 'PostgreSQL'] }

test('a run in which every gate passed and enough components were used passes', () => {
  expect(faultsOf([gate('lint', true), gate('tests', true)], summary, ['MCP Inspector', 'PostgreSQL'])).toEqual([])
})

test('a component that tests were skipped for, by its name, is not missed', () => {
  const skipped = [{ test: 'reads a topic', reason: 'Redpanda: none on this machine' }]
  expect(faultsOf([], { ...summary, skipped }, ['MCP Inspector', 'Redpanda'])).toEqual([])
  expect(faultsOf([], { ...summary, skipped }, ['Red', 'Redpanda'])).toEqual([expect.stringMatching(/missing: Red$/)])
})

test('a component counts wherever it comes from', () => {
  expect(faultsOf([], { ...summary, components: ['Redis (container)'] }, ['Redis (redis-server)'])).toEqual([])
})

test.each([
  { fault: 'a gate that failed', gates: [gate('lint', false)], told: summary, said: /^lint failed$/ },
  { fault: 'tests that did not run to their end', gates: [], told: undefined, said: /left no summary/ },
  { fault: 'no test at all', gates: [], told: { ...summary, passed: 0 }, said: /no test passed/ },
  {
    fault: 'a test skipped without a reason',
    gates: [],
    told: { ...summary, skipped: [{ test: 'reads a topic', reason: undefined }] },
    said: /skipped without a reason: reads a topic/,
  },
  {
    fault: 'fewer real components than are committed',
    gates: [],
    told: { ...summary, components: ['PostgreSQL'] },
    said: /used 1 of 2 expected real components; missing: MCP Inspector$/,
  },
])('$fault fails the run', ({ gates, told, said }) => {
  expect(faultsOf(gates, told, ['MCP Inspector', 'PostgreSQL'])).toEqual([expect.stringMatching(said)])
})

test('the last line counts, and skips say why', () => {
  expect(closingLines({ ...summary, failed: 1, faults: 1, skipped: [{ test: 'reads a topic', reason: 'no broker here' }] })).toEqual([
    'skipped: reads a topic: no broker here',
    'real components used: 2 (MCP Inspector, PostgreSQL)',
    '12 passed, 2 failed, 1 skipped',
  ])
  expect(closingLines(undefined)).toEqual(['0 passed, 0 failed, 0 skipped'])
})
