import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { gunzipSync, gzip, zstdCompress, zstdDecompressSync } from 'node:zlib'
import type { Compression } from './config.ts'
import { Codecs } from './driver.ts'

const load = createRequire(import.meta.url)
const gzipped = promisify(gzip)
const zstandard = promisify(zstdCompress)

/** One batch of messages may unfold to this many bytes: many times what brokers take, and still no bomb. */
export const mostUnfolded = 32 * 1_048_576

const numbers: Readonly<Record<Compression, number>> = { none: 0, gzip: 1, zstd: 4 }

/** The number of a codec the hub writes with. */
export const codecNumber = (compression: Compression): number => numbers[compression]

// kafkajs keeps one list of codecs in a process, and this kind is its only user here.
const writeOnly = (): Promise<Buffer> => Promise.reject(new Error('batches are unfolded by the hub'))
Codecs[1] = () => ({ compress: ({ buffer }) => gzipped(buffer), decompress: writeOnly })
Codecs[4] = () => ({ compress: ({ buffer }) => zstandard(buffer), decompress: writeOnly })

/** The records of a compressed batch. Throws an Error that says why where they cannot be had. */
export function unfold(codec: number, folded: Buffer): Buffer {
  const options = { maxOutputLength: mostUnfolded }
  if (codec === 1) return gunzipSync(folded, options)
  if (codec === 2) return unfoldSnappy(folded)
  if (codec === 3) return unfoldLz4(folded)
  if (codec === 4) return zstdDecompressSync(folded, options)
  throw new Error(`codec ${codec} is none of Kafka’s`)
}

const xerial = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])

/** Java’s clients cut into blocks under a header of their own; the others write one block. */
function unfoldSnappy(folded: Buffer): Buffer {
  const { uncompress } = load('snappyjs') as { uncompress(block: Buffer, maxLength?: number): Buffer }
  if (!folded.subarray(0, 8).equals(xerial)) return uncompress(folded, mostUnfolded)
  const blocks: Buffer[] = []
  let unfolded = 0
  for (let at = 16; at < folded.length;) {
    const length = folded.readInt32BE(at)
    const block = uncompress(folded.subarray(at + 4, at + 4 + length), mostUnfolded - unfolded)
    unfolded += block.length
    blocks.push(block)
    at += 4 + length
  }
  return Buffer.concat(blocks)
}

function unfoldLz4(folded: Buffer): Buffer {
  const { decompress, decompressBound } = load('lz4js') as { decompress(frame: Buffer, maxSize?: number): Uint8Array; decompressBound(frame: Buffer): number }
  if (decompressBound(folded) > mostUnfolded) throw new Error(`it unfolds to more than ${mostUnfolded} bytes`)
  const unfolded = decompress(folded)
  return Buffer.from(unfolded.buffer, unfolded.byteOffset, unfolded.length)
}
