import type { Exchange } from './target.ts'

/** What an answer must hold, as bytes. */
export interface Check {
  readonly id: Buffer
  readonly holds: readonly Buffer[]
  readonly piece?: Buffer
  readonly count: number
}

/** The check of one exchange whose request carries this id. */
export function checkOf(exchange: Exchange, id: number): Check {
  return {
    id: Buffer.from(`"id":${id}`),
    holds: exchange.holds.map((piece) => Buffer.from(piece)),
    piece: exchange.times && Buffer.from(exchange.times.piece),
    count: exchange.times?.count ?? 0,
  }
}

/** True when the answer is to this request, holds every piece in order, and the counted piece as often as it must. */
export function isRight(body: Buffer, check: Check): boolean {
  if (!body.includes(check.id)) return false
  return holdsInOrder(body, check.holds) && (check.piece === undefined || countOf(body, check.piece) === check.count)
}

/** True when every piece stands in the bytes, each after the one before. */
export function holdsInOrder(body: Buffer, pieces: readonly Buffer[]): boolean {
  let at = 0
  for (const piece of pieces) {
    const found = body.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return true
}

function countOf(body: Buffer, piece: Buffer): number {
  let count = 0
  for (let at = body.indexOf(piece); at >= 0; at = body.indexOf(piece, at + piece.length)) count += 1
  return count
}
