import { isObject, type JsonSchema } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import type { ToolDraft } from '../../contract/tool.ts'
import { columnSources, propertiesOf, requiredOf, rowSchemaOf, type ColumnSource } from './column-sources.ts'
import { onConflictOf, type InsertOperation } from './operation.ts'

type Insert = InsertOperation['insert']

const finding = (path: Finding['path'], message: string, hint: string): Finding => ({ code: 'HUB_CONFIG_OPERATION', message, hint, path })

/** What an insert is without a database: its effect says that it writes, its rows are a list of objects, and columns, key and inputs agree. */
export function lintInsert({ effect, input }: ToolDraft, insert: Insert): readonly Finding[] {
  const found: Finding[] = []
  if (effect === 'read') found.push(finding(['effect'], 'an insert writes, and the effect is read', 'say effect: write'))
  const conflict = onConflictOf(insert)
  if (insert.key === undefined && conflict !== 'error')
    found.push(
      finding(['operation', 'insert', 'onConflict'], `onConflict: ${conflict} needs to know what names a row`, 'add key: with the columns of a unique index'),
    )

  const inputs = propertiesOf(input, input)
  if (!Object.hasOwn(inputs, insert.rows))
    return [...found, finding(['operation', 'insert', 'rows'], `"${insert.rows}" is not an input of this tool`, wayToList(insert.rows))]
  const row = rowSchemaOf(input, insert.rows)
  if (row === undefined)
    return [
      ...found,
      finding(
        ['input', 'properties', insert.rows],
        'rows are a list of objects, and this input is not',
        'say type: array, items: { type: object, properties: … }',
      ),
    ]
  const properties = propertiesOf(row, input)
  if (Object.keys(properties).length === 0)
    return [
      ...found,
      finding(['input', 'properties', insert.rows], 'nothing says which properties a row has', 'name them under items.properties: they are the columns'),
    ]

  const sources = columnSources(insert, input)
  return [...found, ...lintSources(sources, insert, input, Object.keys(properties)), ...lintKey(sources, insert, input)]
}

const wayToList = (rows: string): string => `add ${rows}: { type: array, items: { type: object, properties: … } } to the properties of input`

function lintSources(sources: readonly ColumnSource[], insert: Insert, input: JsonSchema, properties: readonly string[]): readonly Finding[] {
  const inputs = Object.keys(propertiesOf(input, input)).filter((name) => name !== insert.rows)
  const found: Finding[] = []
  for (const { column, from, name } of sources) {
    const known = from === 'row' ? properties : inputs
    if (known.includes(name)) continue
    const what = from === 'row' ? `a property of a row in "${insert.rows}"` : 'an input of this tool'
    found.push({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `"${name}" is not ${what}`,
      hint: `there are: ${known.join(', ') || 'none'}`,
      path: ['operation', 'insert', 'columns', column],
    })
  }
  const columns = sources.map(({ column }) => column)
  for (const column of new Set(columns.filter((one, index) => columns.indexOf(one) !== index)))
    found.push(
      finding(
        ['input', 'properties', column],
        `"${column}" is both an input and a property of a row`,
        'rename one of them, or say under columns which of them is the column',
      ),
    )
  for (const name of inputs.filter((one) => !sources.some(({ from, name: used }) => from === 'call' && used === one)))
    found.push({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: 'no column is written from this input',
      hint: `remove it, or add a column from ":${name}" to columns`,
      path: ['input', 'properties', name],
    })
  for (const name of properties.filter((one) => !sources.some(({ from, name: used }) => from === 'row' && used === one)))
    found.push({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `no column is written from "${name}" of a row`,
      hint: 'remove it, or add it to columns',
      path: ['input', 'properties', insert.rows],
    })
  return found
}

function lintKey(sources: readonly ColumnSource[], { key = [], rows }: Insert, input: JsonSchema): readonly Finding[] {
  const required = { row: requiredOf(rowSchemaOf(input, rows), input), call: requiredOf(input, input) }
  return key.flatMap((column, index): Finding[] => {
    const path = ['operation', 'insert', 'key', index]
    const source = sources.find((one) => one.column === column)
    if (source === undefined)
      return [finding(path, `"${column}" is of the key and is not written`, `written are: ${sources.map((one) => one.column).join(', ')}`)]
    if (required[source.from].includes(source.name)) return []
    const schema = propertiesOf(source.from === 'row' ? rowSchemaOf(input, rows) : input, input)[source.name]
    if (isObject(schema) && Object.hasOwn(schema, 'default')) return []
    return [
      finding(
        path,
        `"${column}" is of the key, and a caller may leave it out`,
        `add ${source.name} to required${source.from === 'row' ? ' of the rows' : ''}, or give it a default`,
      ),
    ]
  })
}
