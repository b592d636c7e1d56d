import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HubError } from '../contract/errors.ts'
import { isObject, parseJson, type Json, type JsonObject } from '../contract/json.ts'
import type { ConnectorSpec } from '../contract/manifest.ts'
import type { Trial } from './trial.ts'

/** What is kept of tests in files beside their manifests: one file a connector, one entry a test. */
export interface Kept {
  /** The entry of a test; undefined when there is none. */
  entry(trial: Trial): JsonObject | undefined
  /** False for a connector without a file. */
  has(connector: ConnectorSpec): boolean
  set(trial: Trial, entry: JsonObject): void
  /** Writes the files in which something was set, without entries of tests that are gone; the paths written. */
  save(all: readonly Trial[]): Promise<readonly string[]>
}

/** The file of one connector: `<manifest's folder>/<folder>/<connector>.json`. */
export const fileOf = (folder: string, { directory, name }: ConnectorSpec): string => join(directory, folder, `${name}.json`)

type Entries = Map<string, JsonObject>

/** Reads the files of these connectors. Rejects HUB_CONFIG_FILE for one that is not what it should be. */
export async function openKept(folder: string, connectors: Iterable<ConnectorSpec>): Promise<Kept> {
  const files = new Map<string, Entries | undefined>()
  const changed = new Map<string, ConnectorSpec>()
  for (const spec of connectors) files.set(spec.name, await readEntries(fileOf(folder, spec)))

  return {
    entry: ({ connector, spec, test }) => files.get(connector.name)?.get(keyOf(spec.name, test.name)),
    has: ({ name }) => files.get(name) !== undefined,
    set({ connector, spec, test }, entry) {
      const entries: Entries = files.get(connector.name) ?? new Map()
      entries.set(keyOf(spec.name, test.name), { tool: spec.name, test: test.name, ...entry })
      files.set(connector.name, entries)
      changed.set(connector.name, connector)
    },
    async save(all) {
      const known = new Set(all.map(({ spec, test }) => keyOf(spec.name, test.name)))
      const written: string[] = []
      for (const spec of [...changed.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        const entries = [...(files.get(spec.name) ?? [])].filter(([key]) => known.has(key)).toSorted(([a], [b]) => (a < b ? -1 : 1))
        const text = `${JSON.stringify({ connector: spec.name, tests: entries.map(([, entry]) => entry) }, undefined, 2)}\n`
        const path = fileOf(folder, spec)
        if (await replace(path, text)) written.push(path)
      }
      return written
    },
  }
}

const keyOf = (tool: string, test: string): string => `${tool}\0${test}`

async function readEntries(path: string): Promise<Entries | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new HubError('HUB_CONFIG_FILE', `${path} cannot be read: ${error.code ?? error.message}`, {}, error)
  })
  if (text === undefined) return undefined
  const tests = testsIn(text)
  if (tests === undefined) throw new HubError('HUB_CONFIG_FILE', `${path} is not what hub test writes there; remove it and have it written again`)
  return new Map(tests.map((entry) => [keyOf(String(entry['tool']), String(entry['test'])), entry]))
}

function testsIn(text: string): readonly JsonObject[] | undefined {
  try {
    const file: Json = parseJson(text)
    const tests = isObject(file) ? file['tests'] : undefined
    return Array.isArray(tests) && tests.every(isObject) ? (tests as readonly JsonObject[]) : undefined
  } catch {
    return undefined
  }
}

/** Writes a file whole or not at all, and only what differs. */
async function replace(path: string, text: string): Promise<boolean> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return false
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  try {
    await writeFile(draft, text)
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
  return true
}
