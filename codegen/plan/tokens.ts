import { encoding } from './tokenizer.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { SeenEndpoint, Snapshot } from './snapshot.ts'

/** Tokens of one thing on each side; absent: it is not there. */
export interface TokenChange {
  readonly name: string
  readonly before?: number
  readonly after?: number
}

/** What the lists of tools cost a model that has them in its context. */
export interface TokenReport {
  readonly encoding: string
  /** `/mcp`, then toolsets, then connectors; those on one side only too. */
  readonly endpoints: readonly TokenChange[]
  /** Tools whose cost changed, the biggest movers first. */
  readonly tools: readonly TokenChange[]
}

/** Counts the tokens of a text. */
export type CountTokens = (text: string) => number

/** Compares the cost of every endpoint and tool. A tool's cost is that of its name, description and input schema as JSON: the part every client hands to its model. A renamed tool is told under its new name. */
export function compareTokens(before: Snapshot, after: Snapshot, renames: ReadonlyMap<string, string>, count: CountTokens): TokenReport {
  const known = new Map<string, number>()
  const costOf = (definition: JsonObject): number => {
    const text = modelText(definition)
    const cost = known.get(text) ?? count(text)
    known.set(text, cost)
    return cost
  }
  const total = ({ tools }: SeenEndpoint): number => tools.reduce((sum, { definition }) => sum + costOf(definition), 0)
  const endpoints = pair(
    before.endpoints.map((endpoint) => [endpoint.path, total(endpoint)]),
    after.endpoints.map((endpoint) => [endpoint.path, total(endpoint)]),
  )
  const tools = pair(
    before.tools.map(({ name, definition }) => [renames.get(name) ?? name, costOf(definition)]),
    after.tools.map(({ name, definition }) => [name, costOf(definition)]),
  )
  return {
    encoding,
    endpoints: comparable(endpoints, before, after).toSorted((left, right) => rank(left) - rank(right) || order(left.name, right.name)),
    tools: tools
      .filter((one) => one.before !== one.after)
      .toSorted((left, right) => Math.abs(growth(right)) - Math.abs(growth(left)) || order(left.name, right.name)),
  }
}

/** What a client hands to its model of one tool. */
const modelText = ({ name, description, inputSchema }: JsonObject): string => JSON.stringify({ name, description, inputSchema })

/** Tokens more than before. */
export const growth = ({ before = 0, after = 0 }: TokenChange): number => after - before

function pair(before: readonly (readonly [string, number])[], after: readonly (readonly [string, number])[]): readonly TokenChange[] {
  const [old, fresh] = [new Map(before), new Map(after)]
  return [...new Set([...old.keys(), ...fresh.keys()])].map((name) => ({
    name,
    ...(old.has(name) && { before: old.get(name) }),
    ...(fresh.has(name) && { after: fresh.get(name) }),
  }))
}

/** Over the protocol one endpoint is seen; the others are not there to be compared with. */
function comparable(endpoints: readonly TokenChange[], before: Snapshot, after: Snapshot): readonly TokenChange[] {
  if (before.manifests && after.manifests) return endpoints
  return endpoints.filter((one) => one.before !== undefined && one.after !== undefined)
}

const rank = ({ name }: TokenChange): number => (name === '/mcp' ? 0 : name.startsWith('/mcp/toolsets/') ? 1 : 2)
const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
