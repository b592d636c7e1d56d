import { HubError } from '../runtime/contract/errors.ts'
import type { JsonObject } from '../runtime/contract/json.ts'
import { localNames } from './import-mcp/names.ts'
import { readCatalogue, type Catalogue, type TableSelection } from './import-postgres/catalogue.ts'
import type { Query } from './import-postgres/parts.ts'
import { queriesOf } from './import-postgres/queries.ts'
import { checkName, nameFrom, variableName } from './import-source/name.ts'
import { checkSize } from './import-source/size.ts'
import { block, flow, literal, oneLine } from './import-source/text.ts'

/** Which database to import, and what of it. */
export interface PostgresImport extends Partial<TableSelection> {
  readonly url: string
  /** The connector's name; absent: the database's. */
  readonly name?: string
  /** The variable the manifest names for the address; absent: `<NAME>_DATABASE_URL`. */
  readonly secret?: string
  readonly schema?: string
}

/** A manifest of kind timescale, and what its reviewer should know. */
export interface ImportedPostgres {
  readonly name: string
  readonly manifest: string
  readonly tools: number
  readonly notes: readonly string[]
}

/** Writes a manifest of kind timescale with queries that the keys and indexes of a database can answer. Only reads; the address is never written. Rejects what `readCatalogue` rejects, and HUB_CONFIG_VALUE for tables that are not there. */
export async function importPostgres(options: PostgresImport): Promise<ImportedPostgres> {
  const { url, tables = [], schemas = [] } = options
  if (options.name !== undefined) checkName(options.name)
  const catalogue = await readCatalogue(url, { tables, schemas })
  refuseMissing(catalogue, tables)
  const name = options.name ?? nameFrom(catalogue.database)
  const secret = options.secret ?? variableName(name, 'DATABASE_URL')
  const queries = catalogue.tables.flatMap((table) => queriesOf(table, prefixOf(catalogue, table.schema), catalogue.timescale))
  const named = localNames(
    name,
    queries.map((query) => query.name),
  )
  const tools = queries.map((query, index) => toolText(query, named[index]?.local ?? query.name, named[index]?.because))
  const renamed = named.flatMap(({ original, local, because }) => (because === undefined ? [] : [`${oneLine(original)} is named ${local}: ${because}`]))
  const manifest = [
    ...headOf(catalogue, secret, options.schema),
    `connector: ${flow(name)}`,
    'kind: timescale',
    `summary: ${flow(literal(`The database ${oneLine(catalogue.database)}: ${listed(catalogue.tables.map((table) => oneLine(table.name)))}.`))}`,
    'config:',
    `  url: { secret: ${secret} }`,
    '  readOnly: true # refuses every tool that writes, whatever this file says',
    'tools:',
    tools.join('\n\n'),
  ]
  const notes = [
    `set ${secret} where the hub runs: the address of the database; best of a role that may only read`,
    ...renamed,
    ...queries.flatMap((query) => query.notes.map((note) => `${oneLine(query.name)}: ${note}`)),
  ]
  const text = `${manifest.join('\n')}\n`
  checkSize(text, queries.length, 'choose what is needed with --table or --schema, and give the rest names of their own')
  return { name, manifest: text, tools: queries.length, notes }
}

function refuseMissing({ tables, database }: Catalogue, wanted: readonly string[]): void {
  const missing = wanted.filter((name) => !tables.some((table) => table.name === name || `${table.schema}.${table.name}` === name))
  if (missing.length > 0)
    throw new HubError(
      'HUB_CONFIG_VALUE',
      `${missing.map((name) => `"${name}"`).join(', ')} cannot be read in ${oneLine(database)}: is the name right, and may this user SELECT from it`,
    )
  if (tables.length === 0)
    throw new HubError('HUB_CONFIG_VALUE', `${oneLine(database)} has no table this user may read: name a schema with --schema, or views with --table`)
}

/** Tables of public go by their own names, and so do all where there is only one schema. */
function prefixOf({ tables }: Catalogue, schema: string): string {
  return schema === 'public' || tables.every((table) => table.schema === schema) ? '' : `${schema}_`
}

const listed = (names: readonly string[]): string =>
  names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more tables`

function headOf({ database, version, timescale, tables }: Catalogue, secret: string, schema: string | undefined): readonly string[] {
  return [
    `# yaml-language-server: $schema=${schema ?? 'node_modules/mcp-integration-hub/generated/schemas/connector.json'}`,
    `# Imported from the database ${oneLine(database)}, PostgreSQL ${oneLine(version)}${timescale ? ' with TimescaleDB' : ''}. Every query is one that a key or an index answers.`,
    `# A tool that is not named here is not served: take out what nobody needs, and give summaries that tell a model what the rows mean.`,
    `# Secret ${secret}: postgres://user:password@host:port/database`,
    ...tables.filter(({ references }) => references.length > 0).map(({ name, references }) => `# ${oneLine(name)}: ${oneLine(references.join('; '))}`),
  ]
}

function toolText({ fields, notes }: Query, local: string, because: string | undefined): string {
  const { summary, description, effect, operation, ...schemas } = fields
  const plain = Object.entries(operation as JsonObject).map(([key, value]) => [key, typeof value === 'string' ? literal(value) : value] as const)
  const rest = { ...schemas, operation: Object.fromEntries(plain) }
  const words = { summary: literal(String(summary)), ...(typeof description === 'string' && { description: literal(description) }), effect: effect ?? 'read' }
  const remarks = [...(because === undefined ? [] : [`named so because ${because}`]), ...notes].map((note) => `  # ${oneLine(note)}`)
  return [...remarks, `  ${flow(local)}:`, block(words, 4), block(rest, 4)].join('\n')
}
