import { approximate, isObject } from '../../contract/json.ts'
import type { Json, JsonObject } from '../../contract/json.ts'

/** How one tool of the upstream differs from its pinned definition. */
export interface Drift {
  readonly tool: string
  readonly change: 'gone' | 'changed'
  /** Which members of the definition differ. */
  readonly members: readonly string[]
}

const compared = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const

/** What changed at an upstream since its definitions were reviewed. `served` are the upstream's names of the tools in use; one without a pinned definition can only be gone. */
export function driftOf(served: Iterable<string>, pinned: readonly JsonObject[], live: readonly JsonObject[]): readonly Drift[] {
  const before = byName(pinned)
  const now = byName(live)
  return [...served].flatMap((tool): readonly Drift[] => {
    const there = now.get(tool)
    if (there === undefined) return [{ tool, change: 'gone', members: [] }]
    const reviewed = before.get(tool)
    if (reviewed === undefined) return []
    const members = compared.filter((member) => text(reviewed[member]) !== text(there[member]))
    return members.length === 0 ? [] : [{ tool, change: 'changed', members }]
  })
}

const byName = (definitions: readonly JsonObject[]): ReadonlyMap<Json | undefined, JsonObject> => new Map(definitions.map((one) => [one.name, one]))

/** The same text for the same value, whatever the order of its members. */
const text = (value: Json | undefined): string => (value === undefined ? '' : JSON.stringify(sorted(approximate(value))))

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key] as Json)]),
  )
}
