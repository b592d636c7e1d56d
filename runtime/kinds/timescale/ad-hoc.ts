import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler, Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Json } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import type { StatementFinding } from '../../guards/sql-finding.ts'
import { readStatement } from '../../guards/sql.ts'
import type { Settings } from './config.ts'
import { parameterTypes } from './describe.ts'
import { runStatement } from './run.ts'
import type { Runnable } from './runnable.ts'
import type { AdHocOperation } from './operation.ts'
import { isComposite, parameterOf } from './parameters.ts'
import type { Pools } from './pools.ts'
import { answerOf } from './statement.ts'

/** Binds a tool whose statement its caller writes: guarded at every call, in a session that cannot write, capped. */
export function bindAdHoc(tool: ToolSpec<AdHocOperation>, pools: Pools, settings: Settings): Handler {
  const isExplain = tool.operation.adHoc === 'explain'
  return async (args, run) => {
    const sql = String(args['sql'])
    const { findings } = await readStatement(sql, { effect: 'read', placeholders: 'positional' })
    const finding = findings[0]
    if (finding) throw refusal(finding, sql)
    const text = isExplain ? `EXPLAIN (FORMAT JSON${args['analyze'] === true ? ', ANALYZE' : ''}) ${sql}` : sql
    const answer = await runOnce({ name: '', text, canWrite: false, statementTimeoutMs: settings.statementTimeoutMs }, args, run)
    return isExplain ? asPlan(answer) : answer
  }

  async function runOnce(runnable: Runnable, args: Args, run: Run): Promise<Answer> {
    const params = (args['params'] ?? []) as readonly Json[]
    const types = params.some(isComposite) ? await parameterTypes(pools, runnable, run) : []
    const values = params.map((value, index) => parameterOf(value, types[index]))
    return answerOf(await runStatement(pools, runnable, values, tool.policy.result, run), { ...tool, operation: {} })
  }
}

function refusal({ message, hint, within }: StatementFinding, sql: string): HubError {
  const near = sql.slice(within.offset, within.offset + Math.min(within.length, 60))
  const text = `this statement is not run: ${message}, at character ${within.offset + 1}${near === '' ? '' : ` ("${near}")`}`
  return new HubError('HUB_DENIED', hint === undefined ? text : `${text}; ${hint}`, { position: within.offset + 1 })
}

/** The one row of EXPLAIN under a name that says what it is. */
function asPlan(answer: Answer): Answer {
  if (answer.type !== 'data') return answer
  const { rows } = answer.data as { readonly rows: readonly { readonly [column: string]: Json }[] }
  return { ...answer, data: { rows: rows.map((row) => ({ plan: row['QUERY PLAN'] ?? null })) } }
}
