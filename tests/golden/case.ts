import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ConnectorSpec, Plan } from '../../runtime/contract/manifest.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { compile } from '../../runtime/manifest/compile.ts'
import { formatProblems } from '../../runtime/manifest/problems.ts'
import { goldenKinds } from './kinds.ts'

/** One golden case: files, the environment they are compiled in, and what must come out. */
export interface GoldenCase {
  readonly files: ReadonlyMap<string, string>
  readonly env: Readonly<Record<string, string>>
  readonly expected: string
}

const plainConfig = 'manifests: ["*.yaml"]\n'

/** Reads a case: files under `=== path` headers, `=== env` with NAME=value lines, a line of dashes, the expected output. */
export function readCase(text: string): GoldenCase {
  const [input = '', expected = ''] = text.split(/^-{5,}\n/m, 2)
  const files = new Map([['hub.config.yaml', plainConfig]])
  const env: Record<string, string> = {}
  for (const part of input.split(/^=== /m).slice(1)) {
    const end = part.indexOf('\n')
    const [path, body] = [part.slice(0, end).trim(), part.slice(end + 1)]
    if (path !== 'env') files.set(path, body)
    else for (const line of body.split('\n').filter((one) => one.includes('='))) env[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1)
  }
  return { files, env, expected }
}

/** Compiles a case in a folder of its own; what comes out is the problems, and a summary of the plan when there is one. */
export async function runCase({ files, env }: GoldenCase): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'golden-'))
  try {
    for (const [path, content] of files) {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), content)
    }
    const { plan, problems } = await compile({ configFile: join(directory, 'hub.config.yaml'), kinds: goldenKinds, env, version: '1.2.3', checkTests: true })
    return `${[...(problems.length > 0 ? [formatProblems(problems)] : []), ...(plan ? [summary(plan)] : [])].join('\n')}\n`
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function summary({ hub, connectors, toolsets }: Plan): string {
  const { host, port } = hub.listen
  const head = `hub ${hub.name} ${hub.version} on ${host}:${port} (${hub.auth.mode})`
  const sets = toolsets.map(({ name, tools, prompts, resources }) => `toolset ${name}: ${[...tools, ...prompts, ...resources].join(' ')}`)
  return [head, ...connectors.flatMap(connectorLines), ...sets].join('\n')
}

function connectorLines(spec: ConnectorSpec): readonly string[] {
  const traits = [spec.kind, spec.start, ...(spec.tier === undefined ? [] : [`tier ${spec.tier}`]), ...(spec.off ? [`off: ${spec.off.reason}`] : [])]
  return [
    `${spec.name}: ${traits.join(', ')}`,
    `  config ${JSON.stringify(spec.config)}`,
    ...(spec.fallback.length > 0 ? [`  fallback ${spec.fallback.join(' ')}`] : []),
    ...spec.tools.map((tool) => {
      const { timeoutMs, cache, limit, retry, result, arguments: rules } = tool.policy
      const policy = { timeoutMs, ...(cache && { cache }), ...(limit && { limit }), ...(retry > 0 && { retry }), result, ...(rules.length > 0 && { arguments: rules }) }
      const words = [tool.effect, tool.role, ...tool.aliases.map((alias) => `alias ${alias}`), ...(tool.deprecated === undefined ? [] : [`deprecated: ${tool.deprecated}`])]
      return [
        `  tool ${tool.name}: ${words.join(', ')}`,
        `    ${tool.summary}${tool.description === undefined ? '' : ` | ${tool.description}`}`,
        `    input ${JSON.stringify(tool.input)}`,
        ...(tool.output === undefined ? [] : [`    output ${JSON.stringify(tool.output)}`]),
        `    operation ${JSON.stringify(tool.operation)}`,
        `    policy ${JSON.stringify(policy)}`,
        `    annotations ${JSON.stringify(tool.annotations)}${tool.meta ? ` meta ${JSON.stringify(tool.meta)}` : ''}`,
        ...testLines(tool),
      ].join('\n')
    }),
    ...spec.resources.flatMap(({ uri, template, mimeType, tool }) => [`  resource ${uri}${template ? ' (template)' : ''} ${mimeType}: ${tool.summary} input ${JSON.stringify(tool.input)}`, ...testLines(tool)]),
    ...spec.prompts.map(({ name, arguments: given, messages }) => `  prompt ${name}(${given.map((one) => `${one.name}${one.required ? '' : '?'}`).join(', ')}): ${messages.map(({ role, text }) => `${role}: ${text}`).join(' / ')}`),
  ]
}

const testLines = ({ tests }: ToolSpec): readonly string[] =>
  tests.map(({ name, args, place, error, expect, budgetMs }) => {
    const placed = expect.map(({ place: { line }, ...expectation }) => `${line} ${JSON.stringify(expectation)}`)
    const words = [...(error ? [`error ${error.code} ${error.message ?? ''}`] : []), ...placed, ...(budgetMs === undefined ? [] : [`${budgetMs} ms`])]
    return `    test ${place.line}:${place.column} ${name} ${JSON.stringify(args)}${words.map((word) => `\n      ${word}`).join('')}`
  })
