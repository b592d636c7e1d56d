import { compareConnectors } from './connectors.ts'
import { compareHub } from './hub.ts'
import { comparePrompts } from './prompts.ts'
import { has, sorts, verdicts, type Change, type Entry, type Report, type Verdict } from './report.ts'
import { compareResources } from './resources.ts'
import type { Snapshot } from './snapshot.ts'
import { compareTokens, type CountTokens } from './tokens.ts'
import { compareTools } from './tools.ts'
import { compareToolsets } from './toolsets.ts'

/** What became of all that one side offers on the other. Pure: the same sides give the same report. */
export function comparePlans(before: Snapshot, after: Snapshot, count: CountTokens): Report {
  const tools = compareTools(before, after)
  const entries = [
    ...tools.entries,
    ...comparePrompts(before.prompts, after.prompts),
    ...compareResources(before.resources, after.resources),
    ...compareToolsets(before, after, tools.renames),
    ...(before.manifests && after.manifests ? compareConnectors(before.manifests.connectors, after.manifests.connectors) : []),
    ...compareHub(before.manifests?.hub, after.manifests?.hub),
  ]
  return {
    before: before.label,
    after: after.label,
    tools: { before: before.tools.length, after: after.tools.length },
    counts: countsOf(entries),
    entries: entries.map(sorted).toSorted(inOrder),
    tokens: compareTokens(before, after, tools.renames, count),
    notes: [...before.notes, ...after.notes],
  }
}

const countsOf = (entries: readonly Entry[]): Report['counts'] => {
  const all = entries.flatMap(({ changes }) => changes)
  return Object.fromEntries(verdicts.map((verdict) => [verdict, all.filter((change) => change.verdict === verdict).length])) as Record<Verdict, number>
}

const weight = ({ verdict }: Change): number => verdicts.indexOf(verdict)

const sorted = (entry: Entry): Entry => ({ ...entry, changes: entry.changes.toSorted((left, right) => weight(left) - weight(right)) })

const inOrder = (left: Entry, right: Entry): number =>
  Number(has(right, 'breaking')) - Number(has(left, 'breaking')) ||
  sorts.indexOf(left.sort) - sorts.indexOf(right.sort) ||
  (left.name < right.name ? -1 : left.name > right.name ? 1 : 0)
