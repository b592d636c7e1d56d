import { errorTable, type ErrorCode } from '../runtime/contract/errors.ts'

const readers = { operator: 'whoever runs the hub', model: 'the model that called', client: 'the program that called' } as const

/** docs/errors.md: the error table as a page. */
export function errorsPage(): string {
  const rows = (Object.keys(errorTable) as ErrorCode[]).map((code) => {
    const { status, reader, meaning } = errorTable[code]
    return [`\`${code}\``, String(status), readers[reader], meaning]
  })
  const head = ['code', 'status', 'written for', 'when']
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] as string).length)))
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |`
  return [
    '# Errors',
    '',
    'Every error of the hub has one of these codes, says what happened, and says a way on. The status is that of plain HTTP endpoints and of refusals at the door; inside MCP the code',
    'stands in the error’s data or in the text of a tool’s result. An error is shown to no one but the reader it is written for.',
    '',
    'This page is made from `runtime/contract/errors.ts` by `npm run codegen`.',
    '',
    line(head),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.map(line),
    '',
  ].join('\n')
}
