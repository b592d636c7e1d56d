import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Output } from '../../../../codegen/emit.ts'
import type { Generation } from '../../../../codegen/emitter.ts'
import { validatorsEmitter } from '../../../../codegen/validators/emit.ts'
import type { ConnectorSpec } from '../../../../runtime/contract/manifest.ts'
import type { Logger } from '../../../../runtime/contract/telemetry.ts'

/** Everything the emitter writes for these connectors. */
export async function outputsOf(connectors: readonly ConnectorSpec[]): Promise<readonly Output[]> {
  const outputs: Output[] = []
  for (const connector of connectors) outputs.push(...((await validatorsEmitter.connector?.(connector, {} as Generation)) ?? []))
  return [...outputs, ...((await validatorsEmitter.whole?.({} as Generation)) ?? [])]
}

/** A folder of its own with these files in it. */
export async function folderOf(outputs: readonly Output[]): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-generated-'))
  for (const { path, content } of outputs) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** A log that keeps what was said above `debug`. */
export function keepingLog(): Logger & { readonly said: string[] } {
  const said: string[] = []
  const keep =
    (level: string) =>
    (message: string): void =>
      void said.push(`${level}: ${message}`)
  const log = { debug: () => undefined, info: keep('info'), warn: keep('warn'), error: keep('error'), child: () => log, said }
  return log
}
