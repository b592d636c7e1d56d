import { dirname } from 'node:path'
import { asHubError, HubError } from '../../contract/errors.ts'
import { isObject } from '../../contract/json.ts'
import type { Connector, Kind, Migration } from '../../contract/kind.ts'
import type { ConnectorSpec, Plan } from '../../contract/manifest.ts'
import type { Secrets } from '../../contract/secret.ts'
import type { Logger } from '../../contract/telemetry.ts'
import { createEgress } from '../../guards/egress.ts'
import { kinds } from '../../kinds/index.ts'
import { closestNames } from '../../registry/view.ts'
import { createKeyedStores } from '../../store/keyed.ts'
import { createRecompile, planOrThrow } from '../../wiring/compile-plan.ts'
import { lend, type Lender } from '../../wiring/lend.ts'
import { CommandError, exits } from '../exits.ts'
import { createCommandLog, tellProgress } from '../local.ts'
import { checkingEnvironment, type Environment } from '../market-data.ts'
import type { ConfigOptions } from '../options.ts'
import { version } from '../package.ts'
import { quickStart } from '../quick-start.ts'
import { migrationsOf } from './files.ts'
import { asJson, report, type Told } from './report.ts'

const keptBytes = 1024 * 1024

/** Options of `hub migrate`. */
export interface MigrateOptions extends ConfigOptions {
  readonly dryRun?: boolean
  readonly json?: boolean
  /** Absent: as the manifest says. */
  readonly keepDaily?: boolean
}

/** A connector of the plan whose kind has migrations. */
interface Candidate {
  readonly spec: ConnectorSpec
  readonly kind: Kind
  readonly migrations: readonly Migration[]
}

/** Migrates what is wanted, one database after another, and prints what came of it; false when one of them could not be brought up to date. */
export async function migrateAll(configFile: string, names: readonly string[], options: MigrateOptions): Promise<boolean> {
  const told = await workThrough(configFile, names, options)
  process.stdout.write(`${options.json ? JSON.stringify(asJson(told, options.dryRun === true), undefined, 2) : report(told, options.dryRun === true)}\n`)
  return told.every(({ error, off }) => error === undefined && (off === undefined || names.length === 0))
}

/** What `hub migrate` would apply, by connector: those of which something is missing. Changes nothing. */
export async function pendingMigrations(configFile: string): Promise<readonly { readonly connector: string; readonly names: readonly string[] }[]> {
  const told = await workThrough(configFile, [], { dryRun: true })
  return told.flatMap(({ connector, migrated }) => (migrated && migrated.applied.length > 0 ? [{ connector, names: migrated.applied }] : []))
}

async function workThrough(configFile: string, names: readonly string[], options: MigrateOptions): Promise<readonly Told[]> {
  const { log, secrets } = createCommandLog('error')
  const stopping = new AbortController()
  const stop = (): void => stopping.abort(new HubError('HUB_CANCELLED', 'stopped; what was under way was taken back'))
  const directory = dirname(configFile)
  const compile = (env: Environment): Promise<Plan> => planOrThrow(createRecompile({ configFile, kinds, env, version }))
  // What is wrong with the manifests or the names is told before a database is started.
  await candidatesOf(await compile(checkingEnvironment(directory, process.env)), names)
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const prepared = await quickStart({ directory, env: process.env, log, onProgress: tellProgress })
  try {
    const plan = await compile(prepared.env)
    const candidates = await candidatesOf(plan, names)
    const told: Told[] = []
    const lender = lenderOf(plan, log, secrets)
    for (const candidate of candidates) {
      const one = await migrateOne(candidate, { lender, options, isNamed: names.length > 0, signal: stopping.signal })
      if (one) told.push(one)
    }
    await lender.egress.close()
    return told
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await prepared.close()
  }
}

async function candidatesOf(plan: Plan, names: readonly string[]): Promise<readonly Candidate[]> {
  const known = plan.connectors.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const near = closestNames(unknown, known)
    throw new CommandError(exits.usage, `there is no connector "${unknown}"`, [
      near.length > 0 ? `did you mean ${near.join(', ')}?` : `there are: ${known.join(', ')}`,
    ])
  }
  const wanted = plan.connectors.filter(({ name }) => names.length === 0 || names.includes(name))
  const candidates = await Promise.all(
    wanted.map(async (spec): Promise<Candidate> => ({
      spec,
      kind: kinds.find(({ kind }) => kind === spec.kind) as Kind,
      migrations: await migrationsOf(spec.kind),
    })),
  )
  const without = candidates.find(({ migrations }) => migrations.length === 0)
  if (names.length > 0 && without)
    throw new CommandError(exits.usage, `"${without.spec.name}" is of kind ${without.spec.kind}, for which the hub has no tables`)
  return candidates.filter(({ migrations }) => migrations.length > 0)
}

interface Migrating {
  readonly lender: Lender
  readonly options: MigrateOptions
  readonly isNamed: boolean
  readonly signal: AbortSignal
}

async function migrateOne({ spec, kind, migrations }: Candidate, { lender, options, isNamed, signal }: Migrating): Promise<Told | undefined> {
  const { name } = spec
  if (spec.off) return { connector: name, off: spec.off.reason, needs: spec.off.needs }
  let connector: Connector | undefined
  try {
    connector = await kind.open(
      configOf(spec, kind, options),
      lend(lender)(spec, () => undefined),
    )
    const work = options.dryRun ? connector.rehearse?.bind(connector) : connector.migrate?.bind(connector)
    if (work) return { connector: name, migrated: await work(migrations, signal) }
    if (connector.migrate) return { connector: name, error: `kind ${spec.kind} cannot tell what it would do; without --dry-run it does it` }
    return isNamed
      ? { connector: name, error: 'this database is not for the hub’s own tables: its manifest does not say migrations: true under config' }
      : undefined
  } catch (error) {
    const { code, message } = asHubError(error)
    return { connector: name, error: code === 'HUB_INTERNAL' && error instanceof Error ? error.message : `${code}: ${message}` }
  } finally {
    await connector?.close()
  }
}

/** The connector's config with what the command line says instead, where its kind knows of it. */
function configOf({ config }: ConnectorSpec, kind: Kind, { keepDaily }: MigrateOptions): ConnectorSpec['config'] {
  const properties = isObject(kind.config) ? kind.config.properties : undefined
  const knows = isObject(properties) && Object.hasOwn(properties, 'keepDaily')
  return keepDaily === undefined || !knows ? config : { ...config, keepDaily }
}

function lenderOf(plan: Plan, log: Logger, secrets: Secrets): Lender & { readonly egress: ReturnType<typeof createEgress> } {
  return {
    log,
    secrets,
    egress: createEgress({ allow: plan.hub.egress.allow }),
    catalogue: { connectors: () => [], describe: () => undefined, suggest: () => [], health: () => ({}) },
    meter: () => ({ count: () => undefined, observe: () => undefined }),
    store: createKeyedStores({ maxBytes: keptBytes }).namespace,
  }
}
