import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { emptySnapshot, type Snapshot } from '../../../codegen/plan/snapshot.ts'
import type { Kind } from '../../contract/kind.ts'
import type { Plan } from '../../contract/manifest.ts'
import type { SecretStore } from '../../contract/secret.ts'
import { kinds } from '../../kinds/index.ts'
import { compile } from '../../manifest/compile.ts'
import { formatProblems } from '../../manifest/problems.ts'
import { CommandError, exits } from '../exits.ts'
import { version } from '../package.ts'
import { findRevision, isInGit, writeRevision, type Revision } from './git.ts'
import { seenRemotely } from './remote.ts'
import { seenOf } from './seen.ts'

// Every secret has a value, the same on both sides: what is compared is which one is referred to.
const everySecret: readonly SecretStore[] = ['env', 'file'].map((name) => ({ name, read: () => Promise.resolve('secret') }))

/** What the manifests beside a hub.config.yaml offer, compiled with an empty environment. */
export async function seenInFolder(configFile: string, label: string, known: readonly Kind[] = kinds): Promise<Snapshot> {
  const plan = await compiled(configFile, label, known)
  return seenOf(plan, label, notesOf(plan, label))
}

async function compiled(configFile: string, label: string, known: readonly Kind[]): Promise<Plan> {
  const { plan, problems } = await compile({
    configFile,
    kinds: known,
    version,
    env: { HUB_DIRECTORY: '.' },
    secretStores: everySecret,
    withoutEnvironment: true,
  })
  if (plan) return plan
  const errors = problems.filter(({ severity }) => severity === 'error')
  throw new CommandError(exits.problems, `the manifests of ${label} do not compile\n${formatProblems(errors)}`, [
    'a plan compares what compiles: mend them, or give --against another side',
  ])
}

const notesOf = ({ warnings }: Plan, label: string): readonly string[] =>
  warnings.filter(({ code }) => code === 'HUB_CONFIG_ENVIRONMENT').map(({ place, message }) => `${label}, ${place.file}:${place.line}: ${message}`)

/** What a commit offers: its manifests are read into a folder that is removed afterwards. */
export async function seenInRevision(configFile: string, revision: Revision): Promise<Snapshot> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-plan-'))
  try {
    const submodules = await writeRevision(revision, folder)
    const then = join(folder, revision.folder, basename(configFile))
    const left = submodules.length === 0 ? [] : [`${revision.label}: submodules are not read: ${submodules.join(', ')}`]
    if (!existsSync(then))
      return emptySnapshot(revision.label, [`${revision.label} has no ${join(revision.folder, basename(configFile))}: everything is new`, ...left])
    const seen = await seenInFolder(then, revision.label)
    return { ...seen, notes: [...seen.notes, ...left] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The other side: a revision, a folder or the address of a running hub; the last commit when none is given. */
export async function seenAgainst(configFile: string, against: string | undefined, key: string | undefined): Promise<Snapshot> {
  const directory = dirname(configFile)
  if (against !== undefined && /^https?:\/\//i.test(against)) return seenRemotely(against, key)
  const isFolder = against !== undefined && existsSync(resolve(against)) && statSync(resolve(against)).isDirectory()
  if (isFolder && /^(?:[./~]|[A-Za-z]:)/.test(against)) return seenThere(against, configFile)
  if (!(await isInGit(directory))) {
    if (isFolder) return seenThere(against, configFile)
    throw new CommandError(
      exits.usage,
      against === undefined
        ? 'this folder is not in git, so there is no last commit to compare with'
        : `${against} is no folder, and this folder is not in git`,
      ['give --against a folder or the address of a running hub'],
    )
  }
  const revision = await findRevision(directory, against ?? 'HEAD')
  if (revision) return seenInRevision(configFile, revision)
  if (isFolder) return seenThere(against, configFile)
  if (against === undefined)
    throw new CommandError(exits.usage, 'there is no commit here yet to compare with', [
      'commit first, or give --against a folder or the address of a running hub',
    ])
  throw new CommandError(exits.usage, `git knows no revision "${against}", and there is no such folder`, [
    `in CI the history may have to be fetched first: git fetch origin ${against.replace(/^origin\//, '')}`,
  ])
}

function seenThere(folder: string, configFile: string): Promise<Snapshot> {
  const file = join(resolve(folder), basename(configFile))
  if (!existsSync(file)) throw new CommandError(exits.usage, `${folder} holds no ${basename(configFile)}`, ['give the folder of a hub to --against'])
  return seenInFolder(file, folder)
}
