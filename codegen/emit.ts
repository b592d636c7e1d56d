import { mkdirSync, readFileSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs'
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
export function emit(root: string, outputs: readonly Output[]): readonly string[] {
  const written: string[] = []
  const folders = new Set<string>()
  for (const { path, content } of outputs) {
    if (readOutput(root, path) === content) continue
    write(join(root, path), path, content, folders)
    written.push(path)
  }
  return written
}

/** Removes files, and folders that are empty then; the paths that were there. */
export function remove(root: string, paths: readonly string[]): readonly string[] {
  const removed: string[] = []
  for (const path of paths) {
    try {
      unlinkSync(join(root, path))
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) continue
      throw cannot('remove', path, error)
    }
    removed.push(path)
    removeEmpty(root, dirname(path))
  }
  return removed
}

function write(file: string, path: string, content: string, folders: Set<string>): void {
  const draft = `${file}.${process.pid}.part`
  const folder = dirname(file)
  try {
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true })
    folders.add(folder)
    writeFileSync(draft, content)
    renameSync(draft, file)
  } catch (error) {
    discard(draft)
    throw cannot('write', path, error)
  }
}

function discard(draft: string): void {
  try {
    unlinkSync(draft)
  } catch {
    // It was never made.
  }
}

function removeEmpty(root: string, folder: string): void {
  if (folder === '.') return
  try {
    rmdirSync(join(root, folder))
  } catch {
    // Something else lies in it.
    return
  }
  removeEmpty(root, dirname(folder))
}

const cannot = (act: string, path: string, error: unknown): HubError =>
  new HubError('HUB_SETUP', `cannot ${act} the generated file ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown fault'})`, {}, error)
