import { isDeeperThan, isObject, type JsonObject } from '../../runtime/contract/json.ts'
import type { Definitions } from '../../runtime/contract/kind.ts'
import { toCurrentDialect } from '../../runtime/manifest/dialect.ts'
import { schemaCheck } from '../../runtime/manifest/json-schema.ts'

/** The hub reads a file of pinned definitions 100 levels deep, and a definition begins on its third. */
const mostLevels = 97

/** Says why the hub could not serve a tool that is defined so; undefined when it can. */
export function fitness(): (definition: JsonObject) => string | undefined {
  const check = schemaCheck()
  return (definition) => {
    if (needsTask(definition)) return 'it answers only as a task'
    if (isTooDeep(definition)) return `its definition lies more than ${mostLevels} levels deep`
    for (const member of ['inputSchema', 'outputSchema'] as const) {
      const schema = definition[member]
      const [fault] = isObject(schema) ? check(toCurrentDialect(schema)) : []
      if (fault !== undefined) return `its ${[member, ...fault.path].join('.')} is no schema the hub can use: ${fault.message}`
    }
    return undefined
  }
}

/** What can be pinned of the definitions: one tool that lies too deep would make the file unreadable for all of them. */
export const pinnable = (definitions: Definitions): Definitions => ({ ...definitions, tools: definitions.tools.filter((tool) => !isTooDeep(tool)) })

const isTooDeep = (definition: JsonObject): boolean => isDeeperThan(mostLevels, definition)

/** True for a tool that only speaks the task protocol of revision 2025-11-25, which ended with it. */
const needsTask = ({ execution }: JsonObject): boolean => isObject(execution) && execution.taskSupport === 'required'
