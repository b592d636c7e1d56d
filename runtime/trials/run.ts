import { localPrincipal } from '../auth/local.ts'
import { HubError } from '../contract/errors.ts'
import type { Drive, Outcome } from '../pipeline/call.ts'
import type { BoundTool, RegistrySource } from '../registry/types.ts'
import { judge, type Judging } from './judge.ts'
import type { Kept } from './kept.ts'
import { read } from './reading.ts'
import { isOwn, type Tape } from './tape.ts'
import { type Failure, type Trial, type Verdict } from './trial.ts'

/** What trials run on, and how. */
export interface TrialRun {
  readonly source: RegistrySource
  readonly drive: Drive
  readonly tape: Tape
  readonly recordings: Pick<Kept, 'has'>
  readonly judging: Judging
  /** Run tests of tools that write or destroy. */
  readonly writes: boolean
  /** A call over its budget fails. */
  readonly budgets: boolean
  /** Nothing more is called after the first failure. */
  readonly bail: boolean
  readonly onVerdict?: (verdict: Verdict, done: number) => void
}

const mostConnectors = 4
const mostCalls = 4
const openMs = 30_000
/** A read over its budget is called again so often, and its fastest call counts: the machine may have been busy. */
const secondChances = 2

/** Runs trials side by side, a few connectors and a few reads of each at a time; writes one after another, after the reads; what has a budget last and alone. Verdicts come in the order of the trials. */
export async function runTrials(trials: readonly Trial[], run: TrialRun): Promise<readonly Verdict[]> {
  const verdicts = new Map<Trial, Verdict>()
  const [connectorsAtOnce, callsAtOnce] = run.bail ? [1, 1] : [mostConnectors, mostCalls]
  const measured: Trial[] = []
  let stopped = false

  const settle = (verdict: Verdict): void => {
    verdicts.set(verdict.trial, verdict)
    if (run.bail && verdict.result === 'failed') stopped = true
    run.onVerdict?.(verdict, verdicts.size)
  }
  const attempt = async (trial: Trial): Promise<void> => settle(stopped ? skipped(trial, 'not run after the first failure') : await perform(trial, run))

  await sideBySide(Object.values(Object.groupBy(trials, ({ connector }) => connector.name)), connectorsAtOnce, async (group = []) => {
    const due = group.filter((trial) => {
      const verdict = notRun(trial, run)
      if (verdict) settle(verdict)
      return verdict === undefined
    })
    if (due.length > 0 && !stopped) await open(due[0] as Trial, run)
    const { reads = [], writes = [], alone = [] } = Object.groupBy(due, phaseOf)
    await sideBySide(reads, callsAtOnce, attempt)
    await sideBySide(writes, 1, attempt)
    measured.push(...alone)
  })
  await sideBySide(measured, 1, attempt)
  return trials.map((trial) => verdicts.get(trial) as Verdict)
}

const phaseOf = ({ spec, test }: Trial): 'reads' | 'writes' | 'alone' => (spec.effect !== 'read' ? 'writes' : test.budgetMs === undefined ? 'reads' : 'alone')

async function sideBySide<Item>(items: readonly Item[], most: number, work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values()
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
}

const skipped = (trial: Trial, reason: string, isLacking = false): Verdict => ({
  trial,
  result: 'skipped',
  overBudget: false,
  reason,
  lacking: isLacking,
  failures: [],
})

const failed = (trial: Trial, failure: Omit<Failure, 'place'>): Verdict => ({
  trial,
  result: 'failed',
  overBudget: false,
  failures: [{ ...failure, place: trial.test.place }],
})

/** Why a trial is not run at all. */
function notRun(trial: Trial, { tape, recordings, writes }: TrialRun): Verdict | undefined {
  const { connector, spec } = trial
  if (connector.off) return skipped(trial, `${connector.name} is off: ${connector.off.reason}`, connector.off.needs.length > 0)
  if (tape.name !== 'replay') return spec.effect === 'read' || writes ? undefined : skipped(trial, `it is of effect ${spec.effect}; hub test --writes runs it`)
  return isOwn(trial) || recordings.has(connector) ? undefined : skipped(trial, `nothing of ${connector.name} is recorded; hub test --record`, true)
}

/** Opens a connector before its first call is measured. What is wrong with it, its tests tell. */
async function open({ connector }: Trial, { source, tape }: TrialRun): Promise<void> {
  if (tape.name !== 'replay') await source.current().connectors.get(connector.name)?.probe(AbortSignal.timeout(openMs))
}

async function perform(trial: Trial, run: TrialRun): Promise<Verdict> {
  const { tape, judging, budgets } = run
  const { spec, test } = trial
  const bound = boundTo(trial, run.source)
  if (bound === undefined) return failed(trial, { what: 'tool', expected: 'a tool that is served', actual: `${spec.name} is not` })
  const taped = tape.on(trial, bound.handler)
  const call = (): Promise<Called> => callOnce({ ...bound, spec: unbridled(bound), handler: taped.handler }, trial, run)
  let called = await call()

  const lack = taped.lack()
  if (lack) {
    const isDue = lack.isStale || spec.effect === 'read'
    return isDue ? failed(trial, { what: 'recording', expected: 'a recorded answer', actual: lack.reason }) : skipped(trial, lack.reason, true)
  }
  const standIn = called.outcome.freshness?.source
  if (tape.name === 'record' && standIn !== undefined && standIn !== spec.connector)
    return failed(trial, {
      what: 'recording',
      expected: `an answer of ${spec.connector}`,
      actual: `${spec.connector} is down, and ${standIn} answered in its place`,
    })

  const failures = judge(trial, read(called.outcome), judging)
  if (failures.length === 0) taped.keep()
  if (tape.name === 'replay') return { trial, result: failures.length === 0 ? 'passed' : 'failed', overBudget: false, failures }

  const isOver = ({ ms }: Called): boolean => test.budgetMs !== undefined && ms > test.budgetMs
  for (let chance = 0; chance < secondChances && spec.effect === 'read' && tape.name === 'live' && isOver(called); chance += 1) {
    const again = await call()
    if (again.ms < called.ms) called = again
  }
  const misses = budgets && isOver(called) ? [budgetMiss(trial, called.ms)] : []
  const all = [...failures, ...misses]
  return { trial, result: all.length === 0 ? 'passed' : 'failed', ms: called.ms, overBudget: isOver(called), failures: all }
}

const budgetMiss = ({ test }: Trial, ms: number): Failure => ({
  what: 'budget',
  expected: `at most ${test.budgetMs} ms`,
  actual: `${ms.toFixed(1)} ms`,
  place: test.place,
})

interface Called {
  readonly outcome: Outcome
  readonly ms: number
}

async function callOnce(tool: BoundTool, trial: Trial, { source, drive }: TrialRun): Promise<Called> {
  const registry = source.current()
  // Each tool its own caller: how often one caller may call is no matter of tests.
  const principal = { ...localPrincipal, id: `hub test ${trial.spec.name}` }
  const args = structuredClone(trial.test.args)
  const startedAt = performance.now()
  const outcome = await drive({ registry, tool, args, principal, signal: new AbortController().signal, trace: {}, capabilities: {}, exchange: {} })
  return { outcome, ms: performance.now() - startedAt }
}

/** The tool without what would keep a test from reaching it: earlier answers, and the count of earlier calls. */
function unbridled({ spec }: BoundTool): BoundTool['spec'] {
  const { cache: _cache, limit: _limit, ...policy } = spec.policy
  return { ...spec, policy }
}

function boundTo({ spec }: Trial, source: RegistrySource): BoundTool | undefined {
  const registry = source.current()
  const tool = registry.tools.get(spec.name)
  if (tool) return tool
  const endpoint = registry.endpoint('all')
  if (endpoint === undefined) throw new HubError('HUB_INTERNAL', 'a registry without an endpoint')
  return registry.view(endpoint, localPrincipal).resources.find(({ spec: { uri } }) => uri === spec.name)?.tool
}

/** How many of each. */
export function countResults(verdicts: readonly Verdict[]): Readonly<Record<Verdict['result'] | 'overBudget' | 'lacking', number>> {
  const of = (test: (verdict: Verdict) => boolean): number => verdicts.filter(test).length
  return {
    passed: of(({ result }) => result === 'passed'),
    failed: of(({ result }) => result === 'failed'),
    skipped: of(({ result }) => result === 'skipped'),
    overBudget: of(({ overBudget }) => overBudget),
    lacking: of(({ lacking }) => lacking === true),
  }
}

/** Under --strict, what lacks a setting or a recording fails. */
export const strictly = (verdicts: readonly Verdict[]): readonly Verdict[] =>
  verdicts.map((verdict) =>
    verdict.lacking === true ? failed(verdict.trial, { what: 'test', expected: 'a test that can run', actual: verdict.reason ?? '' }) : verdict,
  )
