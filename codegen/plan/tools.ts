import { isObject, type Json, type JsonObject, type JsonSchema } from '../../runtime/contract/json.ts'
import { effects, type Effect } from '../../runtime/contract/principal.ts'
import { aliasesOf, matchTools, type Pair } from './match.ts'
import { policyChanges } from './policy.ts'
import { change, type Change, type Entry } from './report.ts'
import { areEqual } from './schema/canonical.ts'
import { compareSchemas } from './schema/compare.ts'
import type { Direction } from './schema/words.ts'
import type { SeenTool, Snapshot } from './snapshot.ts'
import { definitionWords, plainChange } from './words.ts'

/** Tools that came, went, changed or have another name, and what became of old names. */
export function compareTools(before: Snapshot, after: Snapshot): { readonly entries: readonly Entry[]; readonly renames: ReadonlyMap<string, string> } {
  const pairs = matchTools(before.tools, after.tools)
  const answering = answeringNames(after.tools)
  return {
    entries: pairs.flatMap((pair) => entryOf(pair, answering)),
    renames: new Map(pairs.flatMap(({ before, after, renamed }) => (before && after && renamed ? [[before.name, after.name] as const] : []))),
  }
}

/** Every name a tool answers to, aliases included, with the tool. */
const answeringNames = (tools: readonly SeenTool[]): ReadonlyMap<string, SeenTool> =>
  new Map([...tools.flatMap((tool) => aliasesOf(tool).map((alias) => [alias, tool] as const)), ...tools.map((tool) => [tool.name, tool] as const)])

function entryOf({ before, after, renamed }: Pair, answering: ReadonlyMap<string, SeenTool>): readonly Entry[] {
  if (!before) return after ? [addedEntry(after)] : []
  if (!after)
    return [
      { sort: 'tool', name: before.name, state: 'removed', changes: [change('breaking', 'name', 'is gone'), ...aliasChanges(before, undefined, answering)] },
    ]
  const { name } = after
  const changes = [...(renamed ? nameChanges(before, after, renamed) : []), ...toolChanges(before, after), ...aliasChanges(before, after, answering)]
  if (changes.length === 0) return []
  return [{ sort: 'tool', name, ...(renamed && { was: before.name }), state: renamed ? 'renamed' : 'changed', changes }]
}

function addedEntry(tool: SeenTool): Entry {
  const effect = effectOf(tool)
  const asked = tool.spec ? `effect ${effect}, role ${tool.spec.role}` : `effect ${effect}`
  const more = effect === 'read' ? [] : [change('looser', 'effect', `models can do more: ${effect}`)]
  return { sort: 'tool', name: tool.name, state: 'added', changes: [change('compatible', 'name', `is new (${asked})`), ...more] }
}

function nameChanges(before: SeenTool, after: SeenTool, renamed: NonNullable<Pair['renamed']>): readonly Change[] {
  if (renamed.by === 'alias') return [change('compatible', 'name', `${before.name} → ${after.name}; the old name still answers, as an alias`)]
  const percent = Math.round(renamed.likeness * 100)
  const { spec } = after
  const local = spec && before.name.startsWith(`${spec.connector}_`) ? before.name.slice(spec.connector.length + 1) : undefined
  const wayOn = local === undefined ? '' : `; "aliases: [${local}]" would keep it`
  return [change('breaking', 'name', `${before.name} → ${after.name} (${percent} % alike); the old name no longer answers${wayOn}`)]
}

/** Aliases that came, and those that no longer lead where they led. */
function aliasChanges(before: SeenTool, after: SeenTool | undefined, answering: ReadonlyMap<string, SeenTool>): readonly Change[] {
  const [old, fresh] = [aliasesOf(before), after?.spec ? aliasesOf(after) : []]
  // Over the protocol aliases are not seen, so that none can be said to be gone or new.
  if (!before.spec) return []
  const lost = old.flatMap((alias) => {
    const tool = answering.get(alias)
    if (tool === after && tool !== undefined) return []
    return [change('breaking', 'aliases', tool === undefined ? `${alias} no longer answers` : `${alias} now leads to ${tool.name}`)]
  })
  const come = fresh.filter((alias) => !old.includes(alias) && alias !== before.name).map((alias) => change('compatible', 'aliases', `${alias} answers too`))
  return [...lost, ...come]
}

function toolChanges(before: SeenTool, after: SeenTool): readonly Change[] {
  const [old, fresh] = [before.definition, after.definition]
  const effect = effectOf(before) !== effectOf(after)
  return [
    ...schemaChanges('input', old['inputSchema'], fresh['inputSchema']),
    ...schemaChanges('output', old['outputSchema'], fresh['outputSchema']),
    ...definitionWords(old, fresh, ['title', 'description']),
    ...(before.spec && after.spec ? specChanges(before.spec, after.spec) : effectChange(before, after)),
    ...(effect ? [] : plainChange('annotations', hintsOf(old), hintsOf(fresh), 'wording')),
    ...plainChange('icons', old['icons'], fresh['icons'], 'neutral'),
    ...plainChange('_meta', old['_meta'], fresh['_meta'], 'neutral'),
  ]
}

function specChanges(before: NonNullable<SeenTool['spec']>, after: NonNullable<SeenTool['spec']>): readonly Change[] {
  const [was, is] = [before.operation as Json, after.operation as Json]
  return [
    ...policyChanges(before, after),
    ...(areEqual(was, is) ? [] : [change('neutral', 'operation', 'what is done behind it changed; its answers may differ')]),
  ]
}

/** What a tool does, by its manifest or by the hints it gives clients. */
export function effectOf({ spec, definition }: SeenTool): Effect {
  if (spec) return spec.effect
  const hints = isObject(definition['annotations']) ? definition['annotations'] : {}
  if (hints['readOnlyHint'] === true) return 'read'
  return hints['destructiveHint'] === false ? 'write' : 'destroy'
}

function effectChange(before: SeenTool, after: SeenTool): readonly Change[] {
  const [was, is] = [effectOf(before), effectOf(after)]
  const more = effects.indexOf(is) - effects.indexOf(was)
  return more === 0 ? [] : [{ verdict: more > 0 ? 'looser' : 'tighter', part: 'policy', path: 'effect', message: `${was} → ${is}` }]
}

/** The annotations without the title, which is told as one. */
function hintsOf({ annotations }: JsonObject): Json | undefined {
  if (!isObject(annotations)) return undefined
  const { title: _title, ...hints } = annotations
  return Object.keys(hints).length === 0 ? undefined : hints
}

/** Changes of a schema of the tool, with the part of it they are in. */
export function schemaChanges(part: Direction, before: Json | undefined, after: Json | undefined): readonly Change[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [change('compatible', part, 'the schema of the answer is new')]
  if (after === undefined) return [change('breaking', part, 'the schema of the answer is gone')]
  return compareSchemas(before as JsonSchema, after as JsonSchema, part).map(({ verdict, path, message, isUntold }) => ({
    verdict,
    part,
    ...(path !== '' && { path }),
    message,
    ...(isUntold && { isUntold: true as const }),
  }))
}
