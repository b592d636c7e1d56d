import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { Answer } from '../../../runtime/contract/answer.ts'
import { parseJson, type Json, type JsonObject } from '../../../runtime/contract/json.ts'
import { HubError } from '../../../runtime/contract/errors.ts'
import type { ConnectorSpec } from '../../../runtime/contract/manifest.ts'
import type { ToolTest } from '../../../runtime/contract/tool-test.ts'
import type { ToolSpec } from '../../../runtime/contract/tool.ts'
import type { Kept } from '../../../runtime/trials/kept.ts'
import { outputCheck } from '../../../runtime/trials/output-check.ts'
import { countResults, runTrials, strictly, type TrialRun } from '../../../runtime/trials/run.ts'
import { listTrials } from '../../../runtime/trials/select.ts'
import { liveTape, recordingTape, replayTape } from '../../../runtime/trials/tape.ts'
import { titleOf, type Trial, type Verdict } from '../../../runtime/trials/trial.ts'
import { connector, plan, tool } from '../../fixtures/plan.ts'
import { openCorridor, type Acts } from '../pipeline/corridor.ts'
import { expecting, place, testOf } from './trials.ts'

/** What is kept of tests, in memory. */
function keeping(entries: Record<string, JsonObject> = {}): Kept & { readonly entries: Record<string, JsonObject> } {
  return {
    entries,
    entry: (trial) => entries[titleOf(trial)],
    has: ({ name }) => Object.keys(entries).some((title) => title.startsWith(`${name}_`)),
    set: (trial, entry) => void (entries[titleOf(trial)] = entry),
    save: () => Promise.resolve([]),
  }
}

const opened: { readonly manager: { close(): Promise<void> } }[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.manager.close()
})

/** Runs the tests of these connectors over the whole pipeline. */
async function run(connectors: readonly ConnectorSpec[], acts: Acts, over: Partial<TrialRun> & { limits?: Parameters<typeof openCorridor>[2] } = {}) {
  const corridor = openCorridor(connectors, acts, over.limits)
  opened.push(corridor)
  const verdicts = await runTrials(listTrials(plan(connectors)), {
    source: corridor.manager,
    drive: corridor.drive,
    tape: liveTape,
    recordings: keeping(),
    judging: { checkOutput: outputCheck(), checkGolden: () => undefined },
    writes: false,
    budgets: false,
    bail: false,
    ...over,
  })
  return { verdicts, corridor, told: verdicts.map((verdict) => `${verdict.trial.test.name}: ${verdict.result}`) }
}

type Spec = Parameters<typeof tool>[2]
const market = (tools: Readonly<Record<string, readonly Partial<ToolTest>[]>>, spec: Spec = {}, over: Partial<ConnectorSpec> = {}): ConnectorSpec =>
  connector('market', { ...over, tools: Object.entries(tools).map(([name, tests]) => tool('market', name, { ...spec, tests: tests.map(testOf) })) })

const data = (value: Json) => async () => ({ type: 'data', data: value }) as const
const one = expecting({ type: 'value', at: 'n', path: ['n'], rule: { equals: 1 } })

describe('tests of a tool', () => {
  test('pass and fail by what the tool answers, through the whole pipeline', async () => {
    const input: ToolSpec['input'] = { type: 'object', properties: { n: { type: 'integer', default: 1 } }, additionalProperties: false }
    const tests: Partial<ToolTest>[] = [
      { name: 'default', expect: [one] },
      { name: 'other', args: { n: 2 }, expect: [one] },
      { name: 'refused', args: { m: 2 }, error: { code: 'HUB_ARGS_INVALID', message: 'did you mean "n"?', place } },
      { name: 'secret', args: { n: 3 }, expect: [expecting({ type: 'text', contains: '[secret]' })] },
    ]
    const acts: Acts = { last: async (args) => ({ type: 'data', data: args['n'] === 3 ? { said: 'hush-hush' } : args }) }
    const connectors = [market({ last: tests }, { input })]
    const corridor = openCorridor(connectors, acts)
    opened.push(corridor)
    corridor.secrets.protect('hush-hush')
    const { verdicts, told } = await run(connectors, acts, { source: corridor.manager, drive: corridor.drive })
    expect(told).toEqual(['default: passed', 'other: failed', 'refused: passed', 'secret: passed'])
    expect(verdicts[1]?.failures).toEqual([{ what: 'value n', expected: '1', actual: '2', place: { ...place, line: 9 } }])
    expect(verdicts[0]?.ms).toBeGreaterThan(0)
  })

  test('are not answered by the cache, and no limit on one caller keeps them out', async () => {
    let calls = 0
    const policy = { cache: { ttlMs: 60_000, staleMs: 0, tags: [] }, limit: { calls: 1, perMs: 60_000 } }
    const tests = ['a', 'b', 'c'].map((name) => ({ name, expect: [one] }))
    const { told } = await run(
      [market({ last: tests, other: tests }, { policy })],
      { last: async () => ({ type: 'data', data: { n: 1, calls: (calls += 1) } }), other: data({ n: 1 }) },
      {
        limits: { principal: { calls: 3, perMs: 60_000 } },
      },
    )
    expect(told.every((line) => line.endsWith(': passed'))).toBe(true)
    expect(calls).toBe(3)
  })

  test('of a tool that fails without a reason say so and stop nothing else', async () => {
    const { verdicts } = await run([market({ bad: [{ name: 'bad' }], last: [{ name: 'good', expect: [one] }] })], {
      bad: () => {
        throw new TypeError('a fault')
      },
      last: data({ n: 1 }),
    })
    expect(verdicts[0]?.failures[0]?.actual).toMatch(/^HUB_INTERNAL/)
    expect(verdicts[1]?.result).toBe('passed')
  })

  test('of a resource read it at the address filled in', async () => {
    const symbol = {
      uri: 'market://last/{symbol}',
      template: true,
      mimeType: 'application/json',
      tool: {
        ...tool('market', 'res', { tests: [testOf({ args: { symbol: 'X' }, expect: [expecting({ type: 'text', contains: '"X"' })] })] }),
        name: 'market://last/{symbol}',
      },
    }
    const { told } = await run([connector('market', { resources: [symbol] })], { res: async (args) => ({ type: 'data', data: args }) })
    expect(told).toEqual(['it works: passed'])
  })

  test('that writes run when they are let, in order, after the reads and one at a time', async () => {
    const order: string[] = []
    const act = (name: string) => async () => {
      order.push(`${name} begins`)
      await turn()
      order.push(`${name} ends`)
      return { type: 'data', data: { n: 1 } } as const
    }
    const acts: Acts = { make: act('make'), look: act('look'), drop: act('drop') }
    const tests = [testOf()]
    const all = connector('market', {
      tools: [tool('market', 'make', { effect: 'write', tests }), tool('market', 'drop', { effect: 'destroy', tests }), tool('market', 'look', { tests })],
    })
    const without = await run([all], acts)
    expect(without.verdicts.map(({ result, reason = '' }) => `${result} ${reason}`)).toEqual([
      'skipped it is of effect write; hub test --writes runs it',
      'skipped it is of effect destroy; hub test --writes runs it',
      'passed ',
    ])
    order.length = 0
    const withThem = await run([all], acts, { writes: true })
    expect(countResults(withThem.verdicts)).toMatchObject({ passed: 3, lacking: 0 })
    expect(order).toEqual(['look begins', 'look ends', 'make begins', 'make ends', 'drop begins', 'drop ends'])
    expect(withThem.corridor.audited.map(({ tool: name, phase }) => `${name} ${phase}`)).toContain('market_make intent')
  })

  test('run side by side, no more than a few at a time, and are told in the order of the manifests', async () => {
    let [now, most] = [0, 0]
    const slow = async () => {
      most = Math.max(most, (now += 1))
      for (let turns = 0; turns < 5; turns += 1) await turn()
      now -= 1
      return { type: 'data', data: { n: 1 } } as const
    }
    const names = Array.from({ length: 20 }, (_, index) => `t${index}`)
    const done: number[] = []
    const { told } = await run([market({ last: names.map((name) => ({ name })) })], { last: slow }, { onVerdict: (_verdict, count) => void done.push(count) })
    expect(told).toEqual(names.map((name) => `${name}: passed`))
    expect(done).toEqual(names.map((_, index) => index + 1))
    expect(most).toBe(4)
  })

  test('stop at the first failure when asked to', async () => {
    const calls: string[] = []
    const { verdicts } = await run(
      [market({ last: ['a', 'b', 'c'].map((name) => ({ name, args: { name }, expect: name === 'b' ? [one] : [] })) })],
      {
        last: async ({ name }) => {
          calls.push(String(name))
          return { type: 'data', data: {} }
        },
      },
      { bail: true },
    )
    expect(verdicts.map(({ result, reason }) => [result, reason])).toEqual([
      ['passed', undefined],
      ['failed', undefined],
      ['skipped', 'not run after the first failure'],
    ])
    expect(calls).toEqual(['a', 'b'])
  })
})

describe('a budget', () => {
  const late = async () => {
    const until = performance.now() + 5
    while (performance.now() < until) await turn()
    return { type: 'data', data: { n: 1 } } as const
  }
  test('that is missed is told, and fails only where budgets are asked for', async () => {
    const missed = market({ last: [{ budgetMs: 1 }] })
    const told = await run([missed], { last: late })
    expect(told.verdicts).toMatchObject([{ result: 'passed', overBudget: true }])
    const failing = await run([missed], { last: late }, { budgets: true })
    expect(failing.verdicts[0]?.failures).toMatchObject([{ what: 'budget', expected: 'at most 1 ms', actual: expect.stringMatching(/^\d+\.\d ms$/) as string }])
  })

  test('missed once by a read is measured again, and the fastest call counts; a write is called once', async () => {
    let calls = 0
    const warm = async () => ((calls += 1) === 1 ? late() : ({ type: 'data', data: { n: 1 } } as const))
    expect((await run([market({ last: [{ budgetMs: 4 }] })], { last: warm }, { budgets: true })).told).toEqual(['it works: passed'])
    expect(calls).toBeGreaterThan(1)
    calls = 0
    const write = await run([market({ last: [{ budgetMs: 4 }] }, { effect: 'write' })], { last: warm }, { budgets: true, writes: true })
    expect(write.told).toEqual(['it works: failed'])
    expect(calls).toBe(1)
  })
})

describe('a connector', () => {
  test('that is off has its tests skipped with what it lacks, or failed where all must run', async () => {
    const off = { reason: 'MARKET_URL is not set', needs: ['MARKET_URL'] }
    const { verdicts } = await run([market({ last: [{}] }, {}, { off })], {})
    expect(verdicts).toMatchObject([{ result: 'skipped', reason: 'market is off: MARKET_URL is not set', lacking: true }])
    expect(strictly(verdicts)).toMatchObject([{ result: 'failed', failures: [{ actual: 'market is off: MARKET_URL is not set', place }] }])
  })

  test('that is switched off lacks nothing', async () => {
    const { verdicts } = await run([market({ last: [{}] }, {}, { off: { reason: 'switched off in its manifest', needs: [] } })], {})
    expect(strictly(verdicts)).toMatchObject([{ result: 'skipped' }])
  })

  test('with a tool that is not served fails that tool’s tests', async () => {
    const { verdicts } = await run([market({ last: [{}] })], {}, { source: openCorridor([connector('market')], {}).manager })
    expect(verdicts[0]?.failures).toMatchObject([{ what: 'tool', actual: 'market_last is not' }])
  })
})

describe('recorded answers', () => {
  const answer = { type: 'data', data: { n: 1, key: 'hush-hush', big: 1 } } as const
  const tests: Partial<ToolTest>[] = [
    { name: 'answers', expect: [one] },
    { name: 'fails', args: { fail: true }, error: { code: 'HUB_QUERY_FAILED', message: 'no table', place } },
    { name: 'wrong', args: { wrong: true }, expect: [expecting({ type: 'rows', min: 1, max: 1 })] },
  ]
  const acts: Acts = {
    last: async (args) => {
      if (args['fail']) throw new HubError('HUB_QUERY_FAILED', 'there is no table hush-hush', { table: 'hush-hush', skipped: undefined })
      return answer
    },
  }
  const never: Acts = {
    last: () => {
      throw new Error('the system was reached')
    },
  }

  async function record(): Promise<Record<string, JsonObject>> {
    const kept = keeping()
    const corridor = openCorridor([], {})
    corridor.secrets.protect('hush-hush')
    const { told } = await run([market({ last: tests })], acts, { tape: recordingTape(kept, corridor.secrets) })
    expect(told).toEqual(['answers: passed', 'fails: passed', 'wrong: failed'])
    return kept.entries
  }

  const replay = async (entries: Record<string, JsonObject>, connectors = [market({ last: tests })]) => {
    const kept = keeping(entries)
    return run(connectors, never, { tape: replayTape(kept), recordings: kept })
  }

  test('hold what was answered or refused, without secrets, of tests that passed', async () => {
    expect(await record()).toEqual({
      'market_last: answers': { args: {}, answer: { ...answer, data: { ...answer.data, key: '[secret]' } } },
      'market_last: fails': {
        args: { fail: true },
        error: { code: 'HUB_QUERY_FAILED', message: 'there is no table [secret]', details: { table: '[secret]' } },
      },
    })
  })

  test('of a secret of digits hold a word in its place, and all else as it was', async () => {
    const kept = keeping()
    const corridor = openCorridor([], {})
    corridor.secrets.protect('12345678')
    const act: Acts = { last: async () => parseJson('{"type":"data","data":{"n":1,"pin":12345678,"id":9007199254740993}}') as unknown as Answer }
    await run([market({ last: [{ name: 'answers', expect: [one] }] })], act, { tape: recordingTape(kept, corridor.secrets) })
    expect(JSON.stringify(kept.entries['market_last: answers'])).toBe(
      '{"args":{},"answer":{"type":"data","data":{"n":1,"pin":"[secret]","id":9007199254740993}}}',
    )
  })

  test('stand in for a system that is not reached', async () => {
    const { told, verdicts } = await replay(await record())
    expect(told).toEqual(['answers: passed', 'fails: passed', 'wrong: failed'])
    expect(verdicts.map(({ ms }) => ms)).toEqual([undefined, undefined, undefined])
  })

  test('walk the pipeline like any other: arguments, schema and bounds hold', async () => {
    const entries = { 'market_last: many': { args: {}, answer: { type: 'data', data: { rows: [1, 2, 3] } } } }
    const many = [
      { name: 'many', expect: [expecting({ type: 'rows', min: 2, max: 2 }), expecting({ type: 'text', contains: 'truncated' })] },
      { name: 'refused', args: { m: 1 }, error: { code: 'HUB_ARGS_INVALID' as const, place } },
    ]
    const spec: Spec = { input: { type: 'object', properties: {}, additionalProperties: false }, policy: { result: { rows: 2, bytes: 1_000 } } }
    expect((await replay(entries, [market({ last: many }, spec)])).told).toEqual(['many: passed', 'refused: passed'])
  })

  test('of other arguments, or of another test, do not answer', async () => {
    const entries = await record()
    const changed = [market({ last: [{ ...tests[0], args: { fail: false } }, { name: 'new' }] })]
    const { verdicts } = await replay(entries, changed)
    expect(verdicts.map(({ failures }) => failures[0]?.actual)).toEqual([
      'its arguments are others than when it was recorded; hub test --record',
      'no answer of it is recorded; hub test --record',
    ])
  })

  test('that are not there at all skip the connector, and a write that was never recorded is skipped alone', async () => {
    expect((await replay({})).verdicts[0]).toMatchObject({ result: 'skipped', lacking: true, reason: 'nothing of market is recorded; hub test --record' })
    const write = connector('market', {
      tools: [tool('market', 'last', { tests: [testOf({ name: 'answers' })] }), tool('market', 'make', { effect: 'write', tests: [testOf()] })],
    })
    expect((await replay(await record(), [write])).verdicts).toMatchObject([{ result: 'passed' }, { result: 'skipped', lacking: true }])
  })

  test('are of the connector itself, never of what stands in for it', async () => {
    const down: Trial['connector'] = market({ last: [{ name: 'answers' }] }, {}, { fallback: ['spare'] })
    const spare = connector('spare', { tools: [tool('spare', 'last')] })
    let first = true
    const act: Acts = {
      last: async () => {
        if (!first) return answer
        first = false
        throw new HubError('HUB_CONNECTOR_DOWN', 'it is down')
      },
    }
    const kept = keeping()
    const { verdicts } = await run([down, spare], act, { tape: recordingTape(kept, openCorridor([], {}).secrets) })
    expect(verdicts[0]?.failures).toMatchObject([{ what: 'recording', actual: 'market is down, and spare answered in its place' }])
    expect(kept.entries).toEqual({})
  })

  test('are not made of the hub’s own tools, which answer themselves either way', async () => {
    const own = connector('hub', { kind: 'hub', tools: [tool('hub', 'health', { tests: [testOf({ expect: [one] })] })] })
    const corridor = openCorridor([{ ...own, kind: 'test' }], { health: data({ n: 1 }) })
    opened.push(corridor)
    const kept = keeping()
    const verdicts: Verdict[] = []
    for (const tape of [recordingTape(kept, corridor.secrets), replayTape(kept)]) {
      const spec = own.tools[0]!
      verdicts.push(
        ...(await runTrials([{ connector: own, spec, test: spec.tests[0]! }], {
          source: corridor.manager,
          drive: corridor.drive,
          tape,
          recordings: kept,
          judging: { checkOutput: outputCheck(), checkGolden: () => undefined },
          writes: false,
          budgets: false,
          bail: false,
        })),
      )
    }
    expect(verdicts.map(({ result }) => result)).toEqual(['passed', 'passed'])
    expect(kept.entries).toEqual({})
  })
})
