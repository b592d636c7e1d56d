import { HubError } from '../runtime/contract/errors.ts'
import { isObject, type JsonObject } from '../runtime/contract/json.ts'
import { readOpenapi, type OpenapiDocument } from './import-openapi/document.ts'
import { toolNames, type ToolName } from './import-openapi/names.ts'
import { operationsOf, select, type Operation, type Selection } from './import-openapi/operations.ts'
import { referencesOf } from './import-openapi/pointer.ts'
import { credentialsOf, securityOf, type Security } from './import-openapi/security.ts'
import { baseOf, ownServer } from './import-openapi/servers.ts'
import { writeTool } from './import-openapi/tool.ts'
import { checkName, nameFrom } from './import-source/name.ts'
import type { Reach } from './import-source/read.ts'
import { checkSize } from './import-source/size.ts'
import { block, brief, flow, literal, oneLine } from './import-source/text.ts'

/** Which document to import, and what of it. */
export interface OpenapiImport extends Partial<Selection>, Reach {
  /** A path or an address. */
  readonly location: string
  /** The connector's name; absent: from the document's title. */
  readonly name?: string
  /** Where the API answers, where the document does not say or another is meant. */
  readonly base?: string
  /** Where editors find the manifest schema, seen from the manifest. */
  readonly schema?: string
}

/** A manifest of kind http, and what its reviewer should know. */
export interface ImportedOpenapi {
  readonly name: string
  readonly manifest: string
  readonly tools: number
  readonly notes: readonly string[]
}

/**
 * Writes a manifest of kind http for an API from its OpenAPI document (3.0, 3.1, 3.2, or Swagger 2.0). Rejects HUB_CONFIG_SYNTAX, HUB_CONFIG_TYPE or HUB_CONFIG_VALUE for what is
 * no such document, HUB_CONFIG_REFERENCE with every reference that leads nowhere, and what `readLocation` rejects.
 */
export async function importOpenapi(options: OpenapiImport): Promise<ImportedOpenapi> {
  const { location, include = [], exclude = [] } = options
  if (options.name !== undefined) checkName(options.name)
  const document = await readOpenapi(location, options)
  const { value } = document
  const title = titleOf(value)
  const name = options.name ?? nameFrom(title)
  const references = referencesOf(value)

  const all = operationsOf(value, references)
  if (all.length === 0) throw new HubError('HUB_CONFIG_VALUE', `${location} declares no operation: there is nothing to import`)
  const base = baseOf(value, location, options.base)
  const selected = select(all, { include, exclude })
  const chosen = selected.filter((operation) => ownServer(operation, location, base.url) === undefined)
  const names = toolNames(name, chosen)
  const credentials = credentialsOf(value, references)
  const tools = chosen.map((operation, index) => writeTool(operation, names[index] as ToolName, references, credentials))
  const security = securityOf(name, value, chosen, references)
  refuseBroken(document, references.broken)

  const served = tools.filter((tool) => tool.served).length
  const elsewhere = selected.filter((operation) => !chosen.includes(operation)).map(({ method, path }) => `${method} ${path}`)
  const notes = [
    ...(served === 0 ? ['no operation could become a tool'] : []),
    ...base.notes,
    ...security.notes,
    ...(elsewhere.length > 0
      ? [`left out because they answer at another address: ${elsewhere.slice(0, 10).join(', ')}${elsewhere.length > 10 ? ', …' : ''}`]
      : []),
  ]
  const manifest = [
    ...headOf(options, document, security, notes),
    `connector: ${flow(name)}`,
    'kind: http',
    `summary: ${flow(literal(summaryOf(value, title)))}`,
    'config:',
    block({ base: literal(base.url), ...security.config }, 2),
    served === 0 ? 'tools: {}' : 'tools:',
    ...tools.map(({ text }, index) => (index === 0 ? text : `\n${text}`)),
  ]
  const text = `${manifest.join('\n')}\n`
  checkSize(text, served, fewer(selected))
  return {
    name,
    manifest: text,
    tools: served,
    notes: [...notes, ...security.secrets.map((secret) => `set ${secret.name} where the hub runs: ${secret.meaning}`), ...tools.flatMap((tool) => tool.notes)],
  }
}

function refuseBroken(document: OpenapiDocument, broken: ReadonlySet<string>): void {
  if (broken.size === 0) return
  const places = document.placesOf(broken)
  const lines = places.length > 0 ? places : [...broken].toSorted().map((reference) => `${document.location}  "${reference}" leads to nothing`)
  const shown = lines.slice(0, 50).map((line) => `  ${line}`)
  const more = lines.length > 50 ? [`  … and ${lines.length - 50} more`] : []
  const fact = lines.length === 1 ? 'a reference of the document leads' : `${lines.length} references of the document lead`
  throw new HubError('HUB_CONFIG_REFERENCE', [`${fact} nowhere; mend them, or leave their operations out with --exclude:`, ...shown, ...more].join('\n'))
}

/** How to take less of a document that is too large. */
function fewer(operations: readonly Operation[]): string {
  const tags = new Map<string, number>()
  for (const tag of operations.flatMap((operation) => operation.tags)) tags.set(tag, (tags.get(tag) ?? 0) + 1)
  const shown = [...tags].toSorted((a, b) => b[1] - a[1]).slice(0, 20)
  const named = shown.map(([tag, many]) => `${tag} (${many})`).join(', ')
  return `choose what is needed with --include, and give the rest names of their own${named === '' ? '' : `; its tags are ${named}${tags.size > 20 ? ', …' : ''}`}`
}

function titleOf({ info }: JsonObject): string {
  return isObject(info) && typeof info['title'] === 'string' && info['title'].trim() !== '' ? oneLine(info['title']) : 'an API without a title'
}

function summaryOf({ info }: JsonObject, title: string): string {
  const described = isObject(info) && typeof info['description'] === 'string' ? (oneLine(info['description']).split(/(?<=[.!?]) /)[0] ?? '') : ''
  return described.length >= 10 && described.length <= 200 ? described : `The API ${brief(title, 150)}.`
}

function headOf({ schema }: OpenapiImport, { value, version, location }: OpenapiDocument, { secrets }: Security, notes: readonly string[]): readonly string[] {
  const release = isObject(value['info']) && value['info']['version'] !== undefined ? ` ${oneLine(String(value['info']['version']))}` : ''
  const from = /^https?:/.test(location) ? location.replace(/[?#].*$/, '').replace(/\/\/[^/@]*@/, '//') : (location.split(/[\\/]/).at(-1) ?? location)
  return [
    `# yaml-language-server: $schema=${schema ?? 'node_modules/mcp-integration-hub/generated/schemas/connector.json'}`,
    `# ${titleOf(value)}${release}, imported from ${oneLine(from)} (${version}). A tool that is not named here is not served: take out what nobody needs.`,
    '# Every effect below is a guess: decide what each tool does, then take its "# review" comment away.',
    ...secrets.map(({ name, meaning }) => `# Secret ${name}: ${oneLine(meaning)}.`),
    ...notes.map((note) => `# ${oneLine(note)}`),
  ]
}
