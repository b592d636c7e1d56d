import { join } from 'node:path'
import type { Command } from 'commander'
import { CommandError, exits } from '../exits.ts'
import { addConfigOption } from '../options.ts'
import { count, doubtful, good } from '../style.ts'
import { fromHere, nextStep, placeOf, refuseExisting, writeFiles, type WritingOptions, type Written } from './files.ts'

const help = `
Examples:
  hub import postgres ORDERS_DATABASE_URL --name orders
  hub import postgres postgres://reader@db.example.com/shop --table orders --table customers
  hub import postgres WAREHOUSE_URL --schema analytics

The database is given by its address, or better by the name of an environment variable that holds it: an address on a command line ends up in the shell's history.
Writes <out>/<name>.yaml with queries its keys and indexes can answer, read-only. The address is never written: the manifest names the variable.`

interface Options extends WritingOptions {
  readonly name?: string
  readonly table?: readonly string[]
  readonly schema?: readonly string[]
}

const more = (text: string, before: readonly string[]): readonly string[] => [...before, text]

/** `hub import postgres <url|VARIABLE>`: a manifest of kind timescale with queries of a database, for review. */
export function addImportPostgres(group: Command, finish: (exit: number) => void): void {
  addConfigOption(
    group
      .command('postgres')
      .description('from a PostgreSQL or TimescaleDB: a manifest of kind timescale')
      .argument('<url>', 'the address of the database, or the environment variable that holds it')
      .option('--name <name>', 'the connector’s name; the database’s when absent')
      .option('--table <table>', 'only this table or view, with or without its schema, repeatable', more, [])
      .option('--schema <schema>', 'only tables of this schema, repeatable', more, [])
      .option('--out <folder>', 'where to write; connectors when absent')
      .option('--force', 'write over a file that is there')
      .addHelpText('after', help),
  ).action(async (given: string, options: Options) => {
    process.stdout.write(`${(await importDatabase(given, options)).lines.join('\n')}\n`)
    finish(exits.ok)
  })
}

/** Imports a database into a hub’s folder. */
export async function importDatabase(given: string, options: Options): Promise<Written> {
  const place = await placeOf(options, '')
  const fileOf = (name: string): string => join(place.folder, `${name}.yaml`)
  if (options.name !== undefined) refuseExisting([fileOf(options.name)], options.force)

  const { importPostgres } = await import('../../../codegen/import-postgres.ts')
  const { name, manifest, tools, notes } = await importPostgres({
    ...readAddress(given),
    name: options.name,
    tables: options.table,
    schemas: options.schema,
    schema: place.schema,
  })
  const file = fileOf(name)
  refuseExisting([file], options.force)
  await writeFiles({ [file]: manifest })

  const lines = [good(`${fromHere(file)}: ${count(tools, 'tool')}`), ...notes.map((note) => doubtful(note)), await nextStep(place, file)]
  return { file: file, lines }
}

function readAddress(given: string): { readonly url: string; readonly secret?: string } {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(given)) return { url: given }
  const url = process.env[given]
  if (url === undefined || url === '')
    throw new CommandError(exits.usage, `${given} is not set`, ['set it to postgres://user:password@host:port/database, or give the address itself'])
  return { url, secret: given }
}
