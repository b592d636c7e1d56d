import { errorTable, type ErrorCode } from '../../runtime/contract/errors.ts'
import type { ConnectorSpec, Plan } from '../../runtime/contract/manifest.ts'
import type { Output } from '../emit.ts'
import type { Emitter, Generation } from '../emitter.ts'
import { generatedFrom } from '../header.ts'
import { translateConnector } from './connector.ts'
import { modelsModule } from './models.ts'
import { attributeTaken, identifier, moduleTaken, nameEach, pascal } from './names.ts'
import { docstring, oneLine, pythonText } from './text.ts'
import { toolsClass, toolsModule } from './tools.ts'

const folder = 'python/integration_hub_client'

/** A typed client for Python: pydantic models of every tool's two sides, and a method a tool. */
export const pythonEmitter: Emitter = {
  name: 'python',
  language: 'python',
  connector: connectorOutputs,
  whole: wholeOutputs,
}

function connectorOutputs(connector: ConnectorSpec): readonly Output[] {
  const module = identifier(connector.name, moduleTaken)
  const translated = translateConnector(connector)
  return [
    { path: `${folder}/models/${module}.py`, content: modelsModule(translated) },
    { path: `${folder}/tools/${module}.py`, content: toolsModule(translated, module) },
  ]
}

function wholeOutputs({ plan, templates }: Generation): readonly Output[] {
  const header = oneLine(generatedFrom())
  const file = (path: string, template: string, data: object = {}): Output => ({ path, content: templates.render(template, { header, ...data }) })
  const errors = errorData()
  return [
    file('python/pyproject.toml', 'python-pyproject', { version: /^\d+\.\d+\.\d+/.exec(plan.hub.version)?.[0] ?? '0.0.0' }),
    file(`${folder}/__init__.py`, 'python-init', { errors }),
    file(`${folder}/base.py`, 'python-base'),
    file(`${folder}/calls.py`, 'python-calls'),
    file(`${folder}/client.py`, 'python-client', { url: pythonText(`${plan.hub.publicUrl.replace(/\/$/, '')}/mcp`), connectors: connectorData(plan) }),
    file(`${folder}/errors.py`, 'python-errors', { errors }),
    { path: `${folder}/models/__init__.py`, content: `# ${header}\n"""The types of every tool, a module a connector."""\n` },
    { path: `${folder}/tools/__init__.py`, content: `# ${header}\n"""The methods of every tool, a module a connector."""\n` },
    { path: `${folder}/py.typed`, content: '' },
  ]
}

function connectorData({ connectors }: Plan): readonly object[] {
  const attributes = nameEach(
    connectors.map(({ name }) => name),
    attributeTaken,
  )
  return connectors
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, summary }) => ({
      attribute: attributes.get(name),
      module: identifier(name, moduleTaken),
      className: toolsClass(name),
      doc: docstring(summary, '        '),
    }))
}

/** The codes a caller can meet; those of manifests never leave the machine they are on. */
function errorData(): readonly object[] {
  const codes = (Object.keys(errorTable) as ErrorCode[]).filter((code) => !code.startsWith('HUB_CONFIG_')).toSorted()
  return codes.map((code) => ({ code, className: pascal(code.toLowerCase()), doc: docstring(`${sentence(errorTable[code].meaning)} (${code}).`, '    ') }))
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
