import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

// styleText looks at the stream: no colour in a pipe, with NO_COLOR, or on a terminal that has none.
const out =
  (format: Format) =>
  (text: string): string =>
    styleText(format, text, { stream: process.stdout })

/** Text that stands out. */
export const strong = out('bold')
/** Text that steps back. */
export const quiet = out('dim')
/** Something is well. */
export const good = out('green')
/** Something wants a look. */
export const doubtful = out('yellow')
/** Something is wrong. */
export const bad = out('red')
/** An error, for the error stream. */
export const failed = (text: string): string => styleText('red', text, { stream: process.stderr })

/** Rows as columns of equal width; the last column is as long as it is. `paint` colours a cell after it was measured. */
export function columns(rows: readonly (readonly string[])[], paint: (cell: string, column: number) => string = (cell) => cell): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => paint(cell, column) + (column === row.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - cell.length)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** So many of a thing: `1 tool`, `3 tools`. */
export const count = (many: number, word: string): string => `${many} ${word}${many === 1 ? '' : 's'}`
