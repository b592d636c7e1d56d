import type { Answer } from '../../runtime/contract/answer.ts'
import type { Args, Run } from '../../runtime/contract/call.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { ToolPolicy, ToolSpec } from '../../runtime/contract/tool.ts'
import type { RedpandaOperation, Standard } from '../../runtime/kinds/redpanda/operation.ts'
import { runWith } from './lent.ts'

type Data = Extract<Answer, { type: 'data' }>
/** The data of an answer, as tests look into it. */
export type Loose = any

/** A tool of an operation, with caps a test may set. */
export function toolOf(operation: RedpandaOperation, result: ToolPolicy['result'] = { rows: 1_000, bytes: 262_144 }): ToolSpec<RedpandaOperation> {
  return {
    name: 'bus_test',
    local: 'test',
    connector: 'bus',
    summary: 'A test.',
    input: { type: 'object' },
    effect: 'read',
    role: 'reader',
    operation,
    policy: { timeoutMs: 60_000, retry: 0, breaker: { failures: 5, resetMs: 1_000 }, result, arguments: [], scopes: [] },
    aliases: [],
    annotations: {},
    tests: [],
    digest: 'test',
    place: { file: 'test.yaml', line: 1, column: 1 },
  }
}

/** Calls a standard tool; resolves with its answer. */
export async function ask(connector: Connector, standard: Standard, args: Args, run: Run = runWith(), result?: ToolPolicy['result']): Promise<Data> {
  return (await connector.bind(toolOf({ standard }, result))(args, run)) as Data
}

/** The same, and only its data. */
export const dataOf = async (connector: Connector, standard: Standard, args: Args, run?: Run): Promise<Loose> =>
  (await ask(connector, standard, args, run)).data

/** Creates a topic and resolves with its name, which no other test has. */
export async function freshTopic(connector: Connector, stem: string, more: JsonObject = {}): Promise<string> {
  counter += 1
  const topic = `${stem}.${process.pid}-${counter}`
  await ask(connector, 'create_topic', { topic, partitions: 1, ...more })
  return topic
}
let counter = 0

/** Writes values as JSON, one message each, in order. */
export async function write(connector: Connector, topic: string, values: readonly unknown[], more: JsonObject = {}): Promise<void> {
  for (const value of values) await ask(connector, 'produce', { topic, value: value as JsonObject, ...more })
}
