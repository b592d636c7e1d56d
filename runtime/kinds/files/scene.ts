import { Books, type Counted } from './books.ts'
import type { Directory } from './directory.ts'
import { absent } from './failures.ts'
import { releaseLock, takeLock, underLock } from './lock.ts'
import type { Path } from './names.ts'
import type { Place } from './place.ts'
import type { Space } from './spaces.ts'
import { sweepTemporary } from './temporary.ts'
import type { Token } from './token.ts'

/** What is open while a space is changed. Whoever opened it closes it. */
export interface Scene {
  readonly space: Space
  readonly files: Directory
  readonly state: Directory
}

/** Opens spaces to be changed, and does so under their locks. */
export class Scenes {
  readonly place: Place
  readonly life: string
  readonly #counted: Counted = new Map()
  readonly #swept = new Set<string>()

  constructor(place: Place, life: string) {
    this.place = place
    this.life = life
  }

  /** Opens a space, made where it is not there. What a writer left that died is swept away, once. */
  open(space: Space): Scene {
    const state = this.place.openForWriting(space, 'state')
    try {
      const files = this.place.openForWriting(space, 'files')
      if (!this.#swept.has(space.key)) {
        this.#swept.add(space.key)
        sweepTemporary(this.place, space, this.life)
      }
      return { space, state, files }
    } catch (error) {
      state.close()
      throw error
    }
  }

  /** Opens a space that has files; throws as for a file that is not there. */
  openExisting(space: Space, path: Path): Scene {
    const files = this.place.open(space)
    if (files === undefined) throw absent(space.folder, path.join('/'))
    files.close()
    return this.open(space)
  }

  /** Does something in one turn, while no other writer is at it. */
  locked<Result>(scene: Scene, token: Token, work: (books: Books) => Result): Promise<Result> {
    return underLock(scene.state, this.life, token, () => work(this.#books(scene)))
  }

  /** The same in two spaces: the first lock is held while the second is waited for. They are taken in one order always, so that two moves do not wait for each other. */
  async bothLocked<Result>(scene: Scene, other: Scene, token: Token, work: (books: Books, others: Books) => Result): Promise<Result> {
    const isInOrder = scene.space.key < other.space.key
    const [first, second] = isInOrder ? [scene, other] : [other, scene]
    await takeLock(first.state, this.life, token)
    try {
      return await this.locked(second, token, (secondBooks) => {
        const firstBooks = this.#books(first)
        return isInOrder ? work(firstBooks, secondBooks) : work(secondBooks, firstBooks)
      })
    } finally {
      releaseLock(first.state)
    }
  }

  #books({ space, state, files }: Scene): Books {
    return new Books(state, files, space.key, this.#counted)
  }
}

/** Closes what a scene has open. */
export function closeScene({ files, state }: Scene): void {
  files.close()
  state.close()
}
