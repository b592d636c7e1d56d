import type { Json, JsonObject } from '../contract/json.ts'
import type { Definitions, Extras } from '../contract/kind.ts'
import type { Logger } from '../contract/telemetry.ts'
import type { Upstream } from '../registry/types.ts'
import { globMatches } from '../contract/glob.ts'
import type { Caller } from './caller.ts'

const listMs = 3_000

/** A list of an upstream, live when it is open, else as pinned. A slow or sick upstream is waited for briefly and answers with what is pinned: it never empties another's list. */
export async function listOf(
  upstream: Upstream,
  live: (extras: Extras) => Promise<readonly JsonObject[]>,
  pinned: keyof Pick<Definitions, 'prompts' | 'resources' | 'resourceTemplates'>,
  log: Logger,
): Promise<readonly JsonObject[]> {
  const { spec } = upstream.connector
  const kept = spec.definitions?.[pinned] ?? []
  // What is pinned opens nothing for a list; nothing is pinned of the hub's own kinds.
  const extras = upstream.connector.extras() ?? (spec.definitions === undefined ? await opened(upstream, log) : undefined)
  if (!extras) return kept
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), listMs)
  })
  try {
    const listed = await Promise.race([live(extras), late])
    if (listed) return listed
    log.warn('upstream list is late', { connector: spec.name, list: pinned })
  } catch (error) {
    log.warn('upstream list failed', { connector: spec.name, list: pinned, error })
  } finally {
    clearTimeout(timer)
  }
  return kept
}

async function opened({ connector }: Upstream, log: Logger): Promise<Extras | undefined> {
  try {
    return (await connector.open()).extras
  } catch (error) {
    log.debug('resources of a connector that does not open are not listed', { connector: connector.spec.name, error })
    return undefined
  }
}

/** Whether a toolset names an upstream's prompt or resource, by the name it would be exposed under; other endpoints take all. */
export function takes({ view, registry }: Caller, list: 'prompts' | 'resources', exposed: string): boolean {
  if (view.endpoint.kind !== 'toolset') return true
  const patterns = registry.plan.toolsets.find(({ name }) => name === view.endpoint.name)?.[list] ?? []
  return patterns.some((pattern) => globMatches(pattern, exposed))
}

/** Sorts definitions by one of their texts, so that lists keep their order from call to call. */
export const sortedBy = (definitions: readonly JsonObject[], key: string): readonly JsonObject[] =>
  definitions.toSorted((left, right) => order(left[key], right[key]))

const order = (left: Json | undefined, right: Json | undefined): number => (String(left) < String(right) ? -1 : String(left) > String(right) ? 1 : 0)
