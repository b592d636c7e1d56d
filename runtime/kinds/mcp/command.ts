import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import { isObject } from '../../contract/json.ts'
import type { McpConfig } from './config.ts'
import { Failure } from './faults.ts'

/** A child process to start. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** True when a launcher may first have to download the server. */
  readonly downloads: boolean
}

const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG']

/** The whole environment of a child: four variables of the hub's, and what the manifest names. The hub's own Node comes first on the PATH. */
export function childEnvironment(own: Readonly<Record<string, string>>, hub: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const env: Record<string, string> = {}
  for (const name of inherited) if (hub[name] !== undefined) env[name] = hub[name]
  env.PATH = [dirname(process.execPath), env.PATH].filter(Boolean).join(delimiter)
  return { ...env, ...own }
}

/** What to run for a config with `package` or `command`. Throws a Failure with a way on when a program it needs is missing. */
export function resolveCommand(config: McpConfig, directory: string, env: Readonly<Record<string, string>>): Command {
  const cwd = resolve(directory, config.cwd ?? '.')
  if (!isFolder(cwd)) throw missing(`working folder ${config.cwd ?? '.'} does not exist`, 'create it or change cwd')
  const [file, args, downloads] = config.package === undefined ? fromCommand(config, cwd, env) : fromPackage(config.package, directory, env)
  return { file, args: [...args, ...(config.args ?? [])], cwd, env, downloads }
}

type Line = readonly [file: string, args: readonly string[], downloads: boolean]

function fromCommand(config: McpConfig, cwd: string, env: Readonly<Record<string, string>>): Line {
  const command = config.command as string
  if (!command.includes('/')) {
    if (onPath(command, env) === undefined) throw missing(`command ${command} is not on the PATH`, 'install it, or write its whole path')
    return [command, [], ['npx', 'uvx', 'pipx'].includes(command)]
  }
  const path = isAbsolute(command) ? command : resolve(cwd, command)
  if (!isProgram(path)) throw missing(`command ${command} is not a program that can be run`, 'check the path and its permissions')
  return [path, [], false]
}

function fromPackage(wanted: NonNullable<McpConfig['package']>, directory: string, env: Readonly<Record<string, string>>): Line {
  const { registry, name, version, bin } = wanted
  if (registry === 'npm') {
    const program = installedProgram(wanted, [directory, import.meta.dirname])
    if (program !== undefined) return [process.execPath, [program], false]
    if (onPath('npx', env) === undefined)
      throw missing(`${name}@${version} is not installed here and npx is not on the PATH`, `install npm, or run npm install ${name}@${version}`)
    return ['npx', bin === undefined ? ['-y', `${name}@${version}`] : ['-y', '-p', `${name}@${version}`, bin], true]
  }
  if (onPath('uvx', env) !== undefined) return ['uvx', bin === undefined ? [`${name}@${version}`] : ['--from', `${name}==${version}`, bin], true]
  if (onPath('pipx', env) !== undefined) return ['pipx', ['run', '--spec', `${name}==${version}`, bin ?? name], true]
  throw missing(`${name} comes from PyPI and neither uvx nor pipx is on the PATH`, 'install uv (pip install uv) or pipx')
}

const missing = (what: string, hint: string): Failure => new Failure(`cannot be started: ${what}; ${hint}`)

/** The program of an npm package installed in a node_modules above one of the folders, at exactly this version. */
function installedProgram(wanted: NonNullable<McpConfig['package']>, from: readonly string[]): string | undefined {
  for (const start of from) {
    for (let folder = start; ; folder = dirname(folder)) {
      const home = join(folder, 'node_modules', wanted.name)
      const program = programOf(home, wanted)
      if (program !== undefined) return program
      if (dirname(folder) === folder) break
    }
  }
  return undefined
}

function programOf(home: string, wanted: NonNullable<McpConfig['package']>): string | undefined {
  const manifest = join(home, 'package.json')
  if (!existsSync(manifest)) return undefined
  const described: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
  if (!isObject(described) || described.version !== wanted.version) return undefined
  const { bin } = described
  if (typeof bin === 'string') return join(home, bin)
  if (!isObject(bin)) return undefined
  const names = Object.keys(bin)
  const own = wanted.name.split('/').at(-1) as string
  const name = wanted.bin ?? (names.length === 1 ? names[0] : names.find((candidate) => candidate === own))
  const path = name === undefined ? undefined : bin[name]
  return typeof path === 'string' ? join(home, path) : undefined
}

function onPath(program: string, env: Readonly<Record<string, string>>): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
