import { createHash } from 'node:crypto'

/** The name a tool gets in the hub, when that is not its own. */
export interface LocalName {
  readonly original: string
  readonly local: string
  /** Ends the sentence "named so because …"; undefined when the name is the upstream's own. */
  readonly because?: string
}

const longest = 60
const unwritable = '__proto__'
const hashLength = 8

/**
 * Names for the tools of one connector: at most 60 of [a-zA-Z0-9_-] with the prefix `<connector>_`, unique. A name that fits stays as it is; one that does not is
 * changed by a rule that looks at that name alone where it can, so that it stays the same on every import.
 */
export function localNames(connector: string, originals: readonly string[]): readonly LocalName[] {
  const room = longest - connector.length - 1
  const taken = new Set(originals.filter((name) => fits(name, room)))
  const wanted = new Map<string, number>()
  for (const name of originals) wanted.set(clean(name), (wanted.get(clean(name)) ?? 0) + 1)
  return originals.map((original) => {
    if (fits(original, room)) return { original, local: original }
    const cleaned = clean(original)
    if (cleaned.length > room)
      return { original, local: shortened(cleaned, original, room), because: `with its prefix the name is longer than ${longest} characters` }
    const alone = wanted.get(cleaned) === 1 && !taken.has(cleaned)
    return {
      original,
      local: alone ? cleaned : shortened(cleaned, original, room),
      because: original === unwritable ? 'no map of a manifest can have that name' : 'clients refuse other characters than letters, digits, _ and -',
    }
  })
}

function fits(name: string, room: number): boolean {
  return name.length <= room && /^[a-zA-Z0-9_-]+$/.test(name) && name !== unwritable
}

function clean(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]+/g, '_').replace(/^_+|_+$/g, '') || 'tool'
}

function shortened(cleaned: string, original: string, room: number): string {
  const hash = createHash('sha256').update(original).digest('hex').slice(0, hashLength)
  return `${cleaned.slice(0, room - hashLength - 1)}_${hash}`
}
