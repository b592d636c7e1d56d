import type { KindTools } from '../../runtime/contract/kind.ts'
import { files } from '../../runtime/kinds/files/kind.ts'
import { tool } from '../fixtures/plan.ts'
import { lend, runWith } from './lent.ts'

// A process that writes seven files over and over, tells of each write when it is done, and waits to be killed.
const lent: KindTools = lend('files')
const connector = await files.open({ root: process.argv[2] as string, folders: { notes: { summary: 'x', quota: { files: 5_000 } } } }, lent)
const write = connector.bind(tool('files', 'write_file', { operation: { standard: 'write_file' } }) as never)
for (let n = 0; ; n += 1) {
  const path = `sub${n % 2}/${n % 7}.md`
  await write({ folder: 'notes', path, text: String(n).padEnd(5_000, '.') }, runWith())
  process.stdout.write(`${JSON.stringify({ path, text: String(n) })}\n`)
}
