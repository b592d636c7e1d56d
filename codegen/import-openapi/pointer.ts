import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'

/** The steps of `#/components/schemas/Pet`; undefined for what is no pointer into this document. */
export function stepsOf(reference: string): readonly string[] | undefined {
  if (reference === '#') return []
  if (!reference.startsWith('#/')) return undefined
  return reference.slice(2).split('/').map(decoded)
}

function decoded(step: string): string {
  const plain = step.replaceAll('~1', '/').replaceAll('~0', '~')
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

/** What lies at a path of plain data; undefined where it leads nowhere. */
export function at(value: Json, steps: readonly string[]): Json | undefined {
  let found: Json | undefined = value
  for (const step of steps) {
    if (Array.isArray(found)) found = found[Number(step)] as Json | undefined
    else if (isObject(found) && Object.hasOwn(found, step)) found = found[step]
    else return undefined
  }
  return found
}

/** Follows references of one document and remembers those that lead nowhere. */
export interface References {
  /** The object meant, through any number of references; undefined, and remembered, where there is none. */
  follow(value: Json | undefined): JsonObject | undefined
  /** What one reference leads to, which may be a reference again. */
  lead(reference: string): Json | undefined
  readonly broken: ReadonlySet<string>
}

/** References into a document. */
export function referencesOf(document: JsonObject): References {
  const broken = new Set<string>()

  function lead(reference: string): Json | undefined {
    const steps = stepsOf(reference)
    const found = steps === undefined ? undefined : at(document, steps)
    if (found === undefined) broken.add(reference)
    return found
  }

  function follow(value: Json | undefined): JsonObject | undefined {
    const open = new Set<string>()
    let found = value
    while (isObject(found) && typeof found['$ref'] === 'string') {
      const reference = found['$ref']
      if (open.has(reference)) {
        broken.add(reference)
        return undefined
      }
      open.add(reference)
      found = lead(reference)
    }
    return isObject(found) ? found : undefined
  }

  return { follow, lead, broken }
}
