import { closeSync, constants, fsync, ftruncateSync, futimesSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Books } from './books.ts'
import type { Request, UsageReply, WriteReply } from './requests.ts'
import { closeScene, type Scene, type Scenes } from './scene.ts'
import { dropTemporary, makeTemporary } from './temporary.ts'
import type { Token } from './token.ts'
import { inMade, judgeSize, judgeWritable, syncFolders, targetOf, writtenReply } from './tree.ts'

type Asked = Extract<Request, { op: 'write' }>
const sync = promisify(fsync)

/** Writes a file. What it did is durable when it answers; what it did not do left nothing behind. */
export async function write(scenes: Scenes, asked: Asked, token: Token): Promise<WriteReply> {
  const { space, bytes, mode } = asked
  judgeWritable(space)
  judgeSize(bytes.length, space)
  const scene = scenes.open(space)
  try {
    return mode === 'append' ? await append(scenes, scene, asked, token) : await put(scenes, scene, asked, token)
  } finally {
    closeScene(scene)
  }
}

/** A whole file: written and synced beside the others, then given its name in one step. */
async function put(scenes: Scenes, scene: Scene, { space, path, bytes, mode, ifMatch }: Asked, token: Token): Promise<WriteReply> {
  const temporary = makeTemporary(scenes.place, space, scenes.life)
  try {
    writeAll(temporary.fd, bytes)
    await sync(temporary.fd)
    const { result, made } = await scenes.locked(scene, token, (books) => {
      const before = targetOf(scene, books, path, mode === 'create', ifMatch)
      const more = { files: before === undefined ? 1 : 0, bytes: bytes.length - Number(before?.size ?? 0) }
      books.judge(more, space.quota)
      return inMade(scene, path, before === undefined, (parent, name) => {
        const status = books.change(more, (stamp) => {
          setMoment(temporary.fd, stamp)
          temporary.directory.rename(temporary.name, parent, name)
          return parent.status(name)
        })
        return writtenReply(status, before === undefined, books.usage)
      })
    })
    await syncFolders(scene.files, path, made)
    return result
  } finally {
    dropTemporary(temporary)
  }
}

/** More bytes at the end of a file, or a first file. A part that was written when the disk became full is taken off again. */
async function append(scenes: Scenes, scene: Scene, { space, path, bytes, ifMatch }: Asked, token: Token): Promise<WriteReply> {
  const { result, made } = await scenes.locked(scene, token, (books) => {
    const before = targetOf(scene, books, path, false, ifMatch)
    const length = Number(before?.size ?? 0)
    judgeSize(length + bytes.length, space)
    const more = { files: before === undefined ? 1 : 0, bytes: bytes.length }
    books.judge(more, space.quota)
    return inMade(scene, path, before === undefined, (parent, name) => {
      const flags = constants.O_WRONLY | constants.O_APPEND
      const fd = before === undefined ? parent.createFile(name, flags) : parent.openFile(name, path.join('/'), flags)?.fd
      const isNew = before === undefined
      try {
        const status = addAtEnd(
          books,
          more,
          fd,
          bytes,
          () => (isNew ? parent.unlink(name) : ftruncateSync(fd as number, length)),
          () => parent.status(name),
        )
        return { fd: fd as number, reply: writtenReply(status, isNew, books.usage) }
      } catch (error) {
        if (fd !== undefined) closeSync(fd)
        throw error
      }
    })
  })
  try {
    await sync(result.fd)
  } finally {
    closeSync(result.fd)
  }
  await syncFolders(scene.files, path, made)
  return result.reply
}

function addAtEnd<Status>(books: Books, more: UsageReply, fd: number | undefined, bytes: Uint8Array, undo: () => void, look: () => Status): Status | undefined {
  if (fd === undefined) return undefined
  return books.change(more, (stamp) => {
    try {
      writeAll(fd, bytes)
    } catch (error) {
      undo()
      throw error
    }
    setMoment(fd, stamp)
    return look()
  })
}

// No two states of a file have one moment, so that none is taken for another.
const setMoment = (fd: number, stamp: number): void => futimesSync(fd, stamp / 1e6, stamp / 1e6)

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
}
