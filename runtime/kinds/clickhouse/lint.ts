import { isObject, type JsonObject } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import type { ToolDraft } from '../../contract/tool.ts'
import { inputsOf, jsonTypesOf, type Input } from './inputs.ts'
import { judge } from './judge.ts'
import type { Placeholder } from './placeholders.ts'
import { isNullable, valueType, type DataType } from './types.ts'

/** What a tool is without a server: its statement is one, does no more than its effect says, and its placeholders and inputs agree in name and type. */
export function lint(draft: ToolDraft): readonly Finding[] {
  const { operation } = draft
  if (!isObject(operation)) return []
  if (operation['adHoc'] !== undefined) return lintAdHoc(draft)
  if (isObject(operation['insert'])) return lintInsert(draft, operation['insert'])
  const { sql } = operation
  if (typeof sql !== 'string') return []
  const statement = judge(sql, { effect: draft.effect })
  const path = ['operation', 'sql']
  // Whether the config allows what reaches outside is known when the connector opens; until then it is only remarked on.
  const remarks = statement.findings.length > 0 ? [] : judge(sql, { effect: draft.effect, tableFunctions: new Set() }).findings
  const findings = [...statement.findings, ...remarks.map((remark) => ({ ...remark, severity: 'warning' as const }))].map((finding): Finding => ({
    ...finding,
    path,
  }))
  if (findings.some(({ severity }) => severity !== 'warning')) return findings
  const inputs = inputsOf(draft.input)
  return [
    ...findings,
    ...lintPlaceholders(statement.placeholders, inputs).map((finding) => ({ ...finding, path })),
    ...lintUnused(statement.placeholders, inputs),
  ]
}

function lintAdHoc(draft: ToolDraft): readonly Finding[] {
  if (draft.effect !== 'read') return [{ code: 'HUB_CONFIG_OPERATION', message: 'statements of callers only read', hint: 'say effect: read', path: ['effect'] }]
  return []
}

function lintInsert({ effect, input }: ToolDraft, insert: JsonObject): readonly Finding[] {
  const name = String(insert['rows'])
  const rows = inputsOf(input).get(name)
  if (effect === 'read')
    return [{ code: 'HUB_CONFIG_OPERATION', message: 'an insert writes, and the effect is read', hint: 'say effect: write', path: ['effect'] }]
  if (!rows) {
    const message = `no input "${name}" holds the rows`
    return [{ code: 'HUB_CONFIG_PLACEHOLDER', message, hint: `add ${name} to the properties of input`, path: ['operation', 'insert', 'rows'] }]
  }
  const types = jsonTypesOf(rows.schema)
  if (types && !types.has('array')) {
    return [{ code: 'HUB_CONFIG_TYPE', message: `the rows are an array, and "${name}" is not`, hint: 'say type: array', path: ['input', 'properties', name] }]
  }
  return []
}

type InStatement = Omit<Finding, 'path'>

function lintPlaceholders(placeholders: readonly Placeholder[], inputs: ReadonlyMap<string, Input>): readonly InStatement[] {
  return placeholders.flatMap((placeholder): readonly InStatement[] => {
    const { name, type, written, start, end } = placeholder
    const within = { offset: start, length: end - start }
    const input = inputs.get(name)
    if (!input) return [{ code: 'HUB_CONFIG_PLACEHOLDER', message: `{${name}:…} has no input`, hint: `add ${name} to the properties of input`, within }]
    if (!type) return [{ code: 'HUB_CONFIG_PLACEHOLDER', message: `"${written}" is not a type of ClickHouse`, hint: 'write one such as {name:String}', within }]
    const fault = misfit(name, type, input)
    return fault ? [{ code: 'HUB_CONFIG_PLACEHOLDER', ...fault, within }] : []
  })
}

function misfit(name: string, type: DataType, input: Input): { readonly message: string; readonly hint: string } | undefined {
  if (type.name === 'Identifier') {
    const isClosed = isObject(input.schema) && (Array.isArray(input.schema['enum']) || 'const' in input.schema)
    return isClosed
      ? undefined
      : { message: `{${name}:Identifier} lets a caller name any table or column`, hint: `give ${name} an enum of the names that are meant` }
  }
  if (!input.isAlwaysThere && !isNullable(type)) {
    const message = `${name} may be left out, and then {${name}:${type.name}} has no value`
    return { message, hint: `require ${name}, give it a default, or write {${name}:Nullable(…)}` }
  }
  const given = jsonTypesOf(input.schema)
  const taken = takes(valueType(type))
  if (!given || !taken) return undefined
  const wrong = [...given].filter((one) => one !== 'null' && !taken.includes(one))
  if (wrong.length > 0)
    return { message: `${name} may be of type ${wrong.join(', ')}, which ${valueType(type).name} does not take`, hint: `it takes ${taken.join(', ')}` }
  return given.has('null') && !isNullable(type) ? { message: `${name} may be null, which ${type.name} does not take`, hint: 'write Nullable(…)' } : undefined
}

/** The JSON types a type can be bound from; undefined: any. */
function takes({ name }: DataType): readonly string[] | undefined {
  if (/^U?Int\d/.test(name)) return ['integer', 'string']
  if (/^(Decimal|B?Float)/.test(name)) return ['number', 'integer', 'string']
  if (name === 'Bool') return ['boolean']
  if (name.startsWith('Date') || name === 'UUID' || /^(IPv|Enum|Time)/.test(name)) return ['string']
  if (name === 'String' || name === 'FixedString') return ['string', 'number', 'integer', 'boolean', 'object', 'array']
  if (name === 'Array' || name === 'Nested') return ['array']
  if (name === 'Tuple') return ['array', 'object']
  return name === 'Map' ? ['object'] : undefined
}

function lintUnused(placeholders: readonly Placeholder[], inputs: ReadonlyMap<string, Input>): readonly Finding[] {
  const used = new Set(placeholders.map(({ name }) => name))
  return [...inputs.keys()]
    .filter((name) => !used.has(name))
    .map((name) => ({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `no {${name}:Type} in the statement uses this input`,
      hint: 'use it in the statement, or remove it',
      path: ['input', 'properties', name],
    }))
}
