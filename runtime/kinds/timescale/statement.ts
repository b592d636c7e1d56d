import { createHash } from 'node:crypto'
import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Json } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { readStatement } from '../../guards/sql.ts'
import type { Settings } from './config.ts'
import { parameterTypes } from './describe.ts'
import { runStatement } from './run.ts'
import type { Outcome, Runnable, Waiting } from './runnable.ts'
import type { StatementOperation } from './operation.ts'
import { Pace } from './pace.ts'
import { isComposite, parameterOf } from './parameters.ts'
import type { Pools } from './pools.ts'

/** A declared statement after its first use: nothing of it is read again. */
interface Prepared {
  readonly runnable: Runnable
  readonly names: readonly string[]
  /** Learned from the server at the first array or object. */
  types?: readonly number[]
}

/** Binds a declared statement. It is read and numbered once, at its first call. */
export function bindStatement(tool: ToolSpec<StatementOperation>, pools: Pools, settings: Settings): Handler {
  const { operation } = tool
  const caps = tool.policy.result
  let prepared: Prepared | undefined
  // Calls that come while it is read wait for the one reading.
  let preparing: Promise<Prepared> | undefined

  async function prepare(): Promise<Prepared> {
    const { text, names, findings } = await readStatement(operation.sql, { effect: tool.effect })
    const finding = findings[0]
    if (finding) throw new HubError('HUB_QUERY_FAILED', `the statement of this tool cannot run: ${finding.message}`)
    const name = `hub_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
    const runnable = {
      name,
      text,
      canWrite: tool.effect !== 'read',
      statementTimeoutMs: settings.statementTimeoutMs,
      ...(operation.needs && { needs: operation.needs }),
      ...(tool.effect === 'read' && { pace: new Pace() }),
    }
    prepared = { runnable, names }
    return prepared
  }

  function call(ready: Prepared, args: Args, run: Waiting): Promise<Answer> {
    for (const name of ready.names) if (ready.types === undefined && isComposite(args[name])) return learn(ready, args, run)
    const values = ready.names.map((name, index) => parameterOf(args[name], ready.types?.[index]))
    return runStatement(pools, ready.runnable, values, caps, run).then((outcome) => answerOf(outcome, tool))
  }

  async function learn(ready: Prepared, args: Args, run: Waiting): Promise<Answer> {
    ready.types = await parameterTypes(pools, ready.runnable, run)
    return call(ready, args, run)
  }

  return (args, run) => (prepared ? call(prepared, args, run) : (preparing ??= prepare()).then((ready) => call(ready, args, run)))
}

/** Rows as a data answer; a command that gives none says how many it wrote. */
export function answerOf({ rows, command, count, cut }: Outcome, tool: ToolSpec<{ readonly whenEmpty?: string }>): Answer {
  const { operation, policy } = tool
  const hasWritten = tool.effect !== 'read' && command !== 'SELECT' && count !== undefined
  const data: Json = hasWritten ? { rows, affected: count } : { rows }
  if (cut !== undefined) return { type: 'data', data, truncated: { by: cut, kept: rows.length, limit: policy.result[cut] } }
  if (rows.length === 0 && !hasWritten && operation.whenEmpty !== undefined) return { type: 'data', data, notes: [operation.whenEmpty] }
  return { type: 'data', data }
}
