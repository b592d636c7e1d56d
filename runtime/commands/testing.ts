import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { HubError } from '../contract/errors.ts'
import type { ConnectorSpec, Plan } from '../contract/manifest.ts'
import type { Place } from '../contract/place.ts'
import { createSecrets } from '../guards/content.ts'
import { kinds } from '../kinds/index.ts'
import { compile } from '../manifest/compile.ts'
import { formatProblems } from '../manifest/problems.ts'
import { closestNames } from '../registry/view.ts'
import { goldenCheck } from '../trials/golden.ts'
import { junit } from '../trials/junit.ts'
import { openKept, type Kept } from '../trials/kept.ts'
import { outputCheck } from '../trials/output-check.ts'
import { countResults, runTrials, strictly, type TrialRun } from '../trials/run.ts'
import { listTrials, select, unanswered } from '../trials/select.ts'
import { liveTape, recordingTape, replayTape, type Tape } from '../trials/tape.ts'
import type { Trial, Verdict } from '../trials/trial.ts'
import { forReplay, openReplay } from '../wiring/replay.ts'
import { createCommandLog, openLocalHub } from './local.ts'
import { checkingEnvironment } from './market-data.ts'
import { CommandError, exits } from './exits.ts'
import type { ConfigOptions } from './options.ts'
import { version } from './package.ts'
import { asJson, progressLine, report } from './test-report.ts'

/** Options of `hub test`. */
export interface TestOptions extends ConfigOptions {
  readonly connector: readonly string[]
  readonly record?: boolean
  readonly replay?: boolean
  readonly writes?: boolean
  readonly update?: boolean
  readonly budgets?: boolean
  readonly bail?: boolean
  readonly strict?: boolean
  readonly junit?: string
  readonly format: 'text' | 'json'
}

/** Runs the wanted tests of a hub's folder and prints what came of them; true when none failed. */
export async function test(configFile: string, patterns: readonly string[], options: TestOptions): Promise<boolean> {
  const plan = await planOf(configFile, options.replay === true)
  const all = listTrials(plan)
  const wanted = wantedOf(plan, all, patterns, options)
  const connectors = new Map<string, ConnectorSpec>(wanted.map(({ connector }) => [connector.name, connector]))
  const recordings = await openKept('recordings', connectors.values())
  const golden = await openKept('golden', connectors.values())

  const found = wanted.length === 0 ? [] : await run(configFile, plan, wanted, { options, recordings, golden })
  const verdicts = (options.strict ? strictly(found) : found).map(seenFromHere(dirname(configFile)))
  const keptGolden = all.filter(({ test: { expect } }) => expect.some(({ type }) => type === 'golden'))
  const written = [...(await recordings.save(all)), ...(await golden.save(keptGolden))].map((path) => relative(process.cwd(), path))

  if (options.junit !== undefined) await writeReport(options.junit, junit(verdicts))
  process.stdout.write(`${options.format === 'json' ? JSON.stringify(asJson(verdicts), undefined, 2) : report(verdicts, written)}\n`)
  return countResults(verdicts).failed === 0
}

/** The plan with every word of its tests checked. For a replay no setting need be there. */
async function planOf(configFile: string, withoutEnvironment: boolean): Promise<Plan> {
  const env = checkingEnvironment(dirname(configFile), process.env)
  const { plan, problems } = await compile({ configFile, kinds, env, version, checkTests: true, withoutEnvironment })
  if (plan) return withoutEnvironment ? forReplay(plan) : plan
  throw new HubError(problems[0]?.code ?? 'HUB_CONFIG_FILE', formatProblems(problems), { problems })
}

function wantedOf(plan: Plan, all: readonly Trial[], patterns: readonly string[], { connector: connectors }: TestOptions): readonly Trial[] {
  const names = plan.connectors.map(({ name }) => name)
  const unknown = connectors.find((name) => !names.includes(name))
  if (unknown !== undefined) throw noSuchTest(`--connector ${unknown}`, closestNames(unknown, names))
  const [first] = unanswered(all, patterns)
  if (first) throw noSuchTest(`"${first.pattern}"`, first.near)
  return select(all, { patterns, connectors })
}

/** A pattern or a connector that is not there, with what is near. */
function noSuchTest(what: string, near: readonly string[]): CommandError {
  const wayOn = near.length > 0 ? `did you mean ${near.join(', ')}?` : 'hub test --format json lists every test'
  return new CommandError(exits.usage, `no test answers to ${what}`, [wayOn])
}

interface Run {
  readonly options: TestOptions
  readonly recordings: Kept
  readonly golden: Kept
}

async function run(configFile: string, plan: Plan, wanted: readonly Trial[], { options, recordings, golden }: Run): Promise<readonly Verdict[]> {
  const ground = options.replay ? replayGround(plan, recordings) : await liveGround(configFile, options.record === true ? recordings : undefined)
  const progress = progressLine(process.stderr, wanted.length)
  try {
    return await runTrials(wanted, {
      ...ground,
      recordings,
      judging: { checkOutput: outputCheck(), checkGolden: goldenCheck(golden, options.update === true) },
      writes: options.writes === true,
      budgets: options.budgets === true,
      bail: options.bail === true,
      onVerdict: progress.tell,
    })
  } finally {
    progress.end()
    await ground.close()
  }
}

type Ground = Pick<TrialRun, 'source' | 'drive' | 'tape'> & { close(): Promise<void> }

function replayGround(plan: Plan, recordings: Kept): Ground {
  return { ...openReplay(plan, kinds, createCommandLog('error').log), tape: replayTape(recordings) }
}

async function liveGround(configFile: string, recordings: Kept | undefined): Promise<Ground> {
  const secrets = createSecrets()
  const hub = await openLocalHub(configFile, { watch: false, secrets })
  const tape: Tape = recordings === undefined ? liveTape : recordingTape(recordings, secrets)
  return { source: hub.source, drive: hub.edge.drive, tape, close: hub.close }
}

/** The same verdict with its places as this terminal finds them. */
function seenFromHere(directory: string): (verdict: Verdict) => Verdict {
  const here = <Placed extends { readonly place: Place }>(one: Placed): Placed => ({
    ...one,
    place: { ...one.place, file: fromHere(directory, one.place.file) },
  })
  return (verdict) => ({ ...verdict, trial: { ...verdict.trial, test: here(verdict.trial.test) }, failures: verdict.failures.map(here) })
}

function fromHere(directory: string, file: string): string {
  const path = resolve(directory, file)
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}

async function writeReport(file: string, text: string): Promise<void> {
  await mkdir(dirname(resolve(file)), { recursive: true })
  await writeFile(file, text)
}
