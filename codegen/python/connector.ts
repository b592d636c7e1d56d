import { isObject } from '../../runtime/contract/json.ts'
import type { ConnectorSpec } from '../../runtime/contract/manifest.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { createNames, methodTaken, nameEach, pascal } from './names.ts'
import { translate, type Translated } from './translate.ts'
import type { Definition } from './type.ts'

/** One tool with the types of its two sides. */
export interface PythonTool {
  readonly spec: ToolSpec
  readonly method: string
  readonly inputName: string
  /** The model that carries the input where it is no class. */
  readonly inputCarrier: string
  readonly input: Translated
  readonly outputName: string
  readonly outputCarrier: string
  /** Absent: the tool declares no output. */
  readonly output?: Translated
}

/** A connector as Python has it. */
export interface PythonConnector {
  readonly spec: ConnectorSpec
  readonly inputs: readonly Definition[]
  readonly outputs: readonly Definition[]
  readonly tools: readonly PythonTool[]
}

/** Translates all schemas of a connector. Names depend on nothing but the connector. */
export function translateConnector(spec: ConnectorSpec): PythonConnector {
  const sorted = spec.tools.toSorted((one, other) => (one.local < other.local ? -1 : 1))
  const methods = nameEach(
    sorted.map(({ local }) => local),
    methodTaken,
  )
  const names = createNames()
  const roots = nameEach(
    sorted.map(({ local }) => local),
    new Set(),
    pascal,
  )
  const named = sorted.map((tool) => {
    const root = roots.get(tool.local) as string
    const [inputName, outputName] = [names.take(`${root}Input`), names.take(`${root}Output`)]
    return { tool, inputName, outputName, inputCarrier: names.take(`${inputName}Value`), outputCarrier: names.take(`${outputName}Value`) }
  })
  const inputs: Definition[] = []
  const outputs: Definition[] = []
  const tools = named.map(({ tool, ...own }): PythonTool => {
    const { local, name, input, output } = tool
    const root = isObject(input) ? { type: 'object', ...input } : input
    return {
      spec: tool,
      method: methods.get(local) as string,
      ...own,
      input: translate(root, own.inputName, `Arguments of ${name}.`, { names, definitions: inputs }),
      ...(output !== undefined && { output: translate(output, own.outputName, `Answer of ${name}.`, { names, definitions: outputs }) }),
    }
  })
  return { spec, inputs, outputs, tools }
}
