import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** One file codegen makes. */
export interface Output {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly content: string
}

/** How a file on disk differs from what it should be. */
export interface Drift {
  readonly path: string
  readonly state: 'missing' | 'changed'
  /** The first line that differs, from 1. */
  readonly line: number
}

/** Files that are not what codegen would write. */
export async function findDrift(root: string, outputs: readonly Output[]): Promise<readonly Drift[]> {
  const found = await Promise.all(outputs.map((output) => compare(root, output)))
  return found.filter((drift) => drift !== undefined)
}

/** Writes what differs, and nothing else; the paths that were written. */
export async function emit(root: string, outputs: readonly Output[]): Promise<readonly string[]> {
  const drift = await findDrift(root, outputs)
  const written = outputs.filter(({ path }) => drift.some((one) => one.path === path))
  for (const { path, content } of written) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return written.map(({ path }) => path)
}

async function compare(root: string, { path, content }: Output): Promise<Drift | undefined> {
  const present = await readFile(join(root, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (present === undefined) return { path, state: 'missing', line: 1 }
  if (present === content) return undefined
  const wanted = content.split('\n')
  const line = present.split('\n').findIndex((text, index) => text !== wanted[index])
  return { path, state: 'changed', line: (line < 0 ? present.split('\n').length : line) + 1 }
}
