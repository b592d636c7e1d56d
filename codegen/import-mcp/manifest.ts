import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Definitions } from '../../runtime/contract/kind.ts'
import { block, flow as scalar, literal, oneLine } from '../import-source/text.ts'
import { guessEffect } from './effect.ts'
import { localNames } from './names.ts'
import { fitness } from './unfit.ts'

/** What a manifest of kind mcp is written from. */
export interface ManifestDraft {
  readonly name: string
  /** The connector's `config:`, with references where secrets would be. */
  readonly config: JsonObject
  readonly definitions: Definitions
  /** Where editors find the schema, seen from the manifest. */
  readonly schema: string
  /** What it connects to, where that is known better than from the server's own words. */
  readonly summary?: string
  /** Further lines of its head, without #. */
  readonly remarks?: readonly string[]
}

/** A manifest to review, and what the person who reviews it should know first. */
export interface WrittenManifest {
  readonly manifest: string
  readonly notes: readonly string[]
}

/** Writes the manifest of an imported server: every tool named, its effect guessed and marked for review. */
export function writeManifest({ name, config, definitions, schema, summary, remarks = [] }: ManifestDraft): WrittenManifest {
  const byName = new Map(definitions.tools.map((tool) => [tool.name as string, tool]))
  const names = localNames(name, [...byName.keys()])
  const unfit = unfitIn(definitions)
  const tools = names.map(({ original, local, because }) => {
    const reason = unfit.get(original)
    return reason === undefined
      ? toolLine(local, original, because, byName.get(original) as JsonObject)
      : `  # ${oneLine(original)} is left out: ${oneLine(reason)}`
  })
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    `# Imported from ${serverName(definitions.server)}; its definitions are pinned in ${name}.tools.json beside this file. A tool that is not named here is not served.`,
    '# Every effect below is a guess: decide what each tool does, then take its "# review" comment away.',
    ...remarks.map((remark) => `# ${oneLine(remark)}`),
    `connector: ${scalar(name)}`,
    'kind: mcp',
    `summary: ${scalar(literal(summary ?? summaryOf(definitions)))}`,
    `config:\n${block(config, 2)}`,
    tools.length === unfit.size ? ['tools: {}', ...tools].join('\n') : `tools:\n${tools.join('\n')}`,
  ]
  const renamed = names
    .filter(({ original, because }) => because !== undefined && !unfit.has(original))
    .map(({ original, local, because }) => `the tool "${original}" is named "${local}": ${because}`)
  const left = [...unfit].map(([original, reason]) => `the tool "${original}" is left out: ${reason}`)
  const empty = tools.length === 0 ? ['the server offers no tools'] : []
  return { manifest: `${lines.join('\n')}\n`, notes: [...empty, ...renamed, ...left, ...unspoken(definitions)] }
}

function toolLine(local: string, original: string, because: string | undefined, definition: JsonObject): string {
  const { effect, from } = guessEffect(definition)
  const summary = typeof definition.description === 'string' && definition.description.trim() !== '' ? undefined : titleOf(definition, original)
  const fields = [
    ...(summary === undefined ? [] : [`summary: ${scalar(literal(summary))}`]),
    `effect: ${effect}`,
    ...(local === original ? [] : [`operation: { tool: ${scalar(original)} }`]),
  ]
  const named = because === undefined ? '' : `; named so because ${because}`
  return `  ${scalar(local)}: { ${fields.join(', ')} } # review: guessed from ${oneLine(from)}${named}`
}

function titleOf(definition: JsonObject, original: string): string {
  return typeof definition.title === 'string' && definition.title !== '' ? definition.title : `The tool ${original}, which does not say what it does.`
}

function summaryOf(definitions: Definitions): string {
  const { title, name, description } = definitions.server
  if (typeof description === 'string' && description !== '') return oneLine(description).slice(0, 200)
  const called = [title, name].find((text) => typeof text === 'string' && text !== '') ?? 'an unnamed MCP server'
  return `Tools of ${oneLine(called as string)}.`
}

function serverName(server: JsonObject): string {
  const name = typeof server.name === 'string' ? server.name : 'an unnamed server'
  return oneLine(typeof server.version === 'string' ? `${name} ${server.version}` : name)
}

/** Tools the hub could not serve, and why. */
function unfitIn({ tools }: Definitions): ReadonlyMap<string, string> {
  const reasonOf = fitness()
  return new Map(
    tools.flatMap((tool) => {
      const reason = reasonOf(tool)
      return reason === undefined ? [] : [[tool.name as string, reason] as const]
    }),
  )
}

function unspoken(definitions: Definitions): string[] {
  const silent = definitions.tools.filter((tool) => typeof tool.description !== 'string' || tool.description.trim() === '').length
  return silent === 0 ? [] : [`${silent} tools have no description: write a summary that tells a model when to use them`]
}
