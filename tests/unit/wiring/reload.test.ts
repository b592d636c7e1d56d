import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { KindTools } from '../../../runtime/contract/kind.ts'
import { createLogger } from '../../../runtime/log/log.ts'
import { createRegistryManager } from '../../../runtime/registry/manager.ts'
import { createRecompile, planOrThrow } from '../../../runtime/wiring/compile-plan.ts'
import { reloadOnChange } from '../../../runtime/wiring/reload.ts'
import { goldenKinds } from '../../golden/kinds.ts'
import { folderWith } from '../manifest/folder.ts'

const log = createLogger({ level: 'silent' })
const shelf = (summary: string): string => `connector: a\nkind: shelf\nsummary: ${summary}\nconfig: { url: shelf://x }\n`

test('an edit made after the first reading and before anything was watched is served', async () => {
  const directory = await folderWith({ 'hub.config.yaml': 'manifests: ["*.yaml"]\n', 'a.yaml': shelf('First.') })
  const recompile = createRecompile({ configFile: join(directory, 'hub.config.yaml'), kinds: goldenKinds, env: {} })
  const plan = await planOrThrow(recompile)
  const manager = createRegistryManager({ plan, kinds: goldenKinds, lend: () => ({}) as KindTools, log, now: Date.now })
  await writeFile(join(directory, 'a.yaml'), shelf('Second.'))
  const reload = reloadOnChange({ recompile, manager, log })
  onTestFinished(() => reload.close())
  onTestFinished(() => manager.close())
  await expect.poll(() => manager.current().plan.connectors[0]?.summary).toBe('Second.')
})
