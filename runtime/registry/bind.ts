import type { Handler } from '../contract/call.ts'
import { isObject, type JsonObject } from '../contract/json.ts'
import type { ConnectorSpec } from '../contract/manifest.ts'
import type { ResourceSpec, ToolSpec } from '../contract/tool.ts'
import { HubError } from '../contract/errors.ts'
import type { Extras } from '../contract/kind.ts'
import { createPlainValidate, createValidate, type Check } from './arguments.ts'
import { createMatcher } from './resource-template.ts'
import type { BoundResource, BoundTool, OpenConnector, Upstream, Validate } from './types.ts'

/** A tool bound to its connector: opened and bound at the first call, straight through ever after. `generated` finds the check that codegen wrote of its input. */
export function bindTool(spec: ToolSpec, connector: OpenConnector, generated?: () => Check | undefined): BoundTool {
  return bind(spec, connector, createValidate(spec.input, generated))
}

function bind(spec: ToolSpec, connector: OpenConnector, validate: Validate): BoundTool {
  let bound: Handler | undefined
  return {
    spec,
    connector,
    validate,
    handler: (args, run) => {
      if (bound) return bound(args, run)
      return connector.open().then((open) => {
        bound ??= open.bind(spec)
        return bound(args, run)
      })
    },
  }
}

/** A declared resource bound to its connector. */
export function bindResource(spec: ResourceSpec, connector: OpenConnector): BoundResource {
  const match = spec.template ? createMatcher(spec.uri) : (uri: string) => (uri === spec.uri ? {} : undefined)
  const { input } = spec.tool
  return { spec, tool: bind(spec.tool, connector, isObject(input) ? createPlainValidate(input) : createValidate(input)), match }
}

const string = { type: 'string' } as const
const actInputs = {
  'prompts/get': { type: 'object', required: ['name'], properties: { name: string, arguments: { type: 'object' } } },
  'resources/read': { type: 'object', required: ['uri'], properties: { uri: string } },
  'completion/complete': { type: 'object', required: ['ref', 'argument'], properties: { ref: { type: 'object' }, argument: { type: 'object' } } },
} as const

/** What an upstream is asked besides its tools; each is counted and audited as `<connector>:<act>`. */
export const upstreamActs = Object.keys(actInputs)

/** The acts of an upstream besides its tools, each as a bound tool, so that limits, deadline, scrubbing, metrics and audit hold for them too. */
export function bindUpstream(connector: OpenConnector): Upstream {
  const act = (method: keyof typeof actInputs, perform: (extras: Extras, args: JsonObject, run: Parameters<Handler>[1]) => ReturnType<Handler>): BoundTool => ({
    spec: actSpec(connector.spec, method),
    connector,
    validate: createPlainValidate(actInputs[method]),
    handler: async (args, run) => {
      const { extras } = await connector.open()
      if (!extras) throw new HubError('HUB_UPSTREAM_FAILED', `connector "${connector.spec.name}" offers tools only`)
      return perform(extras, args, run)
    },
  })
  return {
    connector,
    getPrompt: act('prompts/get', async (extras, args, run) =>
      asAnswer(await extras.getPrompt(args['name'] as string, (args['arguments'] ?? {}) as JsonObject, run)),
    ),
    readResource: act('resources/read', async (extras, args, run) => asAnswer(await extras.readResource(args['uri'] as string, run))),
    complete: act('completion/complete', async (extras, args, run) => asAnswer(await extras.complete(args, run))),
  }
}

function asAnswer(result: Awaited<ReturnType<Extras['getPrompt']>>): Awaited<ReturnType<Handler>> {
  if (result['type'] === 'input' && typeof result['state'] === 'string') return result as Extract<typeof result, { type: 'input' }>
  return { type: 'data', data: result as JsonObject }
}

const actBytes = 4 * 1024 * 1024

function actSpec(connector: ConnectorSpec, method: keyof typeof actInputs): ToolSpec {
  const timeoutMs = Math.max(10_000, ...connector.tools.map((tool) => tool.policy.timeoutMs))
  return {
    name: `${connector.name}:${method}`,
    local: method,
    connector: connector.name,
    summary: `${method} of ${connector.name}`,
    input: actInputs[method],
    effect: 'read',
    role: 'reader',
    operation: null,
    policy: {
      timeoutMs,
      retry: 0,
      breaker: connector.tools[0]?.policy.breaker ?? { failures: 5, resetMs: 30_000 },
      result: { rows: 10_000, bytes: actBytes },
      arguments: [],
      scopes: [],
    },
    aliases: [],
    annotations: {},
    tests: [],
    digest: connector.digest,
    place: connector.place,
  }
}
