import type { Answer } from '../../runtime/contract/answer.ts'
import type { Run } from '../../runtime/contract/call.ts'
import type { Json, JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { indicators } from '../../runtime/kinds/indicators/kind.ts'
import { lend, runWith } from './lent.ts'

/** A tool of a connector, as the compiler would make it. */
export const toolOf = (operation: JsonObject, result = { rows: 1_000, bytes: 262_144 }): ToolSpec => ({
  name: 'indicators_test',
  local: 'test',
  connector: 'indicators',
  summary: 'A test.',
  input: { type: 'object' },
  effect: 'read',
  role: 'reader',
  operation,
  policy: { timeoutMs: 10_000, retry: 0, breaker: { failures: 5, resetMs: 1_000 }, result, arguments: [], scopes: [] },
  aliases: [],
  annotations: {},
  tests: [],
  digest: 'test',
  place: { file: 'test.yaml', line: 1, column: 1 },
})

/** One of the standard tools, by the last word of its operation. */
export const standardTool = (standard: string, result?: { readonly rows: number; readonly bytes: number }): ToolSpec => toolOf({ standard }, result)

/** A connector whose calls of other tools are answered here: `effect: read` unless the name begins with write. */
export async function openConnector(
  others: Readonly<Record<string, (args: JsonObject) => Answer | Promise<Answer>>> = {},
  config: JsonObject = {},
): Promise<{ readonly connector: Connector; readonly run: (signal?: AbortSignal) => Run }> {
  const names = Object.keys(others)
  const lent = lend('indicators')
  const catalogue = {
    ...lent.hub.catalogue,
    describe: (tool: string) => (names.includes(tool) ? { name: tool, effect: tool.startsWith('write') ? 'write' : 'read' } : undefined),
    suggest: () => names,
  }
  const connector = await indicators.open(config, { ...lent, hub: { catalogue } })
  return { connector, run: (signal) => ({ ...runWith(signal), call: async (tool, args) => (others[tool] as (args: JsonObject) => Answer)(args) }) }
}

/** The data of a good answer. */
export function dataOf(answer: Answer): {
  readonly data: Record<string, Json> & { readonly rows: readonly JsonObject[] }
  readonly notes: string
  readonly answer: Extract<Answer, { type: 'data' }>
} {
  if (answer.type !== 'data') throw new Error(`answered ${answer.type}`)
  return { data: answer.data as ReturnType<typeof dataOf>['data'], notes: (answer.notes ?? []).join('\n'), answer }
}
