import { randomUUID } from 'node:crypto'
import type { Connector, KindTools } from '../../contract/kind.ts'
import { settingsOf, type FilesConfig } from './config.ts'
import { connect } from './connector.ts'
import { openDesk } from './desk.ts'
import { findingHere } from './directory.ts'
import type { FilesOperation } from './operation.ts'

// Locks and temporary files of a process that had our number before us are told from ours by it.
const life = randomUUID()

/** Opens a connector: nothing is read or made yet. */
export async function open(config: FilesConfig, lent: KindTools): Promise<Connector<FilesOperation>> {
  const settings = settingsOf(config, lent.directory)
  return connect(settings, (changed) => openDesk({ root: settings.root, create: settings.create, finding: findingHere, life }, changed))
}
