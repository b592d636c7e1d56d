import { expect, test } from 'vitest'
import { readStatement } from '../../../../runtime/guards/sql.ts'
import { insertText, insertValues, type Counting, type Target } from '../../../../runtime/kinds/timescale/insertion.ts'
import { layOut, type FilledColumn } from '../../../../runtime/kinds/timescale/layout.ts'

const column = (name: string): FilledColumn => ({
  column: name,
  from: 'row',
  name,
  target: { name, type: 25, modifier: -1, cast: 'text', isNeeded: false, isNullable: true, isComputed: false },
})
const table = { name: 'notes', columns: new Map(), digest: '' }
const layoutOf = (columns: readonly string[], rows: readonly Record<string, string>[]) =>
  layOut(rows, { table, columns: columns.map(column), call: {}, isClosed: true }).layout

const targets: readonly (readonly [string, Target, Counting])[] = [
  ['update', { table: 'notes', key: ['id'], onConflict: 'update' }, 'by row'],
  ['update', { table: 'notes', key: ['id'], onConflict: 'update' }, 'before'],
  ['ignore', { table: 'notes', key: ['id'], onConflict: 'ignore' }, 'by row'],
  ['error', { table: 'notes', key: [], onConflict: 'error' }, 'before'],
]
test.each(targets)('what is written with onConflict: %s is one statement that PostgreSQL can read', async (_name, target, counting) => {
  const layout = layoutOf(
    ['id', 'body', 'select'],
    [
      { id: '1', body: 'a' },
      { id: '2', select: 'b' },
      { id: '3', body: 'c' },
    ],
  )
  const { findings } = await readStatement(insertText(target, layout, counting), { effect: 'write', placeholders: 'positional' })
  expect(findings).toEqual([])
  expect(layout.shapes).toHaveLength(2)
})

test('a name that is no identifier stays one name, and no value is in the text', async () => {
  const name = 'a"; DROP TABLE notes; --'
  const layout = layoutOf([name], [{ [name]: 'secret value' }])
  const text = insertText({ table: `x"y.${name}`, key: [name], onConflict: 'update' }, layout, 'by row')
  expect(text).toContain('"a""; DROP TABLE notes; --"')
  expect(text).not.toContain('secret value')
  expect((await readStatement(text, { effect: 'write', placeholders: 'positional' })).findings).toEqual([])
  expect(insertValues(layout)).toEqual(['{"secret value"}', '{0}'])
})

test('shapes stand in one order, whatever the order of the rows', () => {
  const rows: Record<string, string>[] = [{ id: '1', body: 'a' }, { id: '2' }, { id: '3', body: 'c' }]
  const columns = ['id', 'body']
  expect(layoutOf(columns, rows).shapes).toEqual(layoutOf(columns, rows.toReversed()).shapes)
  expect(layoutOf(columns, rows).shapeOf).toEqual([1, 0, 1])
})
