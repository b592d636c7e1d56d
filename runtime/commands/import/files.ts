import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { isObject, type Json } from '../../contract/json.ts'
import { findManifests } from '../../manifest/files.ts'
import { parseSource } from '../../manifest/source.ts'
import { findConfigFile } from '../config-file.ts'
import { CommandError, exits } from '../exits.ts'
import { packageName, packageRoot } from '../package.ts'

/** Options of every import. */
export interface WritingOptions {
  readonly config?: string
  readonly out?: string
  readonly force?: boolean
}

/** What an import wrote, and what to tell of it. */
export interface Written {
  readonly file: string
  readonly lines: readonly string[]
}

/** The hub that an import is for, and where it writes. */
export interface Place {
  readonly configFile: string
  readonly folder: string
  /** Where editors find the manifest schema, seen from the manifest. */
  readonly schema: string
  /** `egress.allow` of the hub. */
  readonly allow: readonly string[]
}

/** Finds the hub's folder, and the one to write to: the one given, or `usual` below connectors/. */
export async function placeOf(options: WritingOptions, usual: string): Promise<Place> {
  const configFile = findConfigFile(options.config)
  const folder = resolve(options.out ?? join(dirname(configFile), 'connectors', usual))
  const { egress } = await readConfig(configFile)
  const allow = isObject(egress) ? textsOf(egress['allow']) : []
  return { configFile, folder, schema: relative(folder, schemaOf(configFile)), allow }
}

/** The schema of the hub's package: where npm puts it for a hub that depends on it, so that the path is good on other machines too; else of this one. */
function schemaOf(configFile: string): string {
  const folder = dirname(configFile)
  const schema = join('generated', 'schemas', 'connector.json')
  const installed = join(folder, 'node_modules', packageName)
  return existsSync(installed) || dependsOnHub(join(folder, 'package.json')) ? join(installed, schema) : join(packageRoot, schema)
}

function dependsOnHub(packageFile: string): boolean {
  try {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(packageFile, 'utf8')) as Record<string, Record<string, string> | undefined>
    return dependencies?.[packageName] !== undefined || devDependencies?.[packageName] !== undefined
  } catch {
    return false
  }
}

/** Refuses to write over what is there, unless told to. */
export function refuseExisting(files: readonly string[], force: boolean | undefined): void {
  const there = files.find((file) => existsSync(file))
  if (there !== undefined && !force)
    throw new CommandError(exits.problems, `${fromHere(there)} is there already`, ['give --force to write over it, or another --name'])
}

/** Writes files, making their folders. */
export async function writeFiles(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/** A path as it is seen from where the command was called. */
export const fromHere = (file: string): string => relative(process.cwd(), file)

/** What to do next: review, and name the file in the hub's config where no pattern of it does. */
export async function nextStep({ configFile }: Place, manifest: string): Promise<string> {
  const directory = dirname(configFile)
  const { manifests } = await readConfig(configFile)
  const { files } = await findManifests(manifests === undefined ? ['connectors/*.yaml'] : textsOf(manifests), directory, [])
  if (files.includes(manifest)) return 'Next: review the effect of each tool, then run hub check'
  return `Next: review the effect of each tool, then add ${relative(directory, manifest)} to manifests in ${fromHere(configFile)}`
}

/** The config as far as it can be read; what is wrong with it is for hub check to tell. */
async function readConfig(configFile: string): Promise<Readonly<Record<string, Json | undefined>>> {
  try {
    const { value } = parseSource(configFile, configFile, await readFile(configFile, 'utf8'))
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

const textsOf = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [])
