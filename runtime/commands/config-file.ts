import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CommandError, exits } from './exits.ts'

const fileName = 'hub.config.yaml'

/** The hub.config.yaml to use: the one given, or the first one here or in a folder above. */
export function findConfigFile(given: string | undefined, from = process.cwd()): string {
  if (given !== undefined) {
    const path = resolve(from, given)
    if (existsSync(path)) return path
    throw new CommandError(exits.usage, `${given} is not there`, [`give the path of a ${fileName} to --config`])
  }
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const path = join(folder, fileName)
    if (existsSync(path)) return path
    if (folder === dirname(folder))
      throw new CommandError(exits.usage, `no ${fileName} here or in a folder above`, ['go to the folder of your hub, or give --config'])
  }
}
