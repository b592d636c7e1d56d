import { expect, test } from 'vitest'
import { columns, strong } from '../../../runtime/commands/style.ts'

test('columns line up whatever colour they get', () => {
  const table = columns(
    [
      ['a', 'up', 'first'],
      ['longer', 'down', 'second'],
    ],
    (cell, column) => (column === 0 ? `<${cell}>` : cell),
  )
  expect(table).toBe('<a>       up    first\n<longer>  down  second')
})

test('no rows are no lines', () => expect(columns([])).toBe(''))

test('a pipe gets no colour', () => expect(strong('text')).toBe('text'))
