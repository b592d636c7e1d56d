import { errorTable, HubError } from '../contract/errors.ts'
import { isObject } from '../contract/json.ts'
import type { ConnectorSummary } from '../contract/catalogue.ts'
import type { ConnectorSpec, Plan } from '../contract/manifest.ts'
import { kinds } from '../kinds/index.ts'
import { compile } from '../manifest/compile.ts'
import { openAccess } from './open-access.ts'
import type { Finding } from './finding.ts'
import { CommandError } from './exits.ts'
import { checkingEnvironment } from './market-data.ts'
import { version } from './package.ts'
import { count } from './style.ts'
import { findRunning } from './running.ts'

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
  return [manifests, life, ...(await examineConnectors(configFile, plan)), ...(await examineMigrations(configFile, plan))]
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

async function examineConnectors(configFile: string, plan: Plan): Promise<readonly Finding[]> {
  try {
    const access = await openAccess({ config: configFile })
    try {
      const seen = await access.listConnectors()
      return [{ topic: 'store', state: 'good', fact: 'the hub’s own PostgreSQL answers' }, ...seen.map((connector) => judge(connector, plan.connectors))]
    } finally {
      await access.close()
    }
  } catch (error) {
    return [broken(error)]
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

function broken(error: unknown): Finding {
  const topic = error instanceof HubError && /^HUB_(STORE|SETUP)/.test(error.code) ? 'store' : 'hub'
  if (error instanceof CommandError) return { topic, state: 'bad', fact: error.message, wayOn: error.wayOn[0] }
  if (error instanceof HubError) return { topic, state: 'bad', fact: `${error.code}: ${error.message}`, wayOn: errorTable[error.code].meaning }
  throw error
}
