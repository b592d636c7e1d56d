import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { clientEmitter } from '../../codegen/client/emit.ts'
import type { Generation } from '../../codegen/emitter.ts'
import { typesEmitter } from '../../codegen/types/emit.ts'
import { filesOf } from './plan.ts'

/** A client as a program sees it that knows its tools by name only. */
export interface AnyClient {
  call(name: string, args?: object, options?: { signal?: AbortSignal; timeoutMs?: number; onProgress?: (progress: object) => void }): Promise<unknown>
  close(): Promise<void>
  readonly [connector: string]: unknown
}

/** What a generated client exports. */
export interface ClientModule {
  hubClient(options: object): AnyClient
  readonly HubCallError: abstract new (...args: never[]) => Error
}

/** Writes a client out and loads it as a program would; `remove` takes its folder away again. */
export async function loadClient(generation: Generation): Promise<ClientModule & { remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-client-'))
  for (const [path, content] of Object.entries(await filesOf([typesEmitter, clientEmitter], generation))) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  await symlink(resolve(import.meta.dirname, '..', '..', 'node_modules'), join(folder, 'node_modules'))
  const loaded = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'client.ts')).href)) as ClientModule
  return { ...loaded, remove: () => rm(folder, { recursive: true, force: true }) }
}
