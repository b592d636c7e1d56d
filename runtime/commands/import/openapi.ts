import { join } from 'node:path'
import type { Command } from 'commander'
import { exits } from '../exits.ts'
import { addConfigOption } from '../options.ts'
import { count, doubtful, good } from '../style.ts'
import { fromHere, nextStep, placeOf, refuseExisting, writeFiles, type WritingOptions, type Written } from './files.ts'

const help = `
Examples:
  hub import openapi https://api.example.com/openapi.json --name example
  hub import openapi ./openapi.yaml --name orders --include orders --exclude 'DELETE *'

OpenAPI 3.0, 3.1 and 3.2, and Swagger 2.0; JSON or YAML, references to other files followed. A pattern of --include and --exclude fits a tag, a path, "METHOD /path"
or an operationId; * stands for anything. Writes <out>/<name>.yaml. Review the effect of each tool, then run hub check. Keys are never asked for: the manifest names
the secrets to set.`

interface Options extends WritingOptions {
  readonly name?: string
  readonly base?: string
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
}

const more = (text: string, before: readonly string[]): readonly string[] => [...before, text]

/** `hub import openapi <file|url>`: a manifest of kind http of an API, for review. */
export function addImportOpenapi(group: Command, finish: (exit: number) => void): void {
  addConfigOption(
    group
      .command('openapi')
      .description('from an OpenAPI document: a manifest of kind http')
      .argument('<document>', 'a file or an address')
      .option('--name <name>', 'the connector’s name; from the document’s title when absent')
      .option('--out <folder>', 'where to write; connectors/http when absent')
      .option('--base <address>', 'where the API answers, instead of the document’s first server')
      .option('--include <pattern>', 'only these operations, repeatable', more, [])
      .option('--exclude <pattern>', 'not these operations, repeatable', more, [])
      .option('--force', 'write over a file that is there')
      .addHelpText('after', help),
  ).action(async (location: string, options: Options) => {
    process.stdout.write(`${(await importOpenapiDocument(location, options)).lines.join('\n')}\n`)
    finish(exits.ok)
  })
}

/** Imports an OpenAPI document into a hub’s folder. */
export async function importOpenapiDocument(location: string, options: Options): Promise<Written> {
  const place = await placeOf(options, 'http')
  const fileOf = (name: string): string => join(place.folder, `${name}.yaml`)
  if (options.name !== undefined) refuseExisting([fileOf(options.name)], options.force)

  const { importOpenapi } = await import('../../../codegen/import-openapi.ts')
  const { config: _config, out: _out, force: _force, ...rest } = options
  const { name, manifest, tools, notes } = await importOpenapi({ location, ...rest, schema: place.schema, allow: place.allow })
  const file = fileOf(name)
  refuseExisting([file], options.force)
  await writeFiles({ [file]: manifest })

  const lines = [good(`${fromHere(file)}: ${count(tools, 'tool')}`), ...notes.map((note) => doubtful(note)), await nextStep(place, file)]
  return { file: file, lines }
}
