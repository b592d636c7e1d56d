import type { Args } from '../contract/call.ts'

const hole = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** The holes of an address template (RFC 6570 level 1), in order. */
export const holesOf = (template: string): readonly string[] => [...template.matchAll(hole)].map((match) => match[1] as string)

/** A function that takes an address apart by a template: the holes' values, decoded; undefined when it is another's. */
export function createMatcher(template: string): (uri: string) => Args | undefined {
  const names = holesOf(template)
  const literals = template.split(/\{[A-Za-z_][A-Za-z0-9_]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const pattern = new RegExp(`^${literals.join('([^/?#]+)')}$`)
  return (uri) => {
    const match = pattern.exec(uri)
    if (!match) return undefined
    try {
      return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] as string)]))
    } catch {
      return undefined
    }
  }
}
