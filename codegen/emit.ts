import { readFileSync } from 'node:fs'
import { mkdir, rename, rmdir, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HubError } from '../runtime/contract/errors.ts'

/** One file codegen makes. */
export interface Output {
  /** From the folder that is generated into, with forward slashes. */
  readonly path: string
  readonly content: string
}

/** The text of a generated file as it is on disk, whatever line ends its checkout has; undefined when it is not there. */
export function readOutput(root: string, path: string): string | undefined {
  try {
    // At once: of hundreds of small files, most of the time of reading each in turn would be waiting.
    const text = readFileSync(join(root, path), 'utf8')
    return text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw cannot('read', path, error)
  }
}

/** Writes what differs, and nothing else; the paths that were written. Each file is whole at every moment, so that a hub that reads it never meets half of it. */
export async function emit(root: string, outputs: readonly Output[]): Promise<readonly string[]> {
  const written: string[] = []
  for (const { path, content } of outputs) {
    if (readOutput(root, path) === content) continue
    await write(join(root, path), path, content)
    written.push(path)
  }
  return written
}

/** Removes files, and folders that are empty then; the paths that were there. */
export async function remove(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const removed: string[] = []
  for (const path of paths) {
    const wasThere = await unlink(join(root, path)).then(
      () => true,
      (error: unknown) => {
        if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
        throw cannot('remove', path, error)
      },
    )
    if (!wasThere) continue
    removed.push(path)
    await removeEmpty(root, dirname(path))
  }
  return removed
}

async function write(file: string, path: string, content: string): Promise<void> {
  const draft = `${file}.${process.pid}.part`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(draft, content)
    await rename(draft, file)
  } catch (error) {
    await unlink(draft).catch(() => undefined)
    throw cannot('write', path, error)
  }
}

async function removeEmpty(root: string, folder: string): Promise<void> {
  if (folder === '.') return
  const isGone = await rmdir(join(root, folder)).then(
    () => true,
    () => false,
  )
  if (isGone) await removeEmpty(root, dirname(folder))
}

const cannot = (act: string, path: string, error: unknown): HubError =>
  new HubError('HUB_SETUP', `cannot ${act} the generated file ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown fault'})`, {}, error)
