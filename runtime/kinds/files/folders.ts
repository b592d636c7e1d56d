import { HubError } from '../../contract/errors.ts'
import type { Folder, Settings } from './config.ts'
import { createSpaces, type Owner, type Space } from './spaces.ts'

/** The folders callers may name, and what of them is whose. */
export class Folders {
  readonly #folders: Settings['folders']
  readonly #spaceOf: (folder: Folder, owner: Owner) => Space

  constructor(settings: Settings) {
    this.#folders = settings.folders
    this.#spaceOf = createSpaces(settings)
  }

  all(): readonly Folder[] {
    return [...this.#folders.values()]
  }

  /** Throws HUB_RESOURCE_UNKNOWN, with the names there are. */
  named(name: string): Folder {
    const folder = this.#folders.get(name)
    if (folder !== undefined) return folder
    throw new HubError('HUB_RESOURCE_UNKNOWN', `there is no folder "${name.slice(0, 60)}"; there are ${[...this.#folders.keys()].join(', ')}`)
  }

  /** A caller's own part of a folder. */
  space(name: string, owner: Owner): Space {
    return this.#spaceOf(this.named(name), owner)
  }
}
