import { HubError } from '../contract/errors.ts'
import { isObject, type JsonObject } from '../contract/json.ts'
import type { PromptSpec } from '../contract/tool.ts'
import type { Upstream } from '../registry/types.ts'
import { actResult, finish, inputRequired, rpcError, type Reader } from './answer.ts'
import type { Caller } from './caller.ts'
import { interact } from './interact.ts'
import { exposedPromptName, exposeMessages, exposeMeta } from './names.ts'
import { codes, RpcError } from './protocol.ts'
import type { Services } from './services.ts'
import { listOf, sortedBy, takes } from './upstreams.ts'

/** Answers `prompts/list`: the declared ones and every upstream's. */
export async function listPrompts(services: Services, caller: Caller, reader: Reader): Promise<string> {
  const { view } = caller
  const declared = view.prompts.map(({ name, prompt }) => definitionOf(name, prompt))
  const lists = await Promise.all(view.upstreams.map((upstream) => listUpstream(services, upstream, caller, reader)))
  const taken = new Set(declared.map(({ name }) => name))
  const prompts = sortedBy([...declared, ...lists.flat().filter(({ name }) => !taken.has(name as string))], 'name')
  return finish({ prompts }, reader, true)
}

async function listUpstream(services: Services, upstream: Upstream, caller: Caller, { prefixed }: Reader): Promise<readonly JsonObject[]> {
  const { name: connector } = upstream.connector.spec
  const prompts = await listOf(upstream, (extras) => extras.prompts(), 'prompts', services.log)
  if (!prefixed) return prompts
  return prompts
    .map(
      (prompt) =>
        ({
          ...prompt,
          name: exposedPromptName(connector, String(prompt['name'])),
          ...(prompt['_meta'] === undefined ? {} : { _meta: exposeMeta(prompt['_meta'], connector) }),
        }) as JsonObject,
    )
    .filter(({ name }) => takes(caller, 'prompts', name as string))
}

function definitionOf(name: string, prompt: PromptSpec): JsonObject {
  return {
    name,
    ...(prompt.title === undefined ? {} : { title: prompt.title }),
    description: prompt.summary,
    arguments: prompt.arguments.map((argument) => ({ ...argument }) as JsonObject),
  }
}

/** Where a prompt a caller names is found. */
export type FoundPrompt = { readonly declared: PromptSpec } | { readonly upstream: Upstream; readonly name: string }

/** Finds a prompt by the name this endpoint exposes it under. */
export async function findPrompt(services: Services, name: string, caller: Caller): Promise<FoundPrompt | undefined> {
  const { view } = caller
  const declared = view.prompts.find((prompt) => prompt.name === name)
  if (declared) return { declared: declared.prompt }
  if (!view.endpoint.prefixed) return view.upstreams[0] && { upstream: view.upstreams[0], name }
  if (!takes(caller, 'prompts', name)) return undefined

  // A connector's name may begin another's, so the list decides first; the prefix alone is for prompts an upstream has without listing them.
  const candidates = view.upstreams.filter(({ connector }) => name.startsWith(`${connector.spec.name}_`))
  for (const upstream of candidates) {
    const { name: connector } = upstream.connector.spec
    const listed = (await listOf(upstream, (extras) => extras.prompts(), 'prompts', services.log)).find(
      (prompt) => exposedPromptName(connector, String(prompt['name'])) === name,
    )
    if (listed) return { upstream, name: String(listed['name']) }
  }
  const closest = candidates.toSorted((left, right) => right.connector.spec.name.length - left.connector.spec.name.length)[0]
  return closest && { upstream: closest, name: name.slice(closest.connector.spec.name.length + 1) }
}

/** Answers `prompts/get`. */
export async function getPrompt(services: Services, params: JsonObject, caller: Caller, reader: Reader): Promise<string> {
  const { name } = params
  if (typeof name !== 'string') throw new RpcError(codes.invalidParams, 'Invalid params: prompts/get needs the name of a prompt, a string')
  const given = params['arguments'] ?? {}
  if (!isObject(given)) throw new RpcError(codes.invalidParams, 'Invalid params: the arguments of prompts/get must be an object')
  const found = await findPrompt(services, name, caller)
  if (!found) throw rpcError(new HubError('HUB_PROMPT_UNKNOWN', `no prompt "${name.slice(0, 128)}" here; list the prompts to see what there is`))
  if ('declared' in found) return finish(fill(found.declared, given), reader)

  const { upstream } = found
  const { registry, view, principal, trace, capabilities, endpoint } = caller
  const interaction = await interact(services, caller, `${endpoint.key} prompts/get ${name}`, params, (exchange, signal, resumed) =>
    services.drive({
      registry,
      view,
      tool: upstream.getPrompt,
      args: { name: found.name, arguments: given },
      principal,
      signal,
      trace,
      capabilities,
      exchange,
      ...(resumed === undefined ? {} : { resumed }),
    }),
  )
  if ('requests' in interaction) return inputRequired(interaction.requests, interaction.state, reader)
  const result = actResult(interaction.outcome)
  if (!reader.prefixed) return finish(result, reader)
  const messages = exposeMessages(result['messages'], upstream.connector.spec.name)
  return finish({ ...result, ...(messages === undefined ? {} : { messages }) }, reader)
}

const hole = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g

function fill(prompt: PromptSpec, given: JsonObject): JsonObject {
  const missing = prompt.arguments.filter(({ name, required }) => required && given[name] === undefined).map(({ name }) => name)
  if (missing.length > 0) throw rpcError(new HubError('HUB_ARGS_INVALID', `prompt "${prompt.local}" needs ${missing.join(', ')}`, { missing }))
  const wrong = prompt.arguments.find(({ name }) => given[name] !== undefined && typeof given[name] !== 'string')
  if (wrong) throw rpcError(new HubError('HUB_ARGS_INVALID', `argument "${wrong.name}" of prompt "${prompt.local}" must be a string`))
  const known = new Set(prompt.arguments.map(({ name }) => name))
  const text = (template: string): string => template.replace(hole, (whole, name: string) => (known.has(name) ? String(given[name] ?? '') : whole))
  return {
    description: prompt.summary,
    messages: prompt.messages.map((message) => ({ role: message.role, content: { type: 'text', text: text(message.text) } })),
  }
}
