import { access, constants, statfs } from 'node:fs/promises'
import type { Finding } from './directory.ts'
import { failureOf } from './failures.ts'
import { list, measure, newest } from './listing.ts'
import { move, remove } from './mover.ts'
import type { Path } from './names.ts'
import { Place } from './place.ts'
import { read } from './reader.ts'
import type { CheckReply, Replies, Request } from './requests.ts'
import { Scenes } from './scene.ts'
import { search } from './searching.ts'
import type { Space } from './spaces.ts'
import type { Token } from './token.ts'
import { Watching } from './watching.ts'
import { write } from './writer.ts'

/** What the files of a connector are kept with. Plain data. */
export interface VaultConfig {
  readonly root: string
  readonly create: boolean
  readonly finding: Finding
  /** Tells this process from others that had its number. */
  readonly life: string
}

/** The files of one connector: everything that is done with them is done here, by calls that wait for the disk, so never on the thread that serves. */
export class Vault {
  readonly #root: string
  readonly #place: Place
  readonly #scenes: Scenes
  readonly #watching: Watching

  constructor({ root, create, finding, life }: VaultConfig, tell: (watch: number) => void) {
    this.#root = root
    this.#place = new Place(root, create, finding)
    this.#watching = new Watching(this.#place, tell)
    this.#scenes = new Scenes(this.#place, life)
  }

  /** Does what is asked. Rejects with a HubError where the file system, or what is there, is the reason. */
  async perform(asked: Request, token: Token): Promise<Replies[Request['op']]> {
    try {
      return await this.#perform(asked, token)
    } catch (error) {
      throw failureOf(error)
    }
  }

  #perform(asked: Request, token: Token): Promise<Replies[Request['op']]> {
    switch (asked.op) {
      case 'read':
        return read(this.#place, asked, token)
      case 'write':
        return this.#telling(write(this.#scenes, asked, token), [asked.space, asked.path])
      case 'delete':
        return this.#telling(remove(this.#scenes, asked, token), [asked.space, asked.path])
      case 'move':
        return this.#telling(move(this.#scenes, asked, token), [asked.space, asked.path], [asked.toSpace, asked.to])
      case 'list':
        return list(this.#place, asked, token)
      case 'search':
        return search(this.#place, asked, token)
      case 'usage':
        return measure(this.#place, asked.space, token)
      case 'newest':
        return newest(this.#place, asked.spaces, asked.limit, token)
      case 'watch':
        this.#watching.begin(asked.watch, asked.space, asked.path)
        return Promise.resolve(null)
      case 'unwatch':
        this.#watching.end(asked.watch)
        return Promise.resolve(null)
      case 'check':
        return this.#check()
    }
  }

  /** Those who watch what was changed are told at once, also where the file system tells nobody. */
  #telling<Reply>(work: Promise<Reply>, ...changed: readonly (readonly [Space, Path])[]): Promise<Reply> {
    return work.finally(() => {
      for (const [space, path] of changed) this.#watching.changed(space, path)
    })
  }

  async #check(): Promise<CheckReply> {
    const root = this.#place.openRoot()
    if (root === undefined) return { state: 'up', detail: 'no file was written yet', version: 'no folder yet' }
    try {
      const { type, bavail, blocks, bsize } = await statfs(root.place)
      const version = fileSystems[type] ?? `file system 0x${type.toString(16)}`
      const isWritable = await access(this.#root, constants.R_OK | constants.W_OK | constants.X_OK).then(
        () => true,
        () => false,
      )
      if (!isWritable) return { state: 'degraded', detail: 'the hub may not write below the root, or it is mounted read-only', version }
      const freeMb = Math.floor((bavail * bsize) / 1_048_576)
      if (blocks > 0 && bavail / blocks < 0.01 && freeMb < 100) return { state: 'degraded', detail: `the disk is nearly full: ${freeMb} MB are free`, version }
      return { state: 'up', version }
    } finally {
      root.close()
    }
  }

  close(): void {
    this.#watching.close()
    this.#place.close()
  }
}

const fileSystems: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x01021994: 'tmpfs',
  0x794c7630: 'overlayfs',
  0x6969: 'nfs',
  0xff534d42: 'cifs',
  0xfe534d42: 'smb2',
  0x65735546: 'fuse',
  0x2fc12fc1: 'zfs',
  0x1a: 'apfs',
}
