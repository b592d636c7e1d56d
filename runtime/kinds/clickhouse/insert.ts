import type { Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, type Json } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import type { KnownColumns } from './columns.ts'
import { insertRows } from './insertion.ts'
import type { InsertOperation } from './operation.ts'
import type { Server } from './server.ts'

const batch = 10_000
const mostTold = 100

/** Binds a tool that inserts rows of its caller. */
export function bindInsert(tool: ToolSpec<InsertOperation>, server: Server, known: KnownColumns): Handler {
  const { table, columns, rows: input } = tool.operation.insert
  const target = { table, batch, ...(columns && { only: columns }) }
  return async (args, run) => {
    const rows = args[input]
    const given: readonly Json[] = Array.isArray(rows) ? rows : []
    const stranger = given.findIndex((row) => !isObject(row))
    if (stranger >= 0) throw new HubError('HUB_ARGS_INVALID', `"${input}[${stranger}]" is not an object`)
    const { rows: written, refused = [] } = await insertRows(server, known, target, given.filter(isObject), run)
    const told = refused.slice(0, mostTold).map(({ index, reason }) => ({ index, reason }))
    if (written === 0 && refused.length > 0) {
      const [first] = told
      throw new HubError('HUB_ARGS_INVALID', `no row fits ${table}: "${input}[${first?.index}]": ${first?.reason}`, { refused: told })
    }
    const notes = refused.length === 0 ? undefined : [`${refused.length} of ${given.length} rows were refused and not written; the others are written`]
    return { type: 'data', data: { written, refused: told }, ...(notes && { notes }) }
  }
}
