import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Folder, Quota, Settings } from './config.ts'

/** The files one caller has under one folder's name: what a request is about. Plain data, so that it can be sent to the worker. */
export interface Space {
  /** Where it lies: equal for callers who share it. */
  readonly key: string
  readonly folder: string
  /** Names from the root to its files; empty where it lies elsewhere. */
  readonly below: readonly string[]
  /** The place of a folder that does not lie below the root. */
  readonly elsewhere: string | undefined
  readonly canWrite: boolean
  readonly quota: Quota
}

/** Whose space it is. */
export interface Owner {
  readonly organisation: string
  readonly id: string
}

const mostKept = 10_000

/** Finds the space of a caller; equal callers get equal spaces. */
export function createSpaces({ root, folders }: Settings): (folder: Folder, owner: Owner) => Space {
  const kept = new Map<string, Space>()
  return (folder, owner) => {
    const whose = folder.shared === 'hub' ? '' : folder.shared === 'organisation' ? owner.organisation : JSON.stringify([owner.organisation, owner.id])
    const name = `${folder.name} ${whose}`
    const known = kept.get(name)
    if (known) return known
    if (kept.size >= mostKept) kept.clear()
    const made = spaceOf(folder, owner, root)
    if (folders.get(folder.name) === folder) kept.set(name, made)
    return made
  }
}

function spaceOf(folder: Folder, { organisation, id }: Owner, root: string): Space {
  const { name, canWrite, quota } = folder
  const own = ['organisations', nameOf(organisation), name]
  const below = folder.shared === 'hub' ? ['hub', name] : folder.shared === 'organisation' ? [...own, 'files'] : [...own, 'agents', nameOf(id), 'files']
  const elsewhere = folder.path
  return { key: elsewhere ?? join(root, ...below), folder: name, below: elsewhere === undefined ? below : [], elsewhere, canWrite, quota }
}

const mostReadable = 24

/** A name on disk that stands for any text: readable at its beginning, and 128 bits of its hash, so that no two meet and none climbs. */
export function nameOf(text: string): string {
  const readable = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, mostReadable)
  const hash = createHash('sha256').update(text, 'utf16le').digest('hex').slice(0, 32)
  return readable === '' ? `-${hash}` : `${readable}-${hash}`
}
