import { statSync } from 'node:fs'
import { glob, readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { withoutTrailing } from '../contract/trailing.ts'
import { manifestBytes, readText } from './read.ts'
import type { Library } from './references.ts'
import { fileName, parseSource, type Source } from './source.ts'
import { suggest } from './suggest.ts'

/** Files of shared schemas are no manifests, wherever the globs find them. */
const isShared = (path: string): boolean => /^(?:.+\.)?shared\.ya?ml$/.test(basename(path))
const isManifest = (path: string): boolean => /\.ya?ml$/.test(path)
const endings = 'the names of manifests end in .yaml or .yml'
const isPattern = (text: string): boolean => /[*?[\]{}]/.test(text)

/** The manifests that patterns name, and the folders in which new ones would appear. Absolute, sorted, each once. */
export interface FoundFiles {
  readonly files: readonly string[]
  readonly directories: readonly string[]
  /** Of paths that lead to no file, and of what names nothing that is read as a manifest. */
  readonly faults: readonly PatternFault[]
}

/** What is doubtful about one of the patterns. */
export interface PatternFault {
  readonly index: number
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly hint: string
}

/** Finds manifests by globs and paths from a folder; the files in `except` and shared ones are left out. */
export async function findManifests(patterns: readonly string[], directory: string, except: readonly string[]): Promise<FoundFiles> {
  const files = new Set<string>()
  const directories = new Set<string>([directory])
  const faults: PatternFault[] = []
  const isRead = (path: string): boolean => !except.includes(path) && !isShared(path) && isManifest(path)
  for (const [index, pattern] of patterns.entries()) {
    const found = await expand(pattern, directory)
    for (const path of found) if (isRead(path)) files.add(path)
    // A pattern may match nothing yet, and take hub.config.yaml along.
    const isSound = isPattern(pattern) ? found.length === 0 || found.some(isManifest) : found.some(isRead)
    if (!isSound) faults.push({ index, ...faultOf(pattern, found) })
    for (const folder of await foldersOf(pattern, directory)) directories.add(folder)
  }
  return { files: [...files].toSorted(), directories: [...directories].toSorted(), faults }
}

function faultOf(pattern: string, [found]: readonly string[]): Omit<PatternFault, 'index'> {
  const severity = 'warning'
  if (isPattern(pattern)) return { severity, message: `${pattern} matches no manifest`, hint: endings }
  if (found === undefined) return { severity: 'error', message: `${pattern} does not exist`, hint: 'a pattern with * may match nothing; a path may not' }
  if (isManifest(found))
    return { severity, message: `${pattern} is no manifest`, hint: 'hub.config.yaml, its overlays and shared.yaml hold no connector: leave it away' }
  const isFolder = statSync(found, { throwIfNoEntry: false })?.isDirectory() === true
  if (isFolder) return { severity, message: `${pattern} is a folder, and nothing in it is read`, hint: `write ${withoutTrailing(pattern, '/')}/*.yaml` }
  return { severity, message: `${pattern} is not read as a manifest`, hint: endings }
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
