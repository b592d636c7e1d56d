/** Replaces what it finds in a text; the same string when it finds nothing. */
export type Scan = (text: string) => string

const slots = 0x10000
/** Two neighbouring characters as one number below 65,536. */
const pairAt = (text: string, index: number): number => ((text.charCodeAt(index) << 5) ^ text.charCodeAt(index + 1)) & (slots - 1)

/**
 * A search for many words at once (Wu and Manber 1994): the text is read in steps of nearly the shortest word's length, so a long text costs little however many words there are.
 * Words are at least 2 characters long. Of words that begin at one place the longest is taken.
 */
export function compileScan(words: readonly string[], replacement: string): Scan {
  if (words.length === 0) return (text) => text
  const window = Math.min(...words.map((word) => word.length))
  const far = window - 1
  const shifts = new Uint8Array(slots).fill(Math.min(far, 255))
  const buckets = new Map<number, string[]>()
  for (const word of words) {
    for (let index = 0; index < far; index++) {
      const pair = pairAt(word, index)
      shifts[pair] = Math.min(shifts[pair] ?? 0, far - 1 - index)
    }
    const last = pairAt(word, far - 1)
    buckets.set(
      last,
      [...(buckets.get(last) ?? []), word].toSorted((one, other) => other.length - one.length),
    )
  }

  return (text) => {
    let kept = ''
    let from = 0
    for (let start = 0; start + window <= text.length;) {
      const pair = pairAt(text, start + far - 1)
      const shift = shifts[pair] ?? 0
      if (shift > 0) {
        start += shift
        continue
      }
      const found = buckets.get(pair)?.find((word) => text.startsWith(word, start))
      if (found === undefined) {
        start++
        continue
      }
      kept += text.slice(from, start) + replacement
      start += found.length
      from = start
    }
    return from === 0 ? text : kept + text.slice(from)
  }
}
