import { change, type Change, type Entry } from './report.ts'
import type { SeenToolset, Snapshot } from './snapshot.ts'
import { effectOf } from './tools.ts'

/** Toolsets that came or went, and what joined or left them. What is gone from the whole hub is told there. */
export function compareToolsets(before: Snapshot, after: Snapshot, renames: ReadonlyMap<string, string>): readonly Entry[] {
  if (!before.manifests || !after.manifests) return []
  const fresh = new Map(after.manifests.toolsets.map((toolset) => [toolset.name, toolset]))
  const old = new Set(before.manifests.toolsets.map(({ name }) => name))
  const come = after.manifests.toolsets.filter(({ name }) => !old.has(name))
  return [
    ...before.manifests.toolsets.flatMap((toolset) => entryOf(toolset, fresh.get(toolset.name), after, renames)),
    ...come.map(({ name, tools }): Entry => ({
      sort: 'toolset',
      name,
      state: 'added',
      changes: [change('compatible', 'name', `is new, with ${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}`)],
    })),
  ]
}

function entryOf(before: SeenToolset, after: SeenToolset | undefined, side: Snapshot, renames: ReadonlyMap<string, string>): readonly Entry[] {
  const { name } = before
  if (!after) return [{ sort: 'toolset', name, state: 'removed', changes: [change('breaking', 'name', 'is gone')] }]
  const there = new Set([...side.tools.map((tool) => tool.name), ...side.prompts.map((prompt) => prompt.name), ...side.resources.map(({ uri }) => uri)])
  const old = before.tools.map((tool) => renames.get(tool) ?? tool)
  const changes = [
    ...memberChanges('tools', old, after.tools, there),
    ...memberChanges('prompts', before.prompts, after.prompts, there),
    ...memberChanges('resources', before.resources, after.resources, there),
    ...side.tools
      .filter((tool) => after.tools.includes(tool.name) && !old.includes(tool.name) && effectOf(tool) !== 'read')
      .map((tool) => change('looser', 'tools', `models of this toolset can do more: ${tool.name} (${effectOf(tool)})`)),
  ]
  return changes.length === 0 ? [] : [{ sort: 'toolset', name, state: 'changed', changes }]
}

function memberChanges(part: string, before: readonly string[], after: readonly string[], there: ReadonlySet<string>): readonly Change[] {
  return [
    ...before.filter((name) => !after.includes(name) && there.has(name)).map((name) => change('breaking', part, `${name} left`)),
    ...after.filter((name) => !before.includes(name)).map((name) => change('compatible', part, `${name} joined`)),
  ]
}
