import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, posix, relative, sep } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { CommandError, exits } from '../exits.ts'

/** A commit, and where the hub's folder lies in it. */
export interface Revision {
  readonly commit: string
  /** As a person reads it: `main (1a2b3c4d)`. */
  readonly label: string
  /** The top of the work tree. */
  readonly top: string
  /** The hub's folder from there, with forward slashes; empty when it is the top. */
  readonly folder: string
}

interface Ended {
  readonly exit: number
  readonly out: Buffer
  readonly error: string
}

/** Runs git in a folder, for reading only. */
async function git(cwd: string, args: readonly string[], input?: string): Promise<Ended> {
  const child = spawn('git', [...args], { cwd, env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' } })
  const failed = once(child, 'error').then(([error]) => {
    throw error
  })
  // A git that ends before it read all of its input says why on its error stream.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input ?? '')
  const ended = Promise.all([buffer(child.stdout), text(child.stderr), once(child, 'close')]).then(([out, error, [exit]]) => ({
    out,
    error,
    exit: Number(exit ?? 1),
  }))
  try {
    return await Promise.race([ended, failed])
  } catch (error) {
    ended.catch(() => undefined)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new CommandError(exits.usage, 'git is not installed here', ['give --against a folder or the address of a running hub'], error)
  }
}

const line = ({ out }: Ended): string => out.toString('utf8').trim()

/** True when a folder lies in a git work tree. */
export const isInGit = async (directory: string): Promise<boolean> => (await git(directory, ['rev-parse', '--is-inside-work-tree'])).exit === 0

/** Finds a commit by any name git knows it by; undefined when git knows none. */
export async function findRevision(directory: string, name: string): Promise<Revision | undefined> {
  const found = await git(directory, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])
  if (found.exit !== 0) return undefined
  const top = line(await git(directory, ['rev-parse', '--show-toplevel']))
  const commit = line(found)
  const folder = relative(await realpath(top), await realpath(directory))
    .split(sep)
    .join('/')
  const short = commit.slice(0, 8)
  return { commit, label: commit.startsWith(name) ? short : `${name} (${short})`, top, folder }
}

interface Blob {
  readonly id: string
  readonly path: string
  readonly isLink: boolean
}

// What manifests are made of; a repository may hold much else.
const wanted = /\.(?:ya?ml|json)$/i
const mostBytes = 256 * 1024 * 1024

/** Writes the YAML and JSON files of a commit into a folder, the work tree and index untouched; the paths of submodules, which are left out. */
export async function writeRevision({ commit, top }: Revision, into: string): Promise<readonly string[]> {
  const listed = await git(top, ['ls-tree', '-r', '-z', '--full-tree', commit])
  if (listed.exit !== 0) throw new CommandError(exits.problems, `git cannot read ${commit}: ${listed.error.trim()}`)
  const entries = listed.out
    .toString('utf8')
    .split('\0')
    .flatMap((entry) => {
      const [, mode = '', id = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([\s\S]+)$/.exec(entry) ?? []
      return path === '' ? [] : [{ mode, id, path }]
    })
  const isLink = (mode: string): boolean => mode === '120000'
  const blobs = entries
    .filter(({ mode, path }) => isLink(mode) || (mode.startsWith('100') && wanted.test(path)))
    .map(({ mode, id, path }) => ({ id, path, isLink: isLink(mode) }))
  await writeBlobs(top, blobs, into)
  return entries.filter(({ mode }) => mode === '160000').map(({ path }) => path)
}

/** All files at once through `git cat-file --batch`: as they were committed, whatever attributes the work tree has. */
async function writeBlobs(top: string, blobs: readonly Blob[], into: string): Promise<void> {
  if (blobs.length === 0) return
  const ids = blobs.map(({ id }) => `${id}\n`).join('')
  const sizes = line(await git(top, ['cat-file', '--batch-check=%(objectsize)'], ids)).split('\n')
  if (sizes.reduce((sum, size) => sum + (Number(size) || 0), 0) > mostBytes)
    throw new CommandError(exits.problems, 'the YAML and JSON files of that revision are too large to compare')
  const { out, exit, error } = await git(top, ['cat-file', '--batch'], ids)
  if (exit !== 0) throw new CommandError(exits.problems, `git cannot read the files of that revision: ${error.trim()}`)
  let at = 0
  for (const blob of blobs) {
    const end = out.indexOf(10, at)
    const [, type, size] = out.toString('latin1', at, end).split(' ')
    // A partial clone may lack a file.
    if (type !== 'blob')
      throw new CommandError(exits.problems, `git lacks ${blob.path} of that revision`, ['fetch the whole history: git fetch --unshallow, or without --filter'])
    const content = out.subarray(end + 1, end + 1 + Number(size))
    at = end + 2 + Number(size)
    await writeBlob(blob, content, into)
  }
}

async function writeBlob({ path, isLink }: Blob, content: Buffer, into: string): Promise<void> {
  const file = join(into, path)
  if (relative(into, file).startsWith('..')) return
  await mkdir(dirname(file), { recursive: true })
  if (!isLink) return writeFile(file, content)
  const target = content.toString('utf8')
  const inside = posix.normalize(posix.join(posix.dirname(path), target))
  // A link that leads out of the repository would bring in what is there today.
  if (posix.isAbsolute(target) || inside.startsWith('..')) return
  await symlink(target, file)
}
