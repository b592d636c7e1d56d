import { HubError } from '../../runtime/contract/errors.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { FilesConfig } from '../../runtime/kinds/files/config.ts'
import { files } from '../../runtime/kinds/files/kind.ts'
import { tool } from '../fixtures/plan.ts'
import { lend, runWith } from './lent.ts'

/** A connector of kind `files` on a folder that is there, for the processes that tests start in a place of their own, and what its tools answer: data, or the error. */
export async function openFiles(root: string, folders: FilesConfig['folders']) {
  const connector = await files.open({ root, create: false, folders }, lend('files'))
  const ask = (name: string, args: JsonObject): Promise<unknown> =>
    connector
      .bind(tool('files', name, { operation: { standard: name } }) as never)(args, runWith())
      .then(
        (answer) => (answer as { data: unknown }).data,
        (error: unknown) => (error instanceof HubError ? { code: error.code, message: error.message } : { code: 'no HubError', message: String(error) }),
      )
  return { connector, ask }
}
