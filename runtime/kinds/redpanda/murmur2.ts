const seed = 0x9747b28c
const mixer = 0x5bd1e995

/** The hash every Kafka client spreads keys by: MurmurHash2 with Kafka's seed, a signed 32-bit integer. kafkajs’s own takes time by the square of a key’s length: minutes for a megabyte. */
export function murmur2(key: Buffer): number {
  const { length } = key
  const whole = length & ~3
  let hash = seed ^ length
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(key.readInt32LE(at), mixer)
    word ^= word >>> 24
    hash = Math.imul(hash, mixer) ^ Math.imul(word, mixer)
  }
  if (length > whole) {
    for (let at = whole; at < length; at += 1) hash ^= (key[at] as number) << ((at - whole) * 8)
    hash = Math.imul(hash, mixer)
  }
  hash = Math.imul(hash ^ (hash >>> 13), mixer)
  return (hash ^ (hash >>> 15)) | 0
}
