import { readSync } from 'node:fs'
import type { Token } from './token.ts'

const chunkBytes = 262_144

/** Where the line begins after so many others; the file's end when it has fewer. Reads in chunks, whatever the file's size. */
export async function forwards(fd: number, size: number, lines: number, token: Token): Promise<number> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, size)))
  let left = lines
  for (let from = 0; from < size;) {
    const filled = chunk.subarray(0, readSync(fd, chunk, 0, Math.min(chunk.length, size - from), from))
    if (filled.length === 0) break
    for (let at = filled.indexOf(10); at >= 0; at = filled.indexOf(10, at + 1)) {
      left -= 1
      if (left === 0) return from + at + 1
    }
    from += filled.length
    await token.pause()
  }
  return size
}

/** Where the last so many lines begin; a newline at the very end begins no line. */
export async function backwards(fd: number, size: number, lines: number, token: Token): Promise<number> {
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(1, size)))
  let left = lines
  for (let to = size; to > 0;) {
    const from = Math.max(0, to - chunk.length)
    const filled = chunk.subarray(0, readSync(fd, chunk, 0, to - from, from))
    for (let at = filled.lastIndexOf(10); at >= 0; at = at === 0 ? -1 : filled.lastIndexOf(10, at - 1)) {
      if (from + at === size - 1) continue
      left -= 1
      if (left === 0) return from + at + 1
    }
    to = from
    await token.pause()
  }
  return 0
}
