import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const findRoot = (folder: string): string => (existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder)))

/** The folder of the hub's own package: a checkout, or the installed package with its code in dist/. */
export const packageRoot = findRoot(import.meta.dirname)

const described = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  readonly name: string
  readonly version: string
  readonly devDependencies: Readonly<Record<string, string>>
}

/** The hub's name on npm. */
export const packageName = described.name
/** The package of the MCP Inspector, at the version that tests use. */
export const inspector = `@modelcontextprotocol/inspector@${described.devDependencies['@modelcontextprotocol/inspector']}`
/** The hub's version. */
export const version = described.version
