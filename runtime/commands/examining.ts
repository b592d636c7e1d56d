import { errorTable, HubError } from '../contract/errors.ts'
import { isObject } from '../contract/json.ts'
import type { ConnectorSummary } from '../contract/catalogue.ts'
import type { ConnectorSpec, Plan } from '../contract/manifest.ts'
import { kinds } from '../kinds/index.ts'
import { compile } from '../manifest/compile.ts'
import { UntoldError, type Access } from './access.ts'
import { examineStore } from './examining-store.ts'
import { openAccess } from './open-access.ts'
import type { Finding } from './finding.ts'
import { CommandError } from './exits.ts'
import { checkingEnvironment } from './market-data.ts'
import { version } from './package.ts'
import { count } from './style.ts'
import { findRunning, type RunningHub } from './running.ts'

/** What the doctor finds in a hub's folder: manifests, the running hub, its store, and each connector. */
export async function examineHub(configFile: string, directory: string): Promise<readonly Finding[]> {
  const { plan, problems } = await compile({ configFile, kinds, env: checkingEnvironment(directory, process.env), version })
  const errors = problems.filter(({ severity }) => severity === 'error').length
  if (plan === undefined) return [{ topic: 'manifests', state: 'bad', fact: count(errors, 'error'), wayOn: 'hub check shows each with its place' }]

  const manifests: Finding = { topic: 'manifests', state: 'good', fact: `${count(plan.files.length, 'file')}, ${count(plan.connectors.length, 'connector')}` }
  const running = await findRunning(directory)
  const life: Finding = {
    topic: 'hub',
    state: 'good',
    fact: running ? `runs at ${running.url}, process ${running.pid}` : 'does not run; what follows was opened for this look',
  }
  return [manifests, life, ...(await examineBehind(configFile, plan, running)), ...(await examineMigrations(configFile, plan))]
}

/** Tables that the hub has and a database has not; nothing of what cannot be asked, which is told by its connector. */
async function examineMigrations(configFile: string, plan: Plan): Promise<readonly Finding[]> {
  if (!plan.connectors.some(({ config, off }) => off === undefined && isObject(config) && config['migrations'] === true)) return []
  const { pendingMigrations } = await import('./migrate/migrating.ts')
  const pending = await pendingMigrations(configFile).catch(() => [])
  return pending.map(({ connector, names }) => ({
    topic: connector,
    state: 'doubtful',
    fact: `${count(names.length, 'migration')} not applied: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`,
    wayOn: `hub migrate ${connector}, after a look with --dry-run`,
  }))
}

/** The hub's own store, and its connectors, while a hub that was opened for this look is open. */
async function examineBehind(configFile: string, plan: Plan, running: RunningHub | undefined): Promise<readonly Finding[]> {
  try {
    const access = await openAccess({ config: configFile })
    try {
      const store = await examineStore(plan.hub, running).catch(broken)
      return [store, ...(await examineConnectors(access, plan))]
    } finally {
      await access.close()
    }
  } catch (error) {
    return [broken(error)]
  }
}

async function examineConnectors(access: Access, plan: Plan): Promise<readonly Finding[]> {
  try {
    return (await access.listConnectors()).map((connector) => judge(connector, plan.connectors))
  } catch (error) {
    // A hub may well be run without: nothing is broken, there is only nothing to see.
    return [error instanceof UntoldError ? { ...broken(error), state: 'doubtful' } : broken(error)]
  }
}

function judge({ name, state, detail }: ConnectorSummary, specs: readonly ConnectorSpec[]): Finding {
  if (state === 'up') return { topic: name, state: 'good', fact: detail ?? 'answers' }
  if (state !== 'off')
    return {
      topic: name,
      state: state === 'down' ? 'bad' : 'doubtful',
      fact: state === 'unknown' ? 'not opened yet' : `${state}: ${detail ?? 'does not answer'}`,
    }
  const needs = specs.find((spec) => spec.name === name)?.off?.needs ?? []
  return {
    topic: name,
    state: 'doubtful',
    fact: `off: ${detail ?? 'switched off'}`,
    ...(needs.length === 0 ? {} : { wayOn: `set ${needs.join(', ')} in the environment of the hub` }),
  }
}

/** Whatever went wrong, as a finding: a look that ends in a fault of its own tells nothing of the rest. */
function broken(error: unknown): Finding {
  const topic = error instanceof HubError && /^HUB_(STORE|SETUP)/.test(error.code) ? 'store' : 'hub'
  if (error instanceof CommandError) return { topic, state: 'bad', fact: error.message, wayOn: error.wayOn[0] }
  if (error instanceof HubError) return { topic, state: 'bad', fact: `${error.code}: ${error.message}`, wayOn: errorTable[error.code].meaning }
  return { topic, state: 'bad', fact: error instanceof Error ? error.message : String(error) }
}
