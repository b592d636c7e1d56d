import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Answer } from '../../runtime/contract/answer.ts'
import type { Run } from '../../runtime/contract/call.ts'
import type { HubError } from '../../runtime/contract/errors.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { settingsOf, type FilesConfig, type FolderConfig } from '../../runtime/kinds/files/config.ts'
import { connect } from '../../runtime/kinds/files/connector.ts'
import { openDesk, reasonOf, type Desk } from '../../runtime/kinds/files/desk.ts'
import { findingHere, type Finding } from '../../runtime/kinds/files/directory.ts'
import type { FilesOperation } from '../../runtime/kinds/files/operation.ts'
import { nameOf } from '../../runtime/kinds/files/spaces.ts'
import { Token } from '../../runtime/kinds/files/token.ts'
import { Vault, type VaultConfig } from '../../runtime/kinds/files/vault.ts'
import type { ToolPolicy } from '../../runtime/contract/tool.ts'
import { tool } from '../fixtures/plan.ts'
import { failureOf } from './conformance.ts'
import { runWith } from './lent.ts'

/** Who calls. */
export interface Who {
  readonly organisation?: string
  readonly id?: string
}

/** The data of an answer, loosely typed for expectations. */
export type Data = Record<string, any>

/** A connector over a folder of its own. */
export interface Ground {
  readonly root: string
  readonly connector: Connector<FilesOperation>
  /** Where the files of a caller lie. */
  place(folder: string, who?: Who): string
  answer(name: string, args: JsonObject, options?: CallOptions): Promise<Extract<Answer, { type: 'data' }>>
  call(name: string, args: JsonObject, options?: CallOptions): Promise<Data>
  failure(name: string, args: JsonObject, options?: CallOptions): Promise<HubError>
  declared(operation: JsonObject, args: JsonObject, options?: CallOptions): Promise<Data>
  /** Opens another connector over the same folder: in the same process, or as one that was started after it died. */
  again(life?: 'another life'): Ground
  close(): Promise<void>
}

export interface CallOptions {
  readonly who?: Who
  readonly signal?: AbortSignal
  readonly policy?: Partial<ToolPolicy>
  readonly deadline?: number
}

export interface GroundOptions {
  readonly folders?: Readonly<Record<string, FolderConfig>>
  readonly create?: boolean
  /** worker: as a hub has it; here: the same work on this thread, where a debugger and the coverage see it. */
  readonly desk?: 'worker' | 'here'
  readonly finding?: Finding
  readonly root?: string
  readonly life?: string
}

const plain: Readonly<Record<string, FolderConfig>> = {
  notes: { summary: 'Notes.' },
  mine: { summary: 'Of one agent.', shared: 'agent' },
  reference: { summary: 'For everybody.', shared: 'hub' },
  sealed: { summary: 'Only read.', write: false },
}

/** Opens a connector in a temporary folder, which goes with it. */
export async function openGround(options: GroundOptions = {}): Promise<Ground> {
  const above = await mkdtemp(join(tmpdir(), 'hub-files-'))
  return groundOver({ root: join(above, 'root'), ...options }, () => rm(above, { recursive: true, force: true }))
}

function groundOver(options: GroundOptions & { readonly root: string }, remove: () => Promise<void>): Ground {
  const { root, folders = plain, create = true, desk = 'here', finding = findingHere, life = randomUUID() } = options
  const config: FilesConfig = { root, create, folders }
  const vault: VaultConfig = { root, create, finding, life }
  const connector = connect(settingsOf(config, dirname(root)), (changed) => (desk === 'worker' ? openDesk(vault, changed) : deskHere(vault, changed)))
  const grounds: Ground[] = []

  function start(operation: FilesOperation, args: JsonObject, { who = {}, signal, policy = {}, deadline }: CallOptions): Promise<Answer> {
    const run = runWith(signal, deadline)
    const caller: Run = { ...run, principal: { ...run.principal, ...who } }
    return connector.bind(tool('files', 'any', { operation, policy }) as ReturnType<typeof tool> & { operation: FilesOperation })(args, caller)
  }
  const standard = (name: string): FilesOperation => ({ standard: name as 'usage' })

  const ground: Ground = {
    root,
    connector,
    place: (folder, { organisation = 'default', id = 'someone' } = {}) =>
      folders[folder]?.shared === 'hub'
        ? join(root, 'hub', folder)
        : join(root, 'organisations', nameOf(organisation), folder, ...(folders[folder]?.shared === 'agent' ? ['agents', nameOf(id)] : []), 'files'),
    async answer(name, args, given = {}) {
      return (await start(standard(name), args, given)) as Extract<Answer, { type: 'data' }>
    },
    async call(name, args, given = {}) {
      return ((await start(standard(name), args, given)) as { data: Data }).data
    },
    failure: (name, args, given = {}) => failureOf(start(standard(name), args, given)),
    async declared(operation, args, given = {}) {
      return ((await start(operation as object as FilesOperation, args, given)) as { data: Data }).data
    },
    again(another) {
      const other = groundOver({ ...options, life: another === undefined ? life : randomUUID() }, () => Promise.resolve())
      grounds.push(other)
      return other
    },
    async close() {
      for (const other of grounds) await other.close()
      await connector.close()
      await remove()
    },
  }
  return ground
}

function deskHere(config: VaultConfig, changed: (watch: number) => void): Desk {
  const vault = new Vault(config, changed)
  return {
    ask(asked, signal) {
      const token = new Token()
      if (signal?.aborted === true) return Promise.reject(reasonOf(signal))
      const work = vault.perform(asked, token) as Promise<never>
      return new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => {
          token.cancel()
          reject(reasonOf(signal))
        })
        work.then(resolve, reject)
      })
    },
    close: async () => vault.close(),
  }
}

/** Makes the folder of a caller, for a test that puts something into it by hand. */
export async function made(path: string): Promise<string> {
  await mkdir(path, { recursive: true })
  return path
}
