import { isObject, type JsonObject, type JsonSchema } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import type { ToolDraft } from '../../contract/tool.ts'
import { comparePlaceholders } from '../../guards/sql-placeholders.ts'
import { readStatement } from '../../guards/sql.ts'
import { lintInsert } from './lint-insert.ts'
import { effectsOfManagement } from './manage-tools.ts'
import type { InsertOperation, Management } from './operation.ts'

/** What a statement is without a database: it parses, is one, does no more than its effect says, and its placeholders and inputs agree. */
export async function lint(draft: ToolDraft): Promise<readonly Finding[]> {
  const { operation } = draft
  if (!isObject(operation)) return []
  if (operation['adHoc'] !== undefined) return lintAdHoc(draft)
  if (operation['insert'] !== undefined) return lintInsert(draft, operation['insert'] as unknown as InsertOperation['insert'])
  if (operation['manage'] !== undefined) return lintManagement(draft, operation['manage'] as Management)
  const { sql } = operation
  if (typeof sql !== 'string') return []
  const path = ['operation', 'sql']
  const statement = await readStatement(sql, { effect: draft.effect })
  const { missing, unused } = comparePlaceholders(statement.placeholders, inputNames(draft.input))
  const findings = [...statement.findings, ...missing].map((finding): Finding => ({ ...finding, path }))
  if (statement.findings.length > 0) return findings
  return [
    ...findings,
    ...unused.map(({ name, hint }): Finding => ({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `no :${name} in the statement uses this input`,
      hint,
      path: ['input', 'properties', name],
    })),
  ]
}

function lintAdHoc(draft: ToolDraft): readonly Finding[] {
  if (draft.effect !== 'read') return [{ code: 'HUB_CONFIG_OPERATION', message: 'statements of callers only read', hint: 'say effect: read', path: ['effect'] }]
  return []
}

function lintManagement({ effect }: ToolDraft, management: Management): readonly Finding[] {
  const fits = effectsOfManagement[management]
  if (effect === fits) return []
  return [{ code: 'HUB_CONFIG_OPERATION', message: `${management} is of effect ${fits}`, hint: `say effect: ${fits}`, path: ['effect'] }]
}

/** The properties an input may have, those of its `allOf`, `anyOf` and `oneOf` included. */
export function inputNames(input: JsonSchema): readonly string[] {
  return isObject(input) ? [...new Set(namesIn(input, input, 0))] : []
}

function namesIn(schema: JsonObject, root: JsonObject, depth: number): readonly string[] {
  if (depth > 8) return []
  const { properties, $ref, allOf, anyOf, oneOf } = schema
  const own = isObject(properties) ? Object.keys(properties) : []
  const members = [allOf, anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []))
  const target = typeof $ref === 'string' ? pointed(root, $ref) : undefined
  return [...own, ...(target ? [...members, target] : members).flatMap((member) => namesIn(member, root, depth + 1))]
}

function pointed(root: JsonObject, reference: string): JsonObject | undefined {
  if (!reference.startsWith('#/')) return undefined
  let value: unknown = root
  for (const key of reference.slice(2).split('/')) value = isObject(value) ? value[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return isObject(value) ? value : undefined
}
