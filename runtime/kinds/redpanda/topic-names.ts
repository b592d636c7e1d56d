/** Characters a topic's name may have. */
export const topicPattern = '^[A-Za-z0-9._-]{1,249}$'

const legal = /^[A-Za-z0-9._-]{1,249}$/

/** Why a text is no topic's name; undefined when it can be one. */
export function topicNameFault(name: string): string | undefined {
  if (name === '.' || name === '..') return `"${name}" is not a name`
  if (name.length > 249) return `it has ${name.length} characters, and a name has at most 249`
  return legal.test(name) ? undefined : 'a name has letters, digits, ".", "_" and "-" only'
}

/** True when a name fits a glob: `*` stands for any characters, dots included. */
export function globMatches(glob: string, name: string): boolean {
  let [at, read, star, resume] = [0, 0, -1, 0]
  while (read < name.length) {
    if (glob[at] === '*') {
      star = at
      resume = read
      at += 1
    } else if (glob[at] === name[read]) {
      at += 1
      read += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      read = resume
    } else return false
  }
  while (glob[at] === '*') at += 1
  return at === glob.length
}

/** Which topics a connector may touch: those its globs name; what begins with an underscore belongs to the cluster, and only a glob that begins so names it. */
export function allowedBy(globs: readonly string[]): (name: string) => boolean {
  return (name) => globs.some((glob) => globMatches(glob, name) && (!name.startsWith('_') || glob.startsWith('_')))
}
