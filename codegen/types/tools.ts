import type { ConnectorSpec, ToolsetSpec } from '../../runtime/contract/manifest.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { matcher } from '../../runtime/manifest/names.ts'
import { docComment } from './comment.ts'
import { compare } from '../toolsets.ts'
import { quoted } from './literals.ts'
import { camelCase, namesFor, pascalCase } from './names.ts'

/** How the answers of a tool reach a program: as content blocks, as its declared output, or as that wrapped in `{ result }` where the protocol takes objects only. */
export const answerForms = { content: 0, output: 1, wrapped: 2 } as const

/** One name a tool answers to. */
export interface NamedTool {
  /** On the endpoint of everything and in toolsets. */
  readonly full: string
  /** On its connector's own endpoint. */
  readonly local: string
  /** As a method of the client. */
  readonly method: string
  /** For a comment. */
  readonly doc: string
  readonly spec: ToolSpec
}

// What an object of methods already means something by: a promise has `then`.
const reservedMethods = new Set(['then', 'constructor', 'prototype'])

const known = new WeakMap<ConnectorSpec, readonly NamedTool[]>()

/** Every name of a connector's tools, old ones included, sorted. */
export function namedTools(connector: ConnectorSpec): readonly NamedTool[] {
  const named = known.get(connector) ?? nameTools(connector)
  known.set(connector, named)
  return named
}

function nameTools({ name, tools }: ConnectorSpec): readonly NamedTool[] {
  const today = tools.map((spec) => ({ full: spec.name, local: spec.local, doc: toolDoc(spec), spec }))
  const former = tools.flatMap((spec) =>
    spec.aliases.map((alias) => ({ full: `${name}_${alias}`, local: alias, doc: `${spec.summary}\n\n@deprecated an old name of ${spec.local}`, spec })),
  )
  const methods = namesFor(today.map(localOf), camelCase, reservedMethods)
  const formerMethods = namesFor(former.map(localOf), camelCase, new Set([...reservedMethods, ...methods.values()]))
  return [...today, ...former]
    .map((tool) => ({ ...tool, method: (methods.get(tool.local) ?? formerMethods.get(tool.local)) as string }))
    .toSorted((one, other) => compare(one.local, other.local))
}

const localOf = ({ local }: { readonly local: string }): string => local

function toolDoc({ summary, description, deprecated }: ToolSpec): string {
  const words = description === undefined || description === summary ? summary : `${summary}\n\n${description}`
  return deprecated === undefined ? words : `${words}\n\n@deprecated ${deprecated}`
}

/** The base of the names of each tool's types, by local name: `LatestCandles` of `LatestCandlesInput` and `LatestCandlesOutput`. */
export const typeNames = (tools: readonly ToolSpec[]): ReadonlyMap<string, string> =>
  namesFor(
    tools.map(({ local }) => local),
    pascalCase,
  )

/** Where a tool's answer is found. Legacy clients are answered objects only, so the hub wraps what is declared as anything else. */
export const answerForm = ({ output }: ToolSpec): number =>
  output === undefined ? answerForms.content : typeof output === 'object' && output['type'] === 'object' ? answerForms.output : answerForms.wrapped

/** The full names a toolset serves, old ones included, sorted. */
export function namesInToolset({ tools: patterns }: ToolsetSpec, connectors: readonly ConnectorSpec[]): readonly string[] {
  const matches = patterns.map(matcher)
  return connectors
    .flatMap(namedTools)
    .filter(({ spec }) => matches.some((fits) => fits(spec.name)))
    .map(({ full }) => full)
    .toSorted(compare)
}

/** An entry of a map of types, with its comment. */
export const entry = (doc: string, key: string, type: string, indent: number): string =>
  `${docComment(doc, indent)}${' '.repeat(indent)}${propertyKey(key)}: ${type}`

/** A property's name as TypeScript takes it. */
export const propertyKey = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== '__proto__' ? name : quoted(name))
