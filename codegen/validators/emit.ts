import type { JsonSchema } from '../../runtime/contract/json.ts'
import type { ConnectorSpec } from '../../runtime/contract/manifest.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { codeDigest } from '../../runtime/manifest/code-digest.ts'
import { createInputAjv, createOutputAjv } from '../../runtime/manifest/validator.ts'
import type { Output } from '../emit.ts'
import type { Emitter } from '../emitter.ts'
import { generatedFrom } from '../header.ts'
import { partNames, partsFile, partsOutputs } from './parts.ts'
import { write, writing, type Written } from './write.ts'

/** Stand-alone checks of every tool's arguments and answer: an ES module a connector that needs nothing but `_ajv.js` beside it. A hub checks by them instead of compiling. */
export const validatorsEmitter: Emitter = {
  name: 'validators',
  connector: (connector) => connectorOutputs(connector),
  whole: () => partsOutputs(generatedFrom()),
}

function connectorOutputs(connector: ConnectorSpec): readonly Output[] {
  const tools = connector.tools.toSorted((one, other) => (one.local < other.local ? -1 : 1))
  const options = writing(tools.map(({ input, output }) => [input, output]))
  const inputs = write(
    createInputAjv(options),
    tools.map(({ local, input }) => [local, input] as const),
  )
  const outputs = write(createOutputAjv(options), tools.flatMap(outputOf))
  const header = generatedFrom(connector.place.file)
  const digest = codeDigest(connector)
  return [
    { path: `validators/${connector.name}.js`, content: moduleText(header, digest, tools, inputs, outputs) },
    { path: `validators/${connector.name}.d.ts`, content: typesText(header, tools, inputs, outputs) },
  ]
}

const outputOf = ({ local, output }: ToolSpec): readonly (readonly [string, JsonSchema])[] => (output === undefined ? [] : [[local, output]])

function moduleText(header: string, digest: string, tools: readonly ToolSpec[], inputs: Written, outputs: Written): string {
  // A text of a schema may look the same; then there is an import too many.
  const used = partNames.filter((name) => [inputs, outputs].some(({ code }) => code.includes(` = ${name}`)))
  const lines = tools.map(({ local }) => {
    const checks = [...member('input', 'inputs', inputs, local), ...member('output', 'outputs', outputs, local)]
    // Written plainly, one name that a tool may have would set the prototype.
    return `  ${local === '__proto__' ? '["__proto__"]' : JSON.stringify(local)}: { ${checks.join(', ')} },`
  })
  return `// ${header}
${used.length === 0 ? '' : `import { ${used.join(', ')} } from './${partsFile}'\n`}
/** Of the names and schemas these checks are of. */
export const codeDigest = ${JSON.stringify(digest)}

${block('inputs', inputs)}

${block('outputs', outputs)}

export const tools = {
${lines.join('\n')}
}
`
}

// Each sort in a block of its own: both number their names from nothing.
function block(name: string, { code, names }: Written): string {
  const kept = [...new Set(names.values())].map((check) => `${name}.${check} = ${check};`)
  return `const ${name} = {};\n{\n${[code, ...kept].filter((part) => part !== '').join('\n')}\n}`
}

function member(key: string, holder: string, { names }: Written, local: string): readonly string[] {
  const name = names.get(local)
  return name === undefined ? [] : [`${key}: ${holder}.${name}`]
}

function typesText(header: string, tools: readonly ToolSpec[], inputs: Written, outputs: Written): string {
  const lines = tools.map(({ local }) => {
    const checks = [...(inputs.names.has(local) ? ['readonly input: Check'] : []), ...(outputs.names.has(local) ? ['readonly output: Check'] : [])]
    return `  readonly ${JSON.stringify(local)}: { ${checks.join('; ')} }`
  })
  return `// ${header}
import type { Check } from './_ajv.js'

export declare const codeDigest: string
export declare const tools: {
${lines.join('\n')}
}
`
}
