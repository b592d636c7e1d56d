import { expect, test } from 'vitest'
import type { Sample } from '../../../bench/drive/target.ts'
import { goals, judge } from '../../../bench/goals.ts'
import type { GroupResult } from '../../../bench/measure/run.ts'

const sample = (rate: number, more: Partial<Sample> = {}): Sample => ({
  seconds: 1,
  answers: rate,
  wrong: 0,
  p50Ms: 1,
  p99Ms: 2,
  driverShare: 0.5,
  answerBytes: 100,
  ...more,
})
const list = (hub: Sample, toolbox: Sample, failed?: string): GroupResult => ({
  name: 'list',
  title: 'tools/list',
  rows: [
    { name: '1000 tools: hub', against: '', failed, points: [{ concurrency: 1, samples: [hub] }] },
    { name: '1000 tools: MCP Toolbox', against: '', points: [{ concurrency: 1, samples: [toolbox] }] },
  ],
})

test.each([
  [240, 'aim reached'],
  [200, 'met'],
  [199, 'missed'],
])('%d against 100 lists is %s', (rate, state) => {
  expect(judge([list(sample(rate), sample(100))])).toMatchObject([{ figure: rate / 100, state }])
})

test('a row with a wrong answer, or one that failed, reaches nothing', () => {
  expect(judge([list(sample(500, { wrong: 1 }), sample(100))])).toMatchObject([{ state: 'not measured' }])
  expect(judge([list(sample(500), sample(100), 'it did not start')])).toMatchObject([{ state: 'not measured' }])
})

test('where less is better, the goal is a ceiling', () => {
  const point = (p99Ms: number) => ({ concurrency: 64, samples: [sample(100, { p99Ms, serverBytes: 110e6 })] })
  const query: GroupResult = {
    name: 'query',
    title: '',
    rows: [
      { name: 'hub', against: '', startMs: 500, points: [point(9)] },
      { name: 'MCP Toolbox', against: '', points: [point(9)] },
    ],
  }
  const states = new Map(judge([query]).map(({ goal, state }) => [goal.work, state]))
  expect(states.get('query, p99 against MCP Toolbox, c64')).toBe('met')
  expect(states.get('query, resident memory, c64')).toBe('met')
  expect(states.get('start to first answer')).toBe('missed')
  expect(states.get('query against MCP Toolbox, c1')).toBe('not measured')
})

test('no goal asks more than it aims at', () => {
  for (const { better, must, aim } of goals) expect(better === 'more' ? aim >= must : aim <= must).toBe(true)
})
