import type { Args, Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { runStatement } from './execution.ts'
import { judge, type Statement } from './judge.ts'
import type { AdHocOperation } from './operation.ts'
import { bindParameters } from './parameters.ts'
import type { Server } from './server.ts'
import { readingSettings } from './settings.ts'
import { answerOf, refusal } from './statement.ts'

const kinds: Readonly<Record<string, string>> = {
  plan: 'EXPLAIN PLAN indexes = 1, description = 1 ',
  pipeline: 'EXPLAIN PIPELINE ',
  estimate: 'EXPLAIN ESTIMATE ',
  syntax: 'EXPLAIN SYNTAX ',
}

/** Binds a tool whose statement its caller writes: guarded at every call, under `readonly = 1`, where nothing in it can lift a limit, and capped. */
export function bindAdHoc(tool: ToolSpec<AdHocOperation>, server: Server): Handler {
  const { statementTimeoutMs, tableFunctions } = server.settings
  const caps = tool.policy.result
  const isExplain = tool.operation.adHoc === 'explain'
  const settings = { ...readingSettings('1', statementTimeoutMs, caps), log_comment: tool.name }
  return async (args, run) => {
    const sql = String(args['sql'])
    const statement = judge(sql, { effect: 'read', isCallers: true, tableFunctions })
    const fault = statement.findings[0]
    if (fault) throw refusal(fault, sql)
    if (isExplain && !explicable.has(statement.verb))
      throw new HubError('HUB_DENIED', 'only a SELECT can be explained; give the statement itself, without EXPLAIN')
    const bound = bindParameters(statement.text, statement.placeholders, valuesFor(statement, args))
    const text = isExplain ? String(kinds[String(args['kind'] ?? 'plan')]) + bound.text : bound.text
    return answerOf(await runStatement(server, { ...bound, text, settings, canWrite: false }, caps, run), { ...tool, operation: {} })
  }
}

const explicable = new Set(['SELECT', 'WITH', 'FROM'])

/** The values of the caller's placeholders, which must agree with them in both directions. */
function valuesFor({ placeholders }: Statement, args: Args): Args {
  const params = isObject(args['params']) ? args['params'] : {}
  const names = new Set(placeholders.map(({ name }) => name))
  const missing = [...names].find((name) => !Object.hasOwn(params, name))
  if (missing !== undefined) throw new HubError('HUB_ARGS_INVALID', `the statement has {${missing}:…} and params has no "${missing}"`)
  const unused = Object.keys(params).find((name) => !names.has(name))
  if (unused !== undefined) throw new HubError('HUB_ARGS_INVALID', `params has "${unused}" and the statement has no {${unused}:Type}`)
  return params
}
