import { Secret } from '../../runtime/contract/secret.ts'
import type { Answer } from '../../runtime/contract/answer.ts'
import type { Json, JsonObject, JsonSchema } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { Effect } from '../../runtime/contract/principal.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { clickhouse } from '../../runtime/kinds/clickhouse/kind.ts'
import type { ClickHouseOperation } from '../../runtime/kinds/clickhouse/operation.ts'
import { lend, type Lent } from './lent.ts'

/** A tool as the compiler would make it of an operation. */
export function toolOf(
  operation: ClickHouseOperation,
  { effect = 'read', input = {}, result = {} }: { effect?: Effect; input?: JsonSchema; result?: { rows?: number; bytes?: number } } = {},
): ToolSpec<ClickHouseOperation> {
  return {
    name: 'history_tool',
    local: 'tool',
    connector: 'history',
    summary: 'A tool of a test.',
    input,
    effect,
    role: 'reader',
    operation,
    policy: {
      timeoutMs: 30_000,
      retry: 0,
      breaker: { failures: 5, resetMs: 30_000 },
      result: { rows: 1_000, bytes: 262_144, ...result },
      arguments: [],
      scopes: [],
    },
    aliases: [],
    annotations: {},
    tests: [],
    digest: 'digest',
    place: { file: 'history.yaml', line: 1, column: 1 },
  }
}

/** A declared statement. */
export const reading = (sql: string, result: { rows?: number; bytes?: number } = {}): ToolSpec<ClickHouseOperation> => toolOf({ sql }, { result })

/** Opens a connector on a URL. */
export const connect = (url: string, config: JsonObject = {}, lent: Lent = lend('history')): Promise<Connector<ClickHouseOperation>> =>
  clickhouse.open({ url: new Secret(url, 'env:CLICKHOUSE_URL'), migrations: true, ...config }, lent)

/** The rows of a data answer. */
export function rowsOf(answer: Answer): readonly JsonObject[] {
  if (answer.type !== 'data') throw new Error(`the answer is of type ${answer.type}`)
  return (answer.data as unknown as { readonly rows: readonly JsonObject[] }).rows
}

/** A standard tool of the kind, bound to a connector. */
export function standard(name: string): ToolSpec<ClickHouseOperation> {
  const draft = clickhouse.standardTools?.find((tool) => tool.name === name)
  if (!draft) throw new Error(`no standard tool ${name}`)
  return toolOf(draft.operation as Json as unknown as ClickHouseOperation, { input: draft.input })
}
