import type { Answer } from '../../contract/answer.ts'
import type { Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { runStatement, type Outcome } from './execution.ts'
import { judge, type StatementFinding } from './judge.ts'
import type { StatementOperation } from './operation.ts'
import { bindParameters } from './parameters.ts'
import type { Server } from './server.ts'
import { readingSettings, writingSettings } from './settings.ts'

/** Binds a declared statement. It is read once. */
export function bindStatement(tool: ToolSpec<StatementOperation>, server: Server): Handler {
  const { operation, effect } = tool
  const { statementTimeoutMs, tableFunctions } = server.settings
  const { text, placeholders, findings } = judge(operation.sql, { effect, tableFunctions })
  const fault = findings.find(({ severity }) => severity !== 'warning')
  if (fault) return () => Promise.reject(refusal(fault, operation.sql))
  const caps = tool.policy.result
  const canWrite = effect !== 'read'
  // system.query_log then says which tool asked.
  const settings = { ...(canWrite ? writingSettings(statementTimeoutMs) : readingSettings('2', statementTimeoutMs, caps)), log_comment: tool.name }
  return async (args, run) => {
    const bound = bindParameters(text, placeholders, args)
    const outcome = await runStatement(server, { ...bound, settings, canWrite }, caps, run)
    return canWrite ? { type: 'data', data: { done: true } } : answerOf(outcome, tool)
  }
}

/** Rows as a data answer. */
export function answerOf({ rows, cut }: Outcome, { operation, policy }: ToolSpec<{ readonly whenEmpty?: string }>): Answer {
  if (cut !== undefined) return { type: 'data', data: { rows }, truncated: { by: cut, kept: rows.length, limit: policy.result[cut] } }
  if (rows.length === 0 && operation.whenEmpty !== undefined) return { type: 'data', data: { rows }, notes: [operation.whenEmpty] }
  return { type: 'data', data: { rows } }
}

/** Why a statement is not sent. */
export function refusal({ message, hint, within }: StatementFinding, sql: string): HubError {
  const near = sql.slice(within.offset, within.offset + Math.min(within.length, 60))
  const text = `this statement is not run: ${message}, at character ${within.offset + 1}${near === '' ? '' : ` ("${near}")`}`
  return new HubError('HUB_DENIED', hint === undefined ? text : `${text}; ${hint}`, { position: within.offset + 1 })
}
