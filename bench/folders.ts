import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository this bench lies in. */
export const repository = fileURLToPath(new URL('..', import.meta.url))

/** Where peers are installed, inside the repository and outside version control. */
export const peersFolder = join(repository, '.hub', 'bench', 'peers')

/** Configuration, logs and state of one run's servers. */
export const workFolder = join(repository, '.hub', 'bench', 'work')

/** Where the bench's database lives between runs: readable for the database's own user also when the bench is run by root. */
export const databaseFolder = join(tmpdir(), `mcp-integration-hub-bench-${process.getuid?.() ?? 0}`)

/** Makes a folder every user of the machine can pass through, as PostgreSQL's binaries ask when root starts them. */
export async function openFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o755 })
}
