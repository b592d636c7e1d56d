import { policyChanges } from './policy.ts'
import { change, type Entry } from './report.ts'
import type { SeenResource } from './snapshot.ts'
import { definitionWords, plainChange } from './words.ts'

/** Resources and templates that came, went or changed. */
export function compareResources(before: readonly SeenResource[], after: readonly SeenResource[]): readonly Entry[] {
  const fresh = new Map(after.map((resource) => [resource.uri, resource]))
  const old = new Set(before.map(({ uri }) => uri))
  return [
    ...before.flatMap((resource) => entryOf(resource, fresh.get(resource.uri))),
    ...after
      .filter(({ uri }) => !old.has(uri))
      .map(({ uri }): Entry => ({ sort: 'resource', name: uri, state: 'added', changes: [change('compatible', 'uri', 'is new')] })),
  ]
}

function entryOf(before: SeenResource, after: SeenResource | undefined): readonly Entry[] {
  const { uri } = before
  if (!after) return [{ sort: 'resource', name: uri, state: 'removed', changes: [change('breaking', 'uri', 'is gone')] }]
  const [old, fresh] = [before.definition, after.definition]
  const changes = [
    ...plainChange('mimeType', old['mimeType'], fresh['mimeType'], 'breaking'),
    ...definitionWords(old, fresh, ['name', 'title', 'description']),
    ...(before.spec && after.spec ? policyChanges(before.spec, after.spec) : []),
    ...(before.spec && after.spec ? plainChange('operation', before.spec.operation as never, after.spec.operation as never, 'neutral') : []),
  ]
  return changes.length === 0 ? [] : [{ sort: 'resource', name: uri, state: 'changed', changes }]
}
