import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { globSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** The repository these tests stand in. */
export const repository = resolve(import.meta.dirname, '..', '..')

/** A tree in a temporary folder in which a fault can be planted. */
export interface Tree {
  readonly root: string
  write(path: string, text: string): Promise<void>
  remove(): Promise<void>
}

/** Copies parts of the repository, with its installed packages, into a temporary folder. */
export async function copyTree(parts: readonly string[]): Promise<Tree> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'hub-tree-')))
  for (const part of parts) await cp(join(repository, part), join(root, part), { recursive: true })
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  return {
    root,
    async write(path, text) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    },
    remove: () => rm(root, { recursive: true, force: true }),
  }
}

/** Every file and folder of the repository that is somebody's work: nothing installed, built or left behind by a run. */
export function ownPaths(pattern: string): readonly string[] {
  const foreign = new Set(['node_modules', '.git', '.hub', 'dist', 'coverage'])
  return globSync(pattern, { cwd: repository, exclude: (entry) => foreign.has(entry) || foreign.has(entry.split('/').at(-1) ?? '') }).toSorted((a, b) =>
    a < b ? -1 : 1,
  )
}
