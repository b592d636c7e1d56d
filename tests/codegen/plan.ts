import { resolve } from 'node:path'
import type { ConnectorSpec, Plan, ToolsetSpec } from '../../runtime/contract/manifest.ts'
import type { JsonSchema } from '../../runtime/contract/json.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { kinds } from '../../runtime/kinds/index.ts'
import { compile } from '../../runtime/manifest/compile.ts'
import type { Emitter, Generation } from '../../codegen/emitter.ts'
import { readTemplates } from '../../codegen/templates.ts'

const root = resolve(import.meta.dirname, '..', '..')
const place = { file: 'connectors/planted.yaml', line: 1, column: 1 }

/** A tool as the compiler makes it, of a name and two schemas. */
export const toolOf = (
  connector: string,
  local: string,
  schemas: { readonly input?: JsonSchema; readonly output?: JsonSchema },
  more: Partial<ToolSpec> = {},
): ToolSpec => ({
  name: `${connector}_${local}`,
  local,
  connector,
  summary: `The tool ${local}.`,
  input: schemas.input ?? { type: 'object', properties: {} },
  ...(schemas.output === undefined ? {} : { output: schemas.output }),
  effect: 'read',
  role: 'reader',
  operation: {},
  policy: { timeoutMs: 1, retry: 0, breaker: { failures: 1, resetMs: 1 }, result: { rows: 1, bytes: 1 }, arguments: [], scopes: [] },
  aliases: [],
  annotations: {},
  tests: [],
  digest: '',
  place,
  ...more,
})

/** A connector of these tools. */
export const connectorOf = (name: string, tools: readonly ToolSpec[], more: Partial<ConnectorSpec> = {}): ConnectorSpec => ({
  name,
  kind: 'timescale',
  summary: `The connector ${name}.`,
  start: 'lazy',
  config: {},
  tools,
  resources: [],
  prompts: [],
  fallback: [],
  digest: '',
  directory: root,
  place,
  ...more,
})

/** What an emitter is given of these connectors. */
export async function generationOf(connectors: readonly ConnectorSpec[], toolsets: readonly ToolsetSpec[] = []): Promise<Generation> {
  return { plan: { connectors, toolsets } as unknown as Plan, kinds, templates: await readTemplates() }
}

/** What an emitter is given of the manifests of this repository. */
export async function shippedGeneration(): Promise<Generation> {
  const { plan, problems } = await compile({ configFile: resolve(root, 'hub.config.yaml'), kinds, env: {} })
  if (plan === undefined) throw new Error(JSON.stringify(problems))
  return { plan, kinds, templates: await readTemplates() }
}

/** All files of some emitters, by path. */
export async function filesOf(emitters: readonly Emitter[], generation: Generation): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const emitter of emitters) {
    for (const connector of generation.plan.connectors)
      for (const { path, content } of (await emitter.connector?.(connector, generation)) ?? []) files[path] = content
    for (const { path, content } of (await emitter.whole?.(generation)) ?? []) files[path] = content
  }
  return files
}
