import { join } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { CommandError, exits } from '../exits.ts'
import { addConfigOption } from '../options.ts'
import { doubtful, good } from '../style.ts'
import { fromHere, nextStep, placeOf, refuseExisting, writeFiles, type WritingOptions, type Written } from './files.ts'

const help = `
Examples:
  hub import mcp "npx -y @modelcontextprotocol/server-memory@2026.8.31" --name memory
  hub import mcp --name search -- node server.js --stdio
  hub import mcp https://mcp.example.com/mcp --name example --header "Authorization: Bearer $TOKEN"

Writes <out>/<name>.yaml and <name>.tools.json beside it, the full definitions as the server gave them. Review the effect of each tool, then name the file in
hub.config.yaml. Values of secrets are never written: the manifest refers to them.`

type Pairs = Readonly<Record<string, string>>

interface Options extends WritingOptions {
  readonly name: string
  readonly env?: Pairs
  readonly header?: Pairs
  readonly transport?: 'stdio' | 'http' | 'sse'
}

/** `hub import mcp <command|url> --name <name>`: a manifest of an external MCP server, for review. */
export function addImportMcp(group: Command, finish: (exit: number) => void): void {
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
  ).action(async (target: readonly string[], options: Options) => {
    process.stdout.write(`${(await importServer(target, options)).lines.join('\n')}\n`)
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

/** Imports an MCP server into a hub’s folder. */
export async function importServer(target: readonly string[], options: Options): Promise<Written> {
  const place = await placeOf(options, 'external')
  const manifestFile = join(place.folder, `${options.name}.yaml`)
  const pinsFile = join(place.folder, `${options.name}.tools.json`)
  refuseExisting([manifestFile, pinsFile], options.force)

  const { importMcp, definitionsText } = await import('../../../codegen/import-mcp.ts')
  const { manifest, definitions, notes } = await importMcp({
    target: readTarget(target),
    name: options.name,
    env: options.env,
    headers: options.header,
    transport: options.transport,
    schema: place.schema,
    allow: place.allow,
  })
  await writeFiles({ [manifestFile]: manifest, [pinsFile]: definitionsText(definitions) })

  const lines = [
    good(`${fromHere(manifestFile)}: ${definitions.tools.length} tools`),
    `${fromHere(pinsFile)}: what the server says of them, pinned`,
    ...notes.map((note) => doubtful(note)),
    await nextStep(place, manifestFile),
  ]
  return { file: manifestFile, lines }
}

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
