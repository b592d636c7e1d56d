import { isObject, type Json } from '../contract/json.ts'
import type { ToolsetSpec } from '../contract/manifest.ts'
import type { Built } from './connector.ts'
import type { HubFrame } from './config.ts'
import { matcher, tellDuplicates, type Declared } from './names.ts'
import type { TellIn } from './references.ts'
import { listed, suggest } from './suggest.ts'

/** What can only be known with every connector in sight: names that stand twice, fallbacks and toolsets that lead nowhere. */
export function checkAcross(frame: HubFrame, connectors: readonly Built[], tell: TellIn): void {
  const named = connectors.flatMap(({ source, name }) => (name === undefined ? [] : [{ name, source, path: ['connector'], part: 'value' as const }]))
  tellDuplicates(named, 'connector', tell)
  const tools = connectors.flatMap(toolNames)
  const prompts = connectors.flatMap((built) => namesUnder(built, 'prompts', prefixed(built)))
  const resources = connectors.flatMap((built) => namesUnder(built, 'resources', (uri) => uri))
  // A connector declared twice has every tool twice; that is told once, of the connector.
  const firsts = new Set(new Map(named.toReversed().map(({ name, source }) => [name, source])).values())
  const firstOnly = (declared: readonly Declared[]): readonly Declared[] => declared.filter(({ source }) => firsts.has(source))
  tellDuplicates(firstOnly(tools), 'tool', tell)
  tellDuplicates(firstOnly(prompts), 'prompt', tell)
  tellDuplicates(firstOnly(resources), 'resource', tell)
  // With a file unread, what it declares is not known, and half of what follows would be wrong.
  if (connectors.some(({ name }) => name === undefined)) return
  tellFallbacks(connectors, tell)
  const pools: Readonly<Record<Selected, Pool>> = {
    tools: { names: tools.map(({ name }) => name), open: [] },
    prompts: { names: prompts.map(({ name }) => name), open: connectors.filter(({ isPinnedKind }) => isPinnedKind).map(({ name }) => `${String(name)}_`) },
    resources: { names: resources.map(({ name }) => name), open: connectors.some(({ isPinnedKind }) => isPinnedKind) ? [''] : [] },
  }
  for (const toolset of frame.toolsets) tellToolset(frame, toolset, pools, tell)
}

const prefixed =
  ({ name }: Built) =>
  (local: string): string =>
    `${String(name)}_${local}`

/** As written, so that names of a connector with faults count too. */
function toolNames(built: Built): readonly Declared[] {
  const { source, spec } = built
  const declared = namesUnder(built, 'tools', prefixed(built))
  const standard = (spec?.tools ?? [])
    .filter(({ local }) => !source.has(['tools', local]))
    .map(({ name }) => ({ name, source, path: ['connector'], part: 'value' as const }))
  return [...declared, ...standard, ...aliases(built)]
}

function aliases(built: Built): readonly Declared[] {
  const { source, name } = built
  const tools = isObject(source.value) ? source.value['tools'] : undefined
  if (name === undefined || !isObject(tools)) return []
  return Object.entries(tools).flatMap(([tool, entry]) => {
    const listed = isObject(entry) && Array.isArray(entry['aliases']) ? (entry['aliases'] as Json[]) : []
    return listed.map((alias, index) => ({ name: `${name}_${String(alias)}`, source, path: ['tools', tool, 'aliases', index], part: 'value' as const }))
  })
}

function namesUnder({ source, name }: Built, field: string, full: (local: string) => string): readonly Declared[] {
  const declared = isObject(source.value) ? source.value[field] : undefined
  if (name === undefined || !isObject(declared)) return []
  return Object.keys(declared).map((local) => ({ name: full(local), source, path: [field, local], part: 'key' as const }))
}

function tellFallbacks(connectors: readonly Built[], tell: TellIn): void {
  const names = connectors.map(({ name }) => String(name))
  for (const { source, name, spec } of connectors) {
    for (const [index, fallback] of (spec?.fallback ?? []).entries()) {
      const path = ['fallback', index]
      if (fallback === name) tell(source, { code: 'HUB_CONFIG_VALUE', message: 'a connector cannot be its own fallback', hint: 'name another connector', path })
      else if (!names.includes(fallback))
        tell(source, {
          code: 'HUB_CONFIG_REFERENCE',
          message: `there is no connector "${fallback}"`,
          hint: suggest(fallback, names) ?? `connectors: ${listed(names)}`,
          path,
        })
    }
  }
}

type Selected = 'tools' | 'prompts' | 'resources'

interface Pool {
  readonly names: readonly string[]
  /** Beginnings of names that only an upstream knows. */
  readonly open: readonly string[]
}

function tellToolset(frame: HubFrame, toolset: ToolsetSpec, pools: Readonly<Record<Selected, Pool>>, tell: TellIn): void {
  for (const field of ['tools', 'prompts', 'resources'] as const) {
    const { names, open } = pools[field]
    for (const [index, pattern] of toolset[field].entries()) {
      const head = pattern.split('*')[0] as string
      const mayMatch = open.some((prefix) => head.startsWith(prefix) || (pattern.includes('*') && prefix.startsWith(head)))
      if (mayMatch || pattern === '*' || names.some(matcher(pattern))) continue
      const hint =
        suggest(pattern, names) ??
        suggest(pattern.replaceAll('*', ''), names) ??
        (names.length === 0 ? `no connector has ${field}` : `${field} are ${listed(names, 4)}`)
      tell(frame.source, {
        code: 'HUB_CONFIG_REFERENCE',
        message: `"${pattern}" matches no ${field.slice(0, -1)}`,
        hint,
        path: ['toolsets', toolset.name, field, index],
      })
    }
  }
}
