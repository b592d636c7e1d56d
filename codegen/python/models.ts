import type { ConnectorSpec } from '../../runtime/contract/manifest.ts'
import { generatedFrom } from '../header.ts'
import type { PythonConnector } from './connector.ts'
import { fieldTaken, nameEach } from './names.ts'
import { docstring, oneLine, pythonText, withoutProse } from './text.ts'
import { inModels, none, typeText, unionOf, type AliasDefinition, type ClassDefinition, type Definition, type Field, type PyType } from './type.ts'

/** The module of a connector's types. */
export function modelsModule({ spec, inputs, outputs, tools }: PythonConnector): string {
  const aliases = new Map([...inputs, ...outputs].flatMap((one) => (one.sort === 'alias' ? [[one.name, one.type] as const] : [])))
  const taken = new Set([...fieldTaken, ...[...inputs, ...outputs].map(({ name }) => name)])
  const roots = tools.flatMap(({ inputName, inputCarrier, input, outputName, outputCarrier, output }) => [
    ...(isClass(input.type, inputName) ? [] : [carrierText(inputCarrier, inputName, input.type)]),
    ...(output === undefined || isClass(output.type, outputName) ? [] : [carrierText(outputCarrier, outputName, output.type)]),
  ])
  const text = [
    ...inputs.map((one) => definitionText(one, 'Input', taken, aliases)),
    ...outputs.map((one) => definitionText(one, 'Model', taken, aliases)),
    ...roots,
  ].join('\n\n')
  return text === '' ? head(spec, 'Types of the tools') : `${head(spec, 'Types of the tools')}\n${imports(text)}\n\n${text}`

  function isClass(type: PyType, name: string): boolean {
    return type.sort === 'named' && type.name === name && !aliases.has(name)
  }
}

/** The first lines of a module of a connector. */
export const head = ({ name, summary, place }: ConnectorSpec, what: string): string =>
  `# ${oneLine(generatedFrom(place.file))}\n${docstring(`${what} of the connector ${name}: ${summary}`, '')}\nfrom __future__ import annotations\n`

/** An import of some names; empty for none. */
export const importLine = (module: string, names: readonly string[]): string => (names.length === 0 ? '' : `from ${module} import ${names.join(', ')}`)

/** Imports in groups with a line between them, ended by one. */
export const importText = (groups: readonly (readonly string[])[]): string =>
  groups
    .map((lines) => lines.filter((line) => line !== ''))
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n')

function imports(module: string): string {
  const text = withoutProse(module)
  const used = (names: readonly string[]): readonly string[] => names.filter((name) => new RegExp(`\\b${name}\\b`).test(text))
  return importText([
    [importLine('typing', used(['Annotated', 'Any', 'Literal'])), importLine('uuid', used(['UUID']))],
    [importLine('pydantic', used(['Field'])), importLine('typing_extensions', used(['TypeAliasType']))],
    [importLine('..base', used(['NULLABLE', 'Date', 'DateTime', 'Input', 'Integer', 'Model', 'Value', 'Whole']))],
  ])
}

const carrierText = (carrier: string, name: string, type: PyType): string =>
  `class ${carrier}(Value[${typeText(type, inModels)}]):\n    """What carries ${name}."""\n`

type Aliases = ReadonlyMap<string, PyType>

function definitionText(definition: Definition, base: string, taken: ReadonlySet<string>, aliases: Aliases): string {
  return definition.sort === 'class' ? classText(definition, base, taken, aliases) : aliasText(definition)
}

const aliasText = ({ name, type }: AliasDefinition): string => `${name} = TypeAliasType(${pythonText(name)}, ${quoted(typeText(type, inModels))})\n`

// The text of a type holds its literals' quotes; as a literal of its own it needs all of them escaped, and their backslashes too.
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`

function classText({ name, doc, fields, extra }: ClassDefinition, base: string, taken: ReadonlySet<string>, aliases: Aliases): string {
  const names = nameEach(
    fields.map(({ key }) => key),
    taken,
  )
  const lines = fields.map((field) => fieldText(field, names.get(field.key) as string, aliases))
  const typed = extra !== undefined && extra.sort !== 'any' ? `    __pydantic_extra__: dict[str, ${typeText(extra, inModels)}] = Field(init=False)\n` : ''
  const body = `${docstring(doc, '    ')}${doc !== '' && (lines.length > 0 || typed !== '') ? '\n' : ''}${typed}${lines.join('')}`
  return `class ${name}(${base}${extra === undefined ? ", extra='forbid'" : ''}):\n${body.trim() === '' ? '    pass\n' : body}`
}

function fieldText({ key, type, required, doc }: Field, name: string, aliases: Aliases): string {
  const nullable = admitsNull(type, aliases)
  const text = typeText(required ? type : unionOf([type, none]), inModels)
  const marked = !required && nullable ? `Annotated[${text}, NULLABLE]` : text
  const alias = name === key ? '' : `validation_alias=${pythonText(key)}, serialization_alias=${pythonText(key)}`
  const value = alias === '' ? (required ? '' : ' = None') : ` = Field(${required ? '' : 'default=None, '}${alias})`
  return `    ${name}: ${marked}${value}\n${docstring(doc, '    ')}`
}

/** True for a type that null is a value of. */
export function admitsNull(type: PyType, aliases: Aliases, passed: readonly string[] = []): boolean {
  if (type.sort === 'any' || type.sort === 'none' || type.sort === 'never') return true
  if (type.sort === 'union') return type.of.some((one) => admitsNull(one, aliases, passed))
  const meant = type.sort === 'named' && !passed.includes(type.name) ? aliases.get(type.name) : undefined
  return type.sort === 'named' && meant !== undefined && admitsNull(meant, aliases, [...passed, type.name])
}
