import { expect, test } from 'vitest'
import { judgeCodegen } from '../../../../bench/codegen/goals.ts'
import type { CodegenRow } from '../../../../bench/codegen/measure.ts'
import type { Sample } from '../../../../bench/drive/target.ts'
import { judge } from '../../../../bench/goals.ts'
import type { GroupResult } from '../../../../bench/measure/run.ts'
import { table } from '../../../../bench/report/markdown.ts'
import { render, withMeasured } from '../../../../bench/report/report.ts'

const sample = (answers: number, more: Partial<Sample> = {}): Sample => ({
  seconds: 1,
  answers,
  wrong: 0,
  p50Ms: 1.234,
  p99Ms: 20.5,
  serverCpuMs: answers / 10,
  serverBytes: 90e6,
  driverShare: 0.4,
  answerBytes: 1500,
  ...more,
})
const results: GroupResult[] = [
  {
    name: 'cache',
    title: 'The same query from the cache',
    rows: [
      { name: 'hub, cached', against: 'limit', startMs: 312, points: [{ concurrency: 16, samples: [sample(9000), sample(10_000), sample(11_000)] }] },
      { name: 'limit', against: 'limit', startMs: 80, points: [{ concurrency: 16, samples: [sample(20_000, { driverShare: 0.9 })] }] },
      { name: 'other', against: 'limit', failed: 'it did not start\nat all', points: [] },
      { name: 'liar', against: 'limit', points: [{ concurrency: 16, samples: [sample(100, { wrong: 3, firstWrong: '200 nonsense' })] }] },
    ],
  },
]
const codegen: readonly CodegenRow[] = [
  { name: 'generate', ms: [4000, 6000, 4900], peakBytes: 340e6 },
  { name: 'check', ms: [], peakBytes: 0, failed: 'it ended with 1\nat once' },
  { name: 'watch, one manifest edited', ms: [150, 160, 700], peakBytes: 1 },
]
const machine = { cpu: 'A CPU', cores: 2, memoryGb: 4, system: 'linux 6.1-x', node: '24.0.0', postgres: '18.4', loadBefore: 0.1 }
const run = {
  machine,
  effort: { starts: 3, settleMs: 2500, repetitions: 3, measureMs: 3000 },
  pace: { rounds: 9, sliceMs: 150, settleMs: 500 },
  results,
  kinds: [{ kind: 'redpanda', what: '10 messages of a topic', missing: 'no Java here', compared: [] }],
  codegen,
  verdicts: [...judge(results), ...judgeCodegen(codegen)],
}

test('a report tells machine, goals, ratios, and what to be careful about', () => {
  const text = render(run)
  const lines = text.split('\n').map((line) => line.replaceAll(/ +/g, ' '))
  expect(lines[0]).toContain('A CPU, 2 cores, 4 GB, linux 6.1, Node 24.0.0, PostgreSQL 18.4.')
  expect(lines[0]).not.toContain('Others used')
  expect(lines).toContain('| a cached answer against the limit, c16 | 0.50 | ≥ 0.30 | ≥ 0.45 | aim reached |')
  expect(lines).toContain('| hub, cached | 10,000 | 0.50 | 1.23 / 20.5 | 100 | 90 | 310 | 1,500 |')
  expect(lines).toContain('| other (failed) | – | – | – | – | – | – | – |')
  expect(lines.some((line) => line.startsWith('| liar (3 wrong answers)'))).toBe(true)
  expect(lines).toContain('- The driver took at most 90 % of one core (cache, limit, c16).')
  expect(lines).toContain('- cache, hub, cached, c16: repetitions lie 20 % apart.')
  expect(lines).toContain('- cache, other: it did not start')
  expect(lines).toContain('- cache, liar: a wrong answer began 200 nonsense')
  expect(lines).toContain('| hub generate, 1,000 tools | 4900 ms | ≤ 5000 ms | ≤ 3000 ms | met |')
  expect(lines).toContain('| hub generate --check, 1,000 tools | – | ≤ 5000 ms | ≤ 3000 ms | not measured |')
  expect(lines).toContain('| hub generate --watch, one manifest edited | 160 ms | ≤ 300 ms | ≤ 200 ms | aim reached |')
  expect(lines).toContain('| generate | 4900 | 4000 – 6000 | 340 |')
  expect(lines).toContain('- codegen, check: it ended with 1')
  expect(text).toContain('Kinds: median of 9 rounds')
  expect(lines.filter((line) => line.includes('no Java here'))).toHaveLength(1)
})

test('a machine that was busy before is told', () => {
  expect(render({ ...run, machine: { ...machine, loadBefore: 2.5 } })).toContain('Others used the machine (load 2.5')
})

test('columns are as wide as their widest cell', () => {
  expect(table(['a', 'b'], [['longer', '1']])).toBe('| a      |   b |\n| ------ | --: |\n| longer |   1 |')
})

test('only the part between the markers is replaced', () => {
  const readme = 'before\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nafter'
  expect(withMeasured(readme, 'new')).toBe('before\n<!-- measured: begin -->\n\nnew\n\n<!-- measured: end -->\nafter')
  expect(withMeasured(withMeasured(readme, 'new'), 'newer')).toBe(withMeasured(readme, 'newer'))
  expect(() => withMeasured('nothing here', 'new')).toThrow(/lacks/)
})
