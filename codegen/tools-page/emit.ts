import type { Json } from '../../runtime/contract/json.ts'
import { isObject } from '../../runtime/contract/json.ts'
import type { ConnectorSpec, Plan } from '../../runtime/contract/manifest.ts'
import type { PromptSpec, ResourceSpec, ToolSpec } from '../../runtime/contract/tool.ts'
import type { Emitter } from '../emitter.ts'
import { generatedFrom } from '../header.ts'
import type { Templates } from '../templates.ts'
import { compare, selectOffer, wholeOffer } from '../toolsets.ts'
import { argumentsOf, type Argument } from './arguments.ts'
import { anchor, code, inline, paragraphs } from './markdown.ts'
import { policyWords } from './policy-words.ts'

/** TOOLS.md: every tool, resource, prompt and toolset, for people. Its templates are tools.hbs and, for the part of one connector, tools-connector.hbs. */
export const toolsPageEmitter: Emitter = {
  name: 'tools page',
  whole: ({ plan, templates }) => [{ path: 'TOOLS.md', content: tidy(templates.render('tools', pageData(plan, templates))) }],
}

// Sections of connectors that did not change are given again while the templates are the same: a page of a thousand tools is then quick to make.
const sections = new WeakMap<Templates, WeakMap<ConnectorSpec, string>>()

function sectionOf(connector: ConnectorSpec, templates: Templates): string {
  const known = sections.get(templates) ?? new WeakMap<ConnectorSpec, string>()
  sections.set(templates, known)
  const section = known.get(connector) ?? tidy(templates.render('tools-connector', connectorData(connector)))
  known.set(connector, section)
  return section
}

/** What tools.hbs is given: plain data, every text ready for Markdown. */
function pageData(plan: Plan, templates: Templates): object {
  const all = wholeOffer(plan)
  return {
    header: generatedFrom(),
    hub: inline(plan.hub.name),
    counted: `${[count(all.tools.length, 'tool'), count(all.resources.length, 'resource'), count(all.prompts.length, 'prompt')].join(', ')} of ${count(plan.connectors.length, 'connector')}`,
    connectors: plan.connectors.map((connector) => ({
      name: inline(connector.name),
      anchor: anchor(connector.name),
      kind: code(connector.kind),
      count: connector.tools.length,
      summary: inline(connector.summary),
      section: sectionOf(connector, templates),
    })),
    toolsets: plan.toolsets
      .toSorted((one, other) => compare(one.name, other.name))
      .map((toolset) => {
        const { tools, resources, prompts } = selectOffer(all, toolset)
        return {
          name: inline(toolset.name),
          endpoint: code(`/mcp/toolsets/${toolset.name}`),
          tools: tools.map(({ name }) => link(name)).join(', '),
          resources: resources.map(({ uri }) => code(uri)).join(', '),
          prompts: prompts.map(({ name }) => code(name)).join(', '),
        }
      }),
  }
}

const count = (many: number, word: string): string => `${many} ${word}${many === 1 ? '' : 's'}`

const link = (name: string): string => `[${code(name)}](#${anchor(name)})`

function connectorData(connector: ConnectorSpec): object {
  const { name, kind, tier, place } = connector
  const tools = connector.tools.toSorted((one, other) => compare(one.name, other.name))
  return {
    name: inline(name),
    kind: code(kind),
    tier: tier === undefined ? '' : inline(tier),
    summary: inline(connector.summary),
    file: code(place.file),
    endpoint: code(`/mcp/connectors/${name}`),
    tools: tools.map(toolData),
    resources: connector.resources.toSorted((one, other) => compare(one.uri, other.uri)).map(resourceData),
    prompts: connector.prompts.toSorted((one, other) => compare(one.name, other.name)).map(promptData),
  }
}

function toolData(tool: ToolSpec): object {
  return {
    name: tool.name,
    local: code(tool.local),
    title: tool.title === undefined ? '' : inline(tool.title),
    summary: paragraphs(tool.summary),
    description: tool.description === undefined ? '' : paragraphs(tool.description),
    effect: tool.effect,
    role: tool.role,
    rules: policyWords(tool.policy).map(inline),
    aliases: tool.aliases.map((alias) => code(`${tool.connector}_${alias}`)).join(', '),
    deprecated: tool.deprecated === undefined ? '' : inline(tool.deprecated),
    arguments: argumentsOf(tool.input).map(rowData),
    answer: tool.output === undefined ? [] : argumentsOf(tool.output).map(rowData),
    examples: examplesOf(tool).map((example) => `hub call ${tool.name} ${quoted(JSON.stringify(example))}`),
  }
}

const rowData = ({ path, type, isRequired, fallback, description }: Argument): object => ({
  path: code(path),
  type: inline(type),
  isRequired,
  fallback: fallback === undefined ? '' : code(fallback),
  description: inline(description),
})

const resourceData = ({ uri, mimeType, tool }: ResourceSpec): object => ({
  uri: code(uri),
  mimeType: code(mimeType),
  summary: inline(tool.summary),
  role: tool.role,
})

const promptData = (prompt: PromptSpec): object => ({
  name: code(prompt.name),
  summary: inline(prompt.summary),
  arguments: prompt.arguments.map(({ name, description, required }) => ({
    name: code(name),
    description: description === undefined ? '' : inline(description),
    required,
  })),
})

function examplesOf({ input }: ToolSpec): readonly Json[] {
  const examples = isObject(input) ? input['examples'] : undefined
  return Array.isArray(examples) ? (examples as readonly Json[]).filter(isObject).slice(0, 3) : []
}

/** One word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const tidy = (text: string): string => `${text.replaceAll(/\n{3,}/g, '\n\n').trim()}\n`
