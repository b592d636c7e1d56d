import type { Books } from './books.ts'
import { refused } from './failures.ts'
import type { Request, UsageReply, WriteReply } from './requests.ts'
import { closeScene, type Scene, type Scenes } from './scene.ts'
import type { Token } from './token.ts'
import { existing, inMade, judgeSize, judgeWritable, prune, syncFolders, targetOf, within, writtenReply, type Done } from './tree.ts'

type Asked<Op extends Request['op']> = Extract<Request, { op: Op }>

/** Deletes a file, and the folders it was the last one of. */
export async function remove(scenes: Scenes, { space, path, ifMatch }: Asked<'delete'>, token: Token): Promise<UsageReply> {
  judgeWritable(space)
  const scene = scenes.openExisting(space, path)
  try {
    const usage = await scenes.locked(scene, token, (books) => {
      const before = existing(scene, path, ifMatch)
      within(scene.files, path, (parent, name) => books.change({ files: -1, bytes: -Number(before.size) }, () => parent.unlink(name)))
      prune(scene.files, path)
      return books.usage
    })
    await syncFolders(scene.files, path, 0)
    return usage
  } finally {
    closeScene(scene)
  }
}

/** Gives a file another path, in its space or in another of the same caller. */
export async function move(scenes: Scenes, asked: Asked<'move'>, token: Token): Promise<WriteReply> {
  const { space, path, toSpace, to } = asked
  judgeWritable(space)
  judgeWritable(toSpace)
  const from = scenes.openExisting(space, path)
  try {
    if (space.key === toSpace.key) return await settle(from, await scenes.locked(from, token, (books) => moveWithin(asked, from, books)))
    const target = scenes.open(toSpace)
    try {
      return await settle(target, await scenes.bothLocked(from, target, token, (books, others) => moveAcross(asked, from, target, books, others)))
    } finally {
      closeScene(target)
    }
  } finally {
    closeScene(from)
  }

  async function settle(target: Scene, { result, made }: Done<WriteReply>): Promise<WriteReply> {
    await Promise.all([syncFolders(target.files, to, made), syncFolders(from.files, path, 0)])
    return result
  }
}

function moveWithin({ path, to, overwrite, ifMatch }: Asked<'move'>, scene: Scene, books: Books): Done<WriteReply> {
  existing(scene, path, ifMatch)
  if (path.join('/') === to.join('/')) throw refused('a file cannot be moved to where it is')
  const before = targetOf(scene, books, to, !overwrite, undefined)
  const more = { files: before === undefined ? 0 : -1, bytes: -Number(before?.size ?? 0) }
  return renamed(scene, scene, path, to, before === undefined, books, (rename) => books.change(more, rename))
}

function moveAcross({ path, to, toSpace, overwrite, ifMatch }: Asked<'move'>, from: Scene, target: Scene, books: Books, others: Books): Done<WriteReply> {
  const size = Number(existing(from, path, ifMatch).size)
  const before = targetOf(target, others, to, !overwrite, undefined)
  const more = { files: before === undefined ? 1 : 0, bytes: size - Number(before?.size ?? 0) }
  judgeSize(size, toSpace)
  others.judge(more, toSpace.quota)
  return renamed(from, target, path, to, before === undefined, others, (rename) => others.change(more, () => books.change({ files: -1, bytes: -size }, rename)))
}

function renamed(
  from: Scene,
  target: Scene,
  path: Asked<'move'>['path'],
  to: Asked<'move'>['to'],
  isNew: boolean,
  books: Books,
  counted: (rename: () => void) => void,
): Done<WriteReply> {
  const done = inMade(target, to, isNew, (parent, name) => {
    within(from.files, path, (source, sourceName) => counted(() => source.rename(sourceName, parent, name)))
    return writtenReply(parent.status(name), isNew, books.usage)
  })
  prune(from.files, path)
  return done
}
