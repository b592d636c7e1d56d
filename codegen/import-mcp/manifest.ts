import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Definitions } from '../../runtime/contract/kind.ts'
import { block, flow as scalar, literal, oneLine } from '../import-source/text.ts'
import { guessEffect } from './effect.ts'
import { localNames } from './names.ts'

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
  const tools = names.map(({ original, local, because }) => toolLine(local, original, because, byName.get(original) as JsonObject))
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    `# Imported from ${serverName(definitions.server)}; its definitions are pinned in ${name}.tools.json beside this file. A tool that is not named here is not served.`,
    '# Every effect below is a guess: decide what each tool does, then take its "# review" comment away.',
    ...remarks.map((remark) => `# ${oneLine(remark)}`),
    `connector: ${scalar(name)}`,
    'kind: mcp',
    `summary: ${scalar(literal(summary ?? summaryOf(definitions)))}`,
    `config:\n${block(config, 2)}`,
    tools.length === 0 ? 'tools: {}' : `tools:\n${tools.join('\n')}`,
  ]
  const renamed = names
    .filter(({ because }) => because !== undefined)
    .map(({ original, local, because }) => `the tool "${original}" is named "${local}": ${because}`)
  const empty = tools.length === 0 ? ['the server offers no tools'] : []
  return { manifest: `${lines.join('\n')}\n`, notes: [...empty, ...renamed, ...unspoken(definitions)] }
}

function toolLine(local: string, original: string, because: string | undefined, definition: JsonObject): string {
  if (needsTask(definition)) return `  # ${oneLine(original)} is left out: it answers only as a task`
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

function unspoken(definitions: Definitions): string[] {
  const tasks = definitions.tools.filter(needsTask).map((tool) => `the tool "${tool.name as string}" is left out: it answers only as a task`)
  const silent = definitions.tools.filter((tool) => typeof tool.description !== 'string' || tool.description.trim() === '').length
  return silent === 0 ? tasks : [...tasks, `${silent} tools have no description: write a summary that tells a model when to use them`]
}

/** True for a tool that only speaks the task protocol of revision 2025-11-25, which ended with it. */
function needsTask({ execution }: JsonObject): boolean {
  return execution !== null && typeof execution === 'object' && (execution as JsonObject).taskSupport === 'required'
}
