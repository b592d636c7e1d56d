import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../../../runtime/contract/telemetry.ts'
import { ensureDatabase, openEmbedded } from '../../../runtime/store/embedded.ts'

/** Says nothing. */
export const quiet: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet }

/** A folder that a PostgreSQL run by another user than root may enter. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'hub-test-'))
  await chmod(path, 0o755)
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** A real PostgreSQL of its own with one empty database. */
export async function temporaryDatabase(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const folder = await temporaryFolder()
  const store = await openEmbedded({ directory: folder.path, log: quiet })
  await ensureDatabase(store.url(), 'hub')
  return {
    url: store.url('hub'),
    async close() {
      await store.close()
      await folder.remove()
    },
  }
}
