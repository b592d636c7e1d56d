import type { Duplex } from 'node:stream'

/** The largest message a session takes from the server. pg's client gathers each of them whole, and a text beyond V8's longest would end the process. */
const mostMessageBytes = 64 * 1024 * 1024
/** A letter for the sort of message, and its length without that letter. */
const headerBytes = 5

/** A message larger than a session takes. */
export class TooLarge extends Error {}

/** Ends a connection with `TooLarge` at the head of a message that is too large, before pg's parser sees it. */
export function measured(stream: Duplex): Duplex {
  const measure = new Measure()
  const push = stream.push.bind(stream)
  stream.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk === null || measure.takes(chunk)) return push(chunk, encoding)
    stream.destroy(new TooLarge(`a message of more than ${mostMessageBytes} bytes`))
    return false
  }
  return stream
}

/** Follows the messages of a connection by their lengths. */
class Measure {
  /** Bytes of the message under way that are still to come. */
  #left = 0
  /** The beginning of a header that a chunk ended in. */
  #begun: Buffer | undefined

  /** False when a message begins in this chunk that is longer than is taken. */
  takes(chunk: Buffer): boolean {
    const bytes = this.#begun === undefined ? chunk : Buffer.concat([this.#begun, chunk])
    this.#begun = undefined
    let at = this.#left
    while (at + headerBytes <= bytes.length) {
      const length = bytes.readUInt32BE(at + 1)
      if (length > mostMessageBytes) return false
      at += 1 + length
    }
    if (at < bytes.length) {
      this.#begun = bytes.subarray(at)
      this.#left = 0
    } else this.#left = at - bytes.length
    return true
  }
}
