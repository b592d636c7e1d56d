import type { Path } from './names.ts'

/** Whether a path fits a glob, in time that grows with both lengths multiplied and no worse. */
export type Fits = (path: Path) => boolean

/**
 * A glob as a question: `*` and `?` within a name, `**` for any folders. Without a slash it is asked of the last name, whatever folder it is in;
 * letters fit as they are written.
 */
export function globOf(glob: string): Fits {
  const pattern = glob.normalize('NFC')
  if (!pattern.includes('/')) return (path) => fitsName(pattern, path.at(-1) ?? '')
  const parts = pattern.split('/')
  return (path) => fitsPath(parts, path)
}

/** One row of the table of "the first n parts fit the first m names", filled part by part. */
function fitsPath(parts: readonly string[], path: Path): boolean {
  let fits: boolean[] = [true, ...path.map(() => false)]
  for (const part of parts) {
    const next: boolean[] = [part === '**' && fits[0] === true]
    for (const [index, name] of path.entries()) {
      next.push(part === '**' ? fits[index + 1] === true || next[index] === true : fits[index] === true && fitsName(part, name))
    }
    fits = next
  }
  return fits.at(-1) === true
}

/** Goes back to the last star only: an earlier one could not do better. */
function fitsName(pattern: string, name: string): boolean {
  const [wanted, given] = [Array.from(pattern), Array.from(name)]
  let at = 0
  let star = -1
  let from = 0
  for (let index = 0; index < given.length;) {
    if (wanted[at] === '*') {
      star = at
      from = index
      at += 1
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[index])) {
      at += 1
      index += 1
    } else if (star >= 0) {
      at = star + 1
      from += 1
      index = from
    } else return false
  }
  while (wanted[at] === '*') at += 1
  return at === wanted.length
}
