import type { HubOptions } from '../hub.ts'
import { generatedFolder } from './generate.ts'
import { version } from './package.ts'

/** How a hub is opened with --frozen: held to a folder of generated files, whose validators it uses; with nothing of it without. */
export async function frozenOptions(configFile: string, frozen: string | true | undefined): Promise<Pick<HubOptions, 'admit' | 'generated'>> {
  if (frozen === undefined) return {}
  const [{ createFrozen }, { kinds }] = await Promise.all([import('../../codegen/frozen.ts'), import('../kinds/index.ts')])
  const out = generatedFolder(configFile, frozen === true ? undefined : frozen)
  return { admit: createFrozen({ configFile, kinds, version, out }), generated: out }
}
