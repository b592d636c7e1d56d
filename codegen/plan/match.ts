import { distance } from 'fastest-levenshtein'
import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { shapeOf, textOf } from './schema/canonical.ts'
import type { SeenTool } from './snapshot.ts'

/** A tool before and after; one of them is absent for a tool that came or went. */
export interface Pair {
  readonly before?: SeenTool
  readonly after?: SeenTool
  /** How a renamed tool was recognised: an alias keeps its old name, or it is as alike as this, from 0 to 1. */
  readonly renamed?: { readonly by: 'alias' } | { readonly by: 'likeness'; readonly likeness: number }
}

const likeEnough = 0.7
const mostCandidates = 40_000
const comparedLength = 400

/** Every full name a tool's aliases answer to. */
export const aliasesOf = ({ spec }: SeenTool): readonly string[] => (spec ? spec.aliases.map((alias) => `${spec.connector}_${alias}`) : [])

/** Pairs tools by name, then by the aliases that keep an old name, then those that came and went by how alike they are. */
export function matchTools(before: readonly SeenTool[], after: readonly SeenTool[]): readonly Pair[] {
  const fresh = new Map(after.map((tool) => [tool.name, tool]))
  const old = new Map(before.map((tool) => [tool.name, tool]))
  const byAlias = new Map(after.flatMap((tool) => aliasesOf(tool).map((alias) => [alias, tool] as const)))
  const gone = before.filter(({ name }) => !fresh.has(name))
  const kept = gone.flatMap((tool): readonly Pair[] => {
    const heir = byAlias.get(tool.name)
    return heir ? [{ before: tool, after: heir, renamed: { by: 'alias' } }] : []
  })
  const keptNames = new Set(kept.map((pair) => pair.before?.name))
  const heirs = new Set(kept.map((pair) => pair.after?.name))
  const removed = gone.filter(({ name }) => !keptNames.has(name))
  const added = after.filter(({ name }) => !old.has(name) && !heirs.has(name))
  const alike = matchAlike(removed, added)
  const taken = new Set(alike.flatMap((pair) => [pair.before, pair.after]))
  return [
    ...before.flatMap((tool): readonly Pair[] => (fresh.has(tool.name) ? [{ before: tool, after: fresh.get(tool.name) }] : [])),
    ...kept,
    ...alike,
    ...removed.filter((tool) => !taken.has(tool)).map((tool) => ({ before: tool })),
    ...added.filter((tool) => !taken.has(tool)).map((tool) => ({ after: tool })),
  ]
}

/** The most alike first, each tool once. */
function matchAlike(removed: readonly SeenTool[], added: readonly SeenTool[]): readonly Pair[] {
  if (removed.length * added.length > mostCandidates) return []
  const candidates = removed
    .flatMap((before) => added.map((after) => ({ before, after, likeness: likenessOf(before, after) })))
    .filter(({ likeness }) => likeness >= likeEnough)
    .toSorted((left, right) => right.likeness - left.likeness || (left.after.name < right.after.name ? -1 : 1))
  const taken = new Set<SeenTool>()
  return candidates.flatMap(({ before, after, likeness }): readonly Pair[] => {
    if (taken.has(before) || taken.has(after)) return []
    taken.add(before).add(after)
    return [{ before, after, renamed: { by: 'likeness', likeness } }]
  })
}

/** From 0 to 1: what two tools take, answer, do and say of themselves, each as far as both sides tell it. */
function likenessOf(before: SeenTool, after: SeenTool): number {
  const [old, fresh] = [before.definition, after.definition]
  const parts: (readonly [weight: number, likeness: number])[] = [
    [namesIn(old['inputSchema']).length + namesIn(fresh['inputSchema']).length === 0 ? 0.05 : 0.3, schemaLikeness(old['inputSchema'], fresh['inputSchema'])],
    [0.2, textLikeness(String(old['description'] ?? ''), String(fresh['description'] ?? ''))],
    [0.1, textLikeness(before.name, after.name)],
  ]
  if (old['outputSchema'] !== undefined || fresh['outputSchema'] !== undefined) parts.push([0.15, schemaLikeness(old['outputSchema'], fresh['outputSchema'])])
  if (before.spec && after.spec) parts.push([0.35, textLikeness(textOf(before.spec.operation as Json), textOf(after.spec.operation as Json))])
  const weight = parts.reduce((sum, [one]) => sum + one, 0)
  return parts.reduce((sum, [one, likeness]) => sum + one * likeness, 0) / weight
}

const namesIn = (schema: Json | undefined): readonly string[] => (isObject(schema) && isObject(schema['properties']) ? Object.keys(schema['properties']) : [])

function schemaLikeness(before: Json | undefined, after: Json | undefined): number {
  if (!isObject(before) || !isObject(after)) return before === after ? 1 : 0
  if (shapeOf(before) === shapeOf(after)) return 1
  const names = new Set([...namesIn(before), ...namesIn(after)])
  if (names.size === 0) return 0.5
  const partOf = (schema: JsonObject, name: string): Json | undefined => (schema['properties'] as JsonObject | undefined)?.[name]
  const same = [...names].reduce((sum, name) => sum + propertyLikeness(partOf(before, name), partOf(after, name)), 0)
  return same / names.size
}

function propertyLikeness(before: Json | undefined, after: Json | undefined): number {
  if (before === undefined || after === undefined) return 0
  return isObject(before) && isObject(after) && shapeOf(before) === shapeOf(after) ? 1 : 0.6
}

function textLikeness(before: string, after: string): number {
  const [left, right] = [before.slice(0, comparedLength), after.slice(0, comparedLength)]
  const longer = Math.max(left.length, right.length)
  return longer === 0 ? 1 : 1 - distance(left, right) / longer
}
