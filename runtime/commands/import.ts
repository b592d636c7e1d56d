import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { findConfigFile } from './config-file.ts'
import { CommandError, exits } from './exits.ts'
import { addConfigOption, type ConfigOptions } from './options.ts'
import { packageRoot } from './package.ts'
import { doubtful, good } from './style.ts'

const help = `
Examples:
  hub import mcp "npx -y @modelcontextprotocol/server-memory@2026.8.31" --name memory
  hub import mcp --name search -- node server.js --stdio
  hub import mcp https://mcp.example.com/mcp --name example --header "Authorization: Bearer $TOKEN"

Writes <out>/<name>.yaml and <name>.tools.json beside it, the full definitions as the server gave them. Review the effect of each tool, then name the file in
hub.config.yaml. Values of secrets are never written: the manifest refers to them.`

type Pairs = Readonly<Record<string, string>>

interface ImportOptions extends ConfigOptions {
  readonly name: string
  readonly out?: string
  readonly env: Pairs
  readonly header: Pairs
  readonly transport?: 'stdio' | 'http' | 'sse'
  readonly force?: boolean
}

/** `hub import mcp <command|url> --name <name>`: a manifest of an external MCP server, for review. */
export function addImport(program: Command, finish: (exit: number) => void): void {
  const group = program.command('import').description('write a manifest from something that exists')
  addConfigOption(
    group
      .command('mcp')
      .description('from an MCP server: its manifest, and its definitions pinned beside it')
      .argument('<target...>', 'an address, or the command that starts the server')
      .requiredOption('--name <name>', 'the connector’s name')
      .option('--out <folder>', 'where to write; connectors/external when absent')
      .option('--env <NAME=value>', 'environment of the command, repeatable', pair('='), {})
      .option('--header <Name: value>', 'header of every request, repeatable', pair(':'), {})
      .addOption(new Option('--transport <transport>', 'how to reach it').choices(['stdio', 'http', 'sse']))
      .option('--force', 'write over files that are there')
      .addHelpText('after', help),
  ).action(async (target: readonly string[], options: ImportOptions) => {
    await importServer(target, options)
    finish(exits.ok)
  })
}

const pair =
  (separator: string) =>
  (text: string, before: Pairs): Pairs => {
    const at = text.indexOf(separator)
    if (at < 1) throw new InvalidArgumentError(`write it as NAME${separator}value`)
    return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() }
  }

async function importServer(target: readonly string[], options: ImportOptions): Promise<void> {
  const configFile = findConfigFile(options.config)
  const folder = resolve(options.out ?? join(dirname(configFile), 'connectors', 'external'))
  const manifestFile = join(folder, `${options.name}.yaml`)
  const pinsFile = join(folder, `${options.name}.tools.json`)
  const there = [manifestFile, pinsFile].find((file) => existsSync(file))
  if (there !== undefined && !options.force)
    throw new CommandError(exits.problems, `${fromHere(there)} is there already`, ['give --force to write over it, or another --name'])

  const { importMcp, definitionsText } = await import('../../codegen/import-mcp.ts')
  const { manifest, definitions, notes } = await importMcp({
    target: readTarget(target),
    name: options.name,
    env: options.env,
    headers: options.header,
    transport: options.transport,
    schema: relative(folder, join(packageRoot, 'generated', 'schemas', 'connector.json')),
  })
  await mkdir(folder, { recursive: true })
  await Promise.all([writeFile(manifestFile, manifest), writeFile(pinsFile, definitionsText(definitions))])

  const lines = [
    good(`${fromHere(manifestFile)}: ${definitions.tools.length} tools`),
    `${fromHere(pinsFile)}: what the server says of them, pinned`,
    ...notes.map((note) => doubtful(note)),
    `Next: review the effect of each tool, then add ${relative(dirname(configFile), manifestFile)} to manifests in ${fromHere(configFile)}`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

const fromHere = (file: string): string => relative(process.cwd(), file)

/** One argument is an address or a whole command line; more are a command and its arguments. */
function readTarget(target: readonly string[]): { readonly url: string } | { readonly command: string; readonly args: readonly string[] } {
  const [first = ''] = target
  if (target.length === 1 && /^https?:\/\//.test(first)) return { url: first }
  const [command, ...args] = target.length === 1 ? words(first) : target
  if (command === undefined) throw new CommandError(exits.usage, 'the command is empty', ['for example "npx -y @modelcontextprotocol/server-memory@2026.8.31"'])
  return { command, args }
}

/** A command line taken apart as a shell would: words, with quotes around those that hold spaces. */
const words = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? '')
