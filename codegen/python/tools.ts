import type { PythonConnector, PythonTool } from './connector.ts'
import { admitsNull, head, importLine, importText } from './models.ts'
import { builtinNames, nameEach, parameterTaken, pascal } from './names.ts'
import { docstring, pythonText, withoutProse } from './text.ts'
import { none, typeText, unionOf, type Field, type PyType, type Writing } from './type.ts'

/** The name of a connector's class. */
export const toolsClass = (connector: string): string => `${pascal(connector)}Tools`

/** The module of a connector's methods. */
export function toolsModule(connector: PythonConnector, module: string): string {
  const { spec, inputs, outputs, tools } = connector
  const aliases = new Map([...inputs, ...outputs].flatMap((one) => (one.sort === 'alias' ? [[one.name, one.type] as const] : [])))
  const builtin = tools.some(({ method }) => builtinNames.includes(method)) ? '_builtins.' : ''
  const writing: Writing = { limits: false, prefix: '_models.', builtin }
  const methods = tools.map((tool) => methodText(tool, writing, aliases)).join('\n')
  const code = withoutProse(methods)
  const used = (names: readonly string[]): readonly string[] => names.filter((name) => new RegExp(`\\b${name}\\b`).test(code))
  const hidden = (names: readonly string[]): readonly string[] => names.filter((name) => methods.includes(`_${name}`)).map((name) => `${name} as _${name}`)
  const imports = importText([
    [...(builtin === '' ? [] : ['import builtins as _builtins']), importLine('typing', used(['Any', 'Literal'])), importLine('uuid', used(['UUID']))],
    [importLine('mcp_types', hidden(['CallToolResult'])), importLine('typing_extensions', hidden(['deprecated']))],
    [
      importLine('..base', [...used(['Date', 'DateTime']), ...hidden(['UNSET', 'Unset'])]),
      importLine('..calls', ['Calls as _Calls']),
      importLine('..models', methods.includes('_models.') ? [`${module} as _models`] : []),
    ],
  ])
  return `${head(spec, 'Tools')}
${imports}

class ${toolsClass(spec.name)}:
${docstring(spec.summary, '    ')}
    def __init__(self, calls: _Calls) -> None:
        self._calls = calls
${methods === '' ? '' : `\n${methods}`}`
}

type Aliases = ReadonlyMap<string, PyType>

/** A parameter: its declaration, how it goes into the arguments, and what is told of it. */
interface Parameter {
  readonly name: string
  readonly declared: string
  readonly given: string
  readonly doc: string
}

function methodText(tool: PythonTool, writing: Writing, aliases: Aliases): string {
  const { spec, method, inputName, inputCarrier, input, outputName, outputCarrier, output } = tool
  const parameters = input.fields && parametersOf(input.fields, writing, aliases)
  const isClass = output !== undefined && output.fields !== undefined
  const answer = output === undefined ? '_CallToolResult' : typeText(output.type, writing)
  const carrier = output === undefined ? '' : `, _models.${isClass ? outputName : outputCarrier}`
  const way = output === undefined ? 'content' : isClass ? 'model' : 'value'
  const [model, values] = parameters ? [inputName, `{${parameters.map(({ given }) => given).join(', ')}}`] : [inputCarrier, 'arguments']
  const declared = parameters ? signature(parameters.map((one) => one.declared)) : `self, arguments: ${typeText(input.type, writing)}`
  return `${spec.deprecated === undefined ? '' : `    @_deprecated(${pythonText(spec.deprecated)})\n`}    async def ${method}(${declared}) -> ${answer}:
${docstring(prose(tool, parameters ?? []), '        ')}        return await self._calls.${way}(${pythonText(spec.name)}, _models.${model}, ${values}${carrier})
`
}

function signature(declared: readonly string[]): string {
  if (declared.length === 0) return 'self'
  const line = ['self', '*', ...declared].join(', ')
  return line.length <= 80 ? line : `\n        self,\n        *,\n${declared.map((one) => `        ${one},\n`).join('')}    `
}

function parametersOf(fields: readonly Field[], writing: Writing, aliases: Aliases): readonly Parameter[] {
  const names = nameEach(
    fields.map(({ key }) => key),
    parameterTaken,
  )
  const sorted = fields.toSorted((one, other) => Number(other.required) - Number(one.required))
  return sorted.map(({ key, type, required, doc }) => {
    const name = names.get(key) as string
    const declared = `${name}: ${typeOfParameter(type, required, writing, aliases)}`
    return { name, declared, given: `${pythonText(key)}: ${name}`, doc }
  })
}

function typeOfParameter(type: PyType, required: boolean, writing: Writing, aliases: Aliases): string {
  if (required) return typeText(type, writing)
  // Where null is a value, None cannot mean that nothing is given.
  if (admitsNull(type, aliases)) return `${typeText(type, writing)} | _Unset = _UNSET`
  return `${typeText(unionOf([type, none]), writing)} = None`
}

function prose({ spec, output }: PythonTool, parameters: readonly Parameter[]): string {
  const { summary, description, effect, deprecated } = spec
  const told = parameters.filter(({ doc }) => doc !== '').map(({ name, doc }) => `    ${name}: ${doc.replace(/\s*\n\s*/g, ' ')}`)
  return [
    summary,
    ...(description === undefined ? [] : [description]),
    ...(deprecated === undefined ? [] : [`Deprecated: ${deprecated}`]),
    `Effect: ${effect}.${output === undefined ? ' The tool declares no output: its content comes as it is.' : ''}`,
    ...(told.length === 0 ? [] : [`Args:\n${told.join('\n')}`]),
  ].join('\n\n')
}
