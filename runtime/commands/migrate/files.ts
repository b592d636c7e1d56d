import { readdir, readFile } from 'node:fs/promises'
import type { Migration } from '../../contract/kind.ts'

const folder = new URL('../../../migrations/', import.meta.url)

/** The migrations the hub has for a kind, by name; none for most kinds. */
export async function migrationsOf(kind: string): Promise<readonly Migration[]> {
  // Those of kind hub are of the hub's own store, which brings itself up to date.
  if (kind === 'hub') return []
  const own = new URL(`${kind}/`, folder)
  const names = await readdir(own).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const wanted = names.filter((name) => name.endsWith('.sql')).toSorted()
  return Promise.all(wanted.map(async (name) => ({ name, sql: await readFile(new URL(name, own), 'utf8') })))
}
