import type { Answer } from '../../runtime/contract/answer.ts'
import type { Args, Run } from '../../runtime/contract/call.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import { isObject, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { Principal } from '../../runtime/contract/principal.ts'
import { settingsOf, type MemoryConfig } from '../../runtime/kinds/memory/config.ts'
import { memory } from '../../runtime/kinds/memory/kind.ts'
import { connectorOf } from '../../runtime/kinds/memory/open.ts'
import type { MemoryOperation } from '../../runtime/kinds/memory/operation.ts'
import type { MemoryStore } from '../../runtime/kinds/memory/store.ts'
import type { ToolPolicy } from '../../runtime/contract/tool.ts'
import { tool } from '../fixtures/plan.ts'
import { runWith, someone } from './lent.ts'

/** Someone of an organisation. */
export const agent = (id: string, organisation = 'default'): Principal => ({ ...someone, id, organisation })

/** A run of one call by someone. */
export const runOf = (principal: Principal, over: Partial<Run> = {}): Run => ({ ...runWith(), principal, ...over })

/** A connector over a store that is already there. */
export const over = (store: MemoryStore, config: MemoryConfig = {}): Connector<MemoryOperation> => connectorOf({ store, settings: settingsOf(config) })

/** Calls a standard tool as someone; the data it answered. */
export async function call(connector: Connector, name: string, args: Args = {}, run: Run = runWith(), policy: Partial<ToolPolicy> = {}): Promise<JsonObject> {
  const answer = await answerOf(connector, name, args, run, policy)
  if (answer.type !== 'data' || !isObject(answer.data)) throw new Error('no data')
  return answer.data
}

/** The same, with notes and all. */
export function answerOf(connector: Connector, name: string, args: Args = {}, run: Run = runWith(), policy: Partial<ToolPolicy> = {}): Promise<Answer> {
  const draft = memory.standardTools?.find((one) => one.name === name)
  if (!draft) throw new Error(`no standard tool ${name}`)
  const bytes = name === 'get_state' ? { result: { rows: 1_000, bytes: 2_097_152 } } : {}
  return connector.bind(tool('memory', name, { operation: draft.operation, input: draft.input, effect: draft.effect, policy: { ...bytes, ...policy } }))(
    args,
    run,
  )
}

/** The error a call ends with. */
export async function refusal(asked: Promise<unknown>): Promise<HubError> {
  const [result] = await Promise.allSettled([asked])
  if (result.status === 'rejected' && result.reason instanceof HubError) return result.reason
  throw result.status === 'rejected' ? result.reason : new Error(`it was answered: ${JSON.stringify(result.value).slice(0, 200)}`)
}
