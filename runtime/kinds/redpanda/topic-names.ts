import { globMatches } from '../../contract/glob.ts'

/** Characters a topic's name may have. */
export const topicPattern = '^[A-Za-z0-9._-]{1,249}$'

const legal = /^[A-Za-z0-9._-]{1,249}$/

/** Why a text is no topic's name; undefined when it can be one. */
export function topicNameFault(name: string): string | undefined {
  if (name === '.' || name === '..') return `"${name}" is not a name`
  if (name.length > 249) return `it has ${name.length} characters, and a name has at most 249`
  return legal.test(name) ? undefined : 'a name has letters, digits, ".", "_" and "-" only'
}

/** Which topics a connector may touch: those its globs name; what begins with an underscore belongs to the cluster, and only a glob that begins so names it. */
export function allowedBy(globs: readonly string[]): (name: string) => boolean {
  return (name) => globs.some((glob) => globMatches(glob, name) && (!name.startsWith('_') || glob.startsWith('_')))
}
