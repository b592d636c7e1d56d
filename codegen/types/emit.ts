import type { ConnectorSpec } from '../../runtime/contract/manifest.ts'
import type { JsonSchema } from '../../runtime/contract/json.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import type { Emitter, Generation } from '../emitter.ts'
import { generatedFrom } from '../header.ts'
import { compare } from '../toolsets.ts'
import { commentLine, docComment } from './comment.ts'
import { camelCase, freeName, namesFor, pascalCase } from './names.ts'
import { printDeclarations } from './print.ts'
import { readTypes } from './read.ts'
import type { Declaration } from './shape.ts'
import { entry, namedTools, namesInToolset, propertyKey, typeNames } from './tools.ts'

/** TypeScript types of every tool's input and output: a file for each connector, and one with the map of all tools. */
export const typesEmitter: Emitter = {
  name: 'types',
  language: 'typescript',
  async connector(connector, { templates }) {
    return [{ path: `types/${connector.name}.ts`, content: templates.render('types.ts', await connectorTypes(connector)) }]
  },
  whole(generation) {
    return [{ path: 'tools.ts', content: generation.templates.render('tools.ts', allTools(generation)) }]
  },
}

const contentType = 'ToolContent'
const mapType = 'Tools'

/** What the template of a connector's types is given. */
interface ConnectorTypes {
  readonly header: string
  readonly connector: string
  readonly declarations: readonly string[]
  readonly tools: readonly string[]
  /** True where a tool answers content blocks, of which the file must then say what they are. */
  readonly hasContent: boolean
}

async function connectorTypes(connector: ConnectorSpec): Promise<ConnectorTypes> {
  const { name, tools, place } = connector
  const sorted = tools.toSorted((one, other) => compare(one.local, other.local))
  const bases = typeNames(sorted)
  const taken = new Set([contentType, 'ContentBlock', mapType, ...sorted.flatMap(({ local }) => [`${bases.get(local)}Input`, `${bases.get(local)}Output`])])
  const claim = (wanted: string): string => {
    const free = freeName(wanted, (candidate) => !taken.has(candidate))
    taken.add(free)
    return free
  }
  const declarations = sorted.flatMap((tool) => typesOfTool(tool, bases.get(tool.local) as string, claim))
  return {
    header: commentLine(generatedFrom(place.file)),
    connector: name,
    declarations: await printDeclarations(declarations),
    tools: namedTools(connector).map(({ local, doc, spec }) => entry(doc, local, typesOf(spec, bases.get(spec.local) as string), 2)),
    hasContent: tools.some(({ output }) => output === undefined),
  }
}

function typesOfTool({ name, input, output }: ToolSpec, base: string, claim: (wanted: string) => string): readonly Declaration[] {
  return [
    ...named(readTypes(asObject(input), `${base}Input`, claim), `Arguments of \`${name}\`.`),
    ...(output === undefined ? [] : named(readTypes(output, `${base}Output`, claim), `The answer of \`${name}\`.`)),
  ]
}

/** Says of the first type what it is for. */
function named([first, ...others]: readonly Declaration[], words: string): readonly Declaration[] {
  if (first === undefined) return others
  const { doc } = first.shape
  return [{ ...first, shape: { ...first.shape, doc: doc === undefined ? words : `${words}\n\n${doc}` } }, ...others]
}

const typesOf = ({ output, effect }: ToolSpec, base: string): string =>
  `{ input: ${base}Input; output: ${output === undefined ? contentType : `${base}Output`}; effect: '${effect}' }`

// The hub takes an object of arguments, and lists every tool so.
const asObject = (input: JsonSchema): JsonSchema =>
  typeof input === 'boolean' ? { type: 'object' } : input['type'] === 'object' ? input : { ...input, type: 'object' }

/** What the template of the map of all tools is given. */
interface AllTools {
  readonly header: string
  readonly imports: readonly { readonly connector: string; readonly alias: string }[]
  readonly tools: readonly string[]
  readonly connectors: readonly { readonly name: string; readonly key: string; readonly doc: string; readonly methods: readonly string[] }[]
  readonly toolsets: readonly string[]
}

/** What the map of all tools says of one connector. */
interface Entries {
  readonly connector: ConnectorSpec
  readonly alias: string
  readonly tools: readonly { readonly full: string; readonly text: string }[]
  readonly methods: readonly string[]
}

// An edit changes one connector of many.
const known = new WeakMap<ConnectorSpec, Entries>()

function entriesOf(connector: ConnectorSpec, alias: string): Entries {
  const before = known.get(connector)
  if (before?.alias === alias) return before
  const tools = namedTools(connector)
  const entries = {
    connector,
    alias,
    tools: tools.map(({ full, local, doc }) => ({ full, text: entry(doc, full, `${alias}[${JSON.stringify(local)}]`, 2) })),
    methods: tools.map(({ doc, method, full }) => entry(doc, method, JSON.stringify(full), 4)),
  }
  known.set(connector, entries)
  return entries
}

function allTools({ plan }: Generation): AllTools {
  const connectors = plan.connectors.toSorted((one, other) => compare(one.name, other.name))
  const aliases = namesFor(
    connectors.map(({ name }) => name),
    (name) => `${pascalCase(name)}Tools`,
  )
  const properties = clientProperties(connectors)
  const named = connectors.map((connector) => entriesOf(connector, aliases.get(connector.name) as string))
  return {
    header: generatedFrom(),
    imports: named.map(({ connector, alias }) => ({ connector: connector.name, alias })),
    tools: named
      .flatMap(({ tools }) => tools)
      .toSorted((one, other) => compare(one.full, other.full))
      .map(({ text }) => text),
    connectors: named.map(({ connector, methods }) => ({
      name: connector.name,
      key: propertyKey(properties.get(connector.name) as string),
      doc: docComment(connector.summary, 2),
      methods,
    })),
    toolsets: plan.toolsets
      .toSorted((one, other) => compare(one.name, other.name))
      .map((toolset) => {
        const names = namesInToolset(toolset, connectors)
        return entry('', toolset.name, names.length === 0 ? 'never' : names.map((name) => JSON.stringify(name)).join(' | '), 2)
      }),
  }
}

/** Names the client has already. */
const reservedProperties = new Set(['call', 'close', 'then', 'constructor', 'prototype'])

/** The property of the client that holds a connector's tools, by the connector's name. */
export const clientProperties = (connectors: readonly { readonly name: string }[]): ReadonlyMap<string, string> =>
  namesFor(
    connectors.map(({ name }) => name),
    camelCase,
    reservedProperties,
  )
