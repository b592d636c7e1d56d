import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { HubError } from '../../runtime/contract/errors.ts'
import { files } from '../../runtime/kinds/files/kind.ts'
import { nameOf } from '../../runtime/kinds/files/spaces.ts'
import { tool } from '../fixtures/plan.ts'
import { lend, runWith } from './lent.ts'

// A process that may not enter every folder: searches beside one that it may not, lists that one, and prints what it was told.
const root = process.argv[2] as string
const connector = await files.open({ root, create: false, folders: { notes: { summary: 'x' } } }, lend('files'))
const ask = (name: string, args: Record<string, unknown>): Promise<unknown> =>
  connector
    .bind(tool('files', name, { operation: { standard: name } }) as never)(args as never, runWith())
    .then(
      (answer) => (answer as { data: unknown }).data,
      (error: unknown) => (error instanceof HubError ? { code: error.code, message: error.message } : { code: 'no HubError', message: String(error) }),
    )

await ask('write_file', { folder: 'notes', path: 'b/c', text: 'needle' })
mkdirSync(join(root, 'organisations', nameOf('default'), 'notes', 'files', 'a'), { mode: 0 })
const results = {
  search: await ask('search_files', { folder: 'notes', text: 'needle' }),
  list: await ask('list_files', { folder: 'notes', path: 'a' }),
}
await connector.close()
process.stdout.write(JSON.stringify(results))
