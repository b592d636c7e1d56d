import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname, parse } from 'node:path'
import { promisify } from 'node:util'
import { HubError } from '../contract/errors.ts'

const run = promisify(execFile)

/** A user of this machine, by number. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root: under root it runs as the owner of the data it finds, else as `postgres`, else as `nobody`. Undefined: as whoever runs the hub. No user is created. */
export async function chooseAccount(dataFolder: string, isRoot = process.getuid?.() === 0): Promise<Account | undefined> {
  if (!isRoot) return undefined
  const found = await stat(dataFolder).catch(() => undefined)
  if (found !== undefined && found.uid !== 0) return { uid: found.uid, gid: found.gid }
  const account = (await lookUp('postgres')) ?? (await lookUp('nobody'))
  if (account === undefined)
    throw new HubError('HUB_SETUP', 'PostgreSQL does not run as root and this machine has neither a user postgres nor nobody; run the hub as another user')
  return account
}

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const [user, group] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(user.stdout), gid: Number(group.stdout) }
  } catch {
    return undefined
  }
}

/** Rejects HUB_SETUP, naming the folder, when the account may not pass a folder on the way to `path`. */
export async function checkReachable(path: string, account: Account): Promise<void> {
  const root = parse(path).root
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!(await mayPass(folder, account)))
      throw new HubError(
        'HUB_SETUP',
        `as root, PostgreSQL runs as user ${account.uid}, which may not enter ${folder}; chmod o+x ${folder}, move the hub elsewhere, or run it as another user`,
        { folder },
      )
    if (folder === root) return
  }
}

async function mayPass(folder: string, account: Account): Promise<boolean> {
  const { mode, uid, gid } = await stat(folder)
  if (uid === account.uid) return (mode & 0o100) !== 0
  if (gid === account.gid) return (mode & 0o010) !== 0
  return (mode & 0o001) !== 0
}
