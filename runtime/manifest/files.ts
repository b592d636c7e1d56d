import { glob, readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { manifestBytes, readText } from './read.ts'
import type { Library } from './references.ts'
import { fileName, parseSource, type Source } from './source.ts'
import { suggest } from './suggest.ts'

/** Files of shared schemas are no manifests, wherever the globs find them. */
const isShared = (path: string): boolean => /^(?:.+\.)?shared\.ya?ml$/.test(basename(path))
const isPattern = (text: string): boolean => /[*?[\]{}]/.test(text)

/** The manifests that patterns name, and the folders in which new ones would appear. Absolute, sorted, each once. */
export interface FoundFiles {
  readonly files: readonly string[]
  readonly directories: readonly string[]
  /** Positions in the patterns, of paths that lead to no file. */
  readonly missing: readonly number[]
}

/** Finds manifests by globs and paths from a folder; the files in `except` and shared ones are left out. */
export async function findManifests(patterns: readonly string[], directory: string, except: readonly string[]): Promise<FoundFiles> {
  const files = new Set<string>()
  const directories = new Set<string>([directory])
  const missing: number[] = []
  for (const [index, pattern] of patterns.entries()) {
    const found = await expand(pattern, directory)
    if (found.length === 0 && !isPattern(pattern)) missing.push(index)
    for (const path of found) files.add(path)
    for (const folder of await foldersOf(pattern, directory)) directories.add(folder)
  }
  const kept = [...files].filter((path) => !except.includes(path) && !isShared(path) && /\.ya?ml$/.test(path))
  return { files: kept.toSorted(), directories: [...directories].toSorted(), missing }
}

async function expand(pattern: string, directory: string): Promise<readonly string[]> {
  const found: string[] = []
  for await (const path of glob(pattern, { cwd: directory })) found.push(resolve(directory, path))
  return found
}

/** The folders a pattern looks into, as they are now. */
async function foldersOf(pattern: string, directory: string): Promise<readonly string[]> {
  const folder = dirname(pattern)
  const fixed = folder.split('/').slice(0, folder.split('/').findIndex(isPattern)).join('/')
  if (!isPattern(folder)) return [resolve(directory, folder)]
  return [resolve(directory, fixed), ...(await expand(folder.endsWith('**') ? folder : join(folder, ''), directory))]
}

/** Manifests as they were parsed last, by path: an edit of one file leaves the others as they are. */
export type Parsed = Map<string, { readonly text: string; readonly source: Source }>

/** Reads one manifest; what keeps it from being read is its only problem. */
export async function readManifest(path: string, directory: string, parsed: Parsed): Promise<Source> {
  const { text, finding } = await readText(path, manifestBytes)
  const file = fileName(directory, path)
  if (text === undefined) {
    const source = parseSource(file, path, '')
    return { ...source, problems: [source.problem(finding)] }
  }
  return parsedOnce(path, file, text, parsed)
}

function parsedOnce(path: string, file: string, text: string, parsed: Parsed): Source {
  const known = parsed.get(path)
  if (known?.text === text && known.source.file === file) return known.source
  const source = parseSource(file, path, text)
  parsed.set(path, { text, source })
  return source
}

/** Shared files, each read once; `files` are those that were read. `parsed` keeps them from one compilation to the next. */
export function createLibrary(directory: string, parsed: Parsed = new Map()): Library & { readonly files: () => readonly string[] } {
  const loaded = new Map<string, ReturnType<Library['load']>>()
  return {
    load: (path) => {
      const found = loaded.get(path) ?? load(path, directory, parsed)
      loaded.set(path, found)
      return found
    },
    files: () => [...loaded.keys()],
  }
}

async function load(path: string, directory: string, parsed: Parsed): ReturnType<Library['load']> {
  const { text, finding } = await readText(path, manifestBytes)
  if (text === undefined)
    return {
      finding: { code: 'HUB_CONFIG_REFERENCE', message: finding?.message ?? 'the file cannot be read', hint: finding?.hint ?? (await neighbours(path)) },
    }
  const source = parsedOnce(path, fileName(directory, path), text, parsed)
  const [first] = source.problems
  return first ? { finding: { code: first.code, message: `line ${first.place.line}: ${first.message}`, hint: first.hint } } : { source }
}

async function neighbours(path: string): Promise<string | undefined> {
  try {
    return suggest(
      basename(path),
      (await readdir(dirname(path))).filter((name) => /\.(?:ya?ml|json)$/.test(name)),
    )
  } catch {
    return undefined
  }
}
