import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { nameOf } from '../../runtime/kinds/files/spaces.ts'
import { openFiles } from './files-asked.ts'

// A process that may not enter every folder: searches beside one that it may not, lists that one, and prints what it was told.
const root = process.argv[2] as string
const { connector, ask } = await openFiles(root, { notes: { summary: 'x' } })

await ask('write_file', { folder: 'notes', path: 'b/c', text: 'needle' })
mkdirSync(join(root, 'organisations', nameOf('default'), 'notes', 'files', 'a'), { mode: 0 })
const results = {
  search: await ask('search_files', { folder: 'notes', text: 'needle' }),
  list: await ask('list_files', { folder: 'notes', path: 'a' }),
}
await connector.close()
process.stdout.write(JSON.stringify(results))
