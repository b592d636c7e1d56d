import { join } from 'node:path'
import { Option, type Command } from 'commander'
import { exits } from '../exits.ts'
import { addConfigOption } from '../options.ts'
import { count, doubtful, good } from '../style.ts'
import { fromHere, nextStep, placeOf, refuseExisting, writeFiles, type WritingOptions, type Written } from './files.ts'

const sources = ['npm', 'pypi', 'oci', 'remote'] as const

const help = `
Examples:
  hub import server-json ./server.json
  hub import server-json https://registry.modelcontextprotocol.io/v0/servers/io.github.user%2Fweather/versions/latest --name weather
  hub import server-json ./server.json --from remote --offline

Starts or reaches the server once to pin its definitions; what it needs is taken from this command's environment and never written. --offline only writes down how to
reach it.`

interface Options extends WritingOptions {
  readonly name?: string
  readonly from?: (typeof sources)[number]
  readonly offline?: boolean
}

/** `hub import server-json <file|url>`: a manifest of kind mcp of a server in the MCP registry, for review. */
export function addImportServerJson(group: Command, finish: (exit: number) => void): void {
  addConfigOption(
    group
      .command('server-json')
      .description('from a server.json of the MCP registry: a manifest of kind mcp')
      .argument('<document>', 'a file or an address')
      .option('--name <name>', 'the connector’s name; the last part of the server’s when absent')
      .option('--out <folder>', 'where to write; connectors/external when absent')
      .addOption(new Option('--from <source>', 'which of its packages and remotes').choices([...sources]))
      .option('--offline', 'do not start or reach the server; its tools stay unknown')
      .option('--force', 'write over files that are there')
      .addHelpText('after', help),
  ).action(async (location: string, options: Options) => {
    process.stdout.write(`${(await importServerDocument(location, options)).lines.join('\n')}\n`)
    finish(exits.ok)
  })
}

async function importServerDocument(location: string, options: Options): Promise<Written> {
  const place = await placeOf(options, 'external')
  const filesOf = (name: string): readonly [string, string] => [join(place.folder, `${name}.yaml`), join(place.folder, `${name}.tools.json`)]
  if (options.name !== undefined) refuseExisting(filesOf(options.name), options.force)

  const [{ importServerJson }, { definitionsText }] = await Promise.all([
    import('../../../codegen/import-server-json.ts'),
    import('../../../codegen/import-mcp.ts'),
  ])
  const { config: _config, out: _out, force: _force, ...rest } = options
  const { name, manifest, definitions, notes } = await importServerJson({ location, ...rest, env: process.env, schema: place.schema, allow: place.allow })
  const [manifestFile, pinsFile] = filesOf(name)
  refuseExisting([manifestFile, pinsFile], options.force)
  await writeFiles({ [manifestFile]: manifest, ...(definitions !== undefined && { [pinsFile]: definitionsText(definitions) }) })

  const lines = [
    good(`${fromHere(manifestFile)}: ${definitions === undefined ? 'how to reach the server' : count(definitions.tools.length, 'tool')}`),
    ...(definitions === undefined ? [] : [`${fromHere(pinsFile)}: what the server says of them, pinned`]),
    ...notes.map((note) => doubtful(note)),
    await nextStep(place, manifestFile),
  ]
  return { file: manifestFile, lines }
}
