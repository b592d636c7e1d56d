import type { JsonObject } from '../../contract/json.ts'
import { defineKind } from '../../contract/kind.ts'
import type { Finding } from '../../contract/place.ts'
import type { McpConfig, McpOperation } from './config.ts'

const textOrSecret = { type: ['string', 'number', 'boolean'], 'x-secret': true, 'x-secret-plain': true }

/** Upstream MCP servers: their tools, pinned and named in the manifest, and their prompts and resources. */
export const mcp = defineKind<'mcp', McpConfig, McpOperation>({
  kind: 'mcp',
  summary: 'An MCP server from npm, PyPI, a command or a URL; its tools served as they were reviewed and pinned.',
  config: {
    type: 'object',
    additionalProperties: false,
    properties: {
      package: {
        type: 'object',
        description: 'A published server. An npm package found installed at this version is run from there, anything else by npx or uvx.',
        additionalProperties: false,
        required: ['registry', 'name', 'version'],
        properties: {
          registry: { enum: ['npm', 'pypi'], description: 'Where it is published.' },
          name: { type: 'string', minLength: 1, description: 'Its name there.' },
          version: { type: 'string', minLength: 1, description: 'An exact version.' },
          bin: { type: 'string', description: 'Which of its programs, where it has several.' },
        },
      },
      command: { type: 'string', minLength: 1, description: 'A program that speaks MCP on its standard input and output.' },
      args: { type: 'array', items: { type: 'string' }, description: 'Arguments of command, or of the package’s program.' },
      url: { type: 'string', minLength: 1, 'x-secret': true, 'x-secret-plain': true, description: 'The endpoint of a server that is already running.' },
      transport: { enum: ['stdio', 'http', 'sse'], description: 'stdio for package and command, http (Streamable HTTP) or sse (before 2025-03-26) for url.' },
      env: {
        type: 'object',
        additionalProperties: textOrSecret,
        description: 'Environment of the child beside PATH, HOME, TMPDIR and LANG; it sees nothing else of the hub’s.',
      },
      cwd: { type: 'string', description: 'Working folder of the child, from the manifest’s folder.' },
      headers: { type: 'object', additionalProperties: textOrSecret, description: 'Headers of every request to url.' },
      start: { enum: ['eager', 'lazy'], description: 'When it is started; lazy waits for the first use. Otherwise as the connector or its tier says.' },
      idle: { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$', description: 'Stopped after this long without a call.', examples: ['10m'] },
      session: {
        enum: ['shared', 'caller'],
        default: 'shared',
        description: 'caller: one session for each credential, where the upstream keeps state or asks its user.',
      },
      era: { enum: ['auto', 'modern', 'legacy'], default: 'auto', description: 'modern: 2026-07-28; legacy: 2025-11-25 and before.' },
      prompts: { type: 'boolean', default: true, description: 'Serve its prompts.' },
      resources: { type: 'boolean', default: true, description: 'Serve its resources.' },
      logLevel: {
        enum: ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'],
        description: 'The least of its log messages that are asked for.',
      },
    },
  },
  operation: {
    type: 'object',
    additionalProperties: false,
    properties: { tool: { type: 'string', minLength: 1, description: 'The upstream’s name of the tool, where it is not the same.' } },
  },
  pinned: true,
  // With a session for each caller the upstream may answer each of them differently.
  perCaller: ({ session }) => session === 'caller',
  lintConfig,
  open: async (config, lent) => (await import('./open.ts')).open(config, lent),
})

const sources = ['package', 'command', 'url'] as const

function lintConfig(config: JsonObject): readonly Finding[] {
  const given = sources.filter((name) => config[name] !== undefined)
  if (given.length === 0) {
    return [
      {
        code: 'HUB_CONFIG_MISSING_FIELD',
        message: 'a connector of kind mcp needs one of package, command and url',
        hint: 'add url: https://… or command: node',
        path: [],
      },
    ]
  }
  const [source, second] = given
  if (second !== undefined)
    return [{ code: 'HUB_CONFIG_VALUE', message: `${source} and ${second} both say where the server is`, hint: `keep one of them`, path: [second] }]
  return [...lintRoad(config, source === 'url'), ...lintPieces(config, source === 'url')]
}

function lintRoad(config: JsonObject, remote: boolean): readonly Finding[] {
  const { transport } = config
  if (transport === undefined || (transport === 'stdio') !== remote) return []
  const fits = remote ? 'http or sse' : 'stdio'
  return [
    {
      code: 'HUB_CONFIG_VALUE',
      message: `transport ${String(transport)} does not go with ${remote ? 'url' : 'a child process'}`,
      hint: `use ${fits}, or leave it out`,
      path: ['transport'],
    },
  ]
}

function lintPieces(config: JsonObject, remote: boolean): readonly Finding[] {
  const misplaced = remote ? ['args', 'env', 'cwd'] : ['headers']
  return misplaced
    .filter((name) => config[name] !== undefined)
    .map((name) => ({
      code: 'HUB_CONFIG_VALUE' as const,
      message: `${name} has no meaning ${remote ? 'for a url' : 'for a child process'}`,
      hint: 'remove it',
      path: [name],
    }))
}
