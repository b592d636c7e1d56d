import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { packageName, packageRoot, version } from '../package.ts'
import { CommandError, exits } from '../exits.ts'
import { ignored, scripts } from './files.ts'

interface PackageFile {
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** package.json with the hub in it: a new one, or the one that is there with what it lacks. */
export function packageText(folder: string, name: string): string {
  const file = join(folder, 'package.json')
  const present = existsSync(file) ? readPackage(file) : { name: packageNameOf(name), private: true, type: 'module' }
  const { scripts: own, dependencies, devDependencies, ...rest } = present as PackageFile
  const isThere = dependencies?.[packageName] !== undefined || devDependencies?.[packageName] !== undefined
  return `${JSON.stringify(
    {
      ...rest,
      scripts: { ...scripts, ...withoutPlaceholder(own) },
      dependencies: isThere ? dependencies : sorted({ ...dependencies, [packageName]: specification(folder) }),
      devDependencies,
    },
    undefined,
    2,
  )}\n`
}

/** .gitignore with what a hub must not give away. */
export function gitignoreText(folder: string): string {
  const file = join(folder, '.gitignore')
  const present = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const lines = new Set(present.split(/\r?\n/).map((line) => line.trim()))
  const missing = ignored.filter((line) => !lines.has(line) && !lines.has(line.replace(/\/$/, '')))
  return `${present === '' || present.endsWith('\n') ? present : `${present}\n`}${missing.map((line) => `${line}\n`).join('')}`
}

function readPackage(file: string): PackageFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PackageFile
  } catch (error) {
    throw new CommandError(exits.problems, `${relative(process.cwd(), file)} is not JSON`, ['mend it first, or choose another folder'], error)
  }
}

/** npm init writes a test that only fails. */
function withoutPlaceholder(own: PackageFile['scripts']): PackageFile['scripts'] {
  if (!own?.['test']?.includes('no test specified')) return own
  const { test: _test, ...rest } = own
  return rest
}

const sorted = (record: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))

const packageNameOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '') || 'my-hub'

/** How npm finds the hub that runs now: as whoever installed it said, or this checkout by its path. */
function specification(folder: string): string {
  const marker = `${sep}node_modules${sep}`
  const at = packageRoot.lastIndexOf(marker)
  if (at < 0) return `file:${forward(relative(folder, packageRoot))}`
  const owner = packageRoot.slice(0, at)
  const file = join(owner, 'package.json')
  const said = existsSync(file) ? readPackage(file) : {}
  const given = said.dependencies?.[packageName] ?? said.devDependencies?.[packageName]
  if (given === undefined) return `^${version}`
  const path = /^file:(.*)$/.exec(given)?.[1]
  if (path === undefined || isAbsolute(path)) return given
  return `file:${forward(relative(folder, resolve(dirname(file), path)))}`
}

const forward = (path: string): string => path.split(sep).join('/')
