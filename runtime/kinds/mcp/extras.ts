import type { Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject } from '../../contract/json.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Definitions, Extras } from '../../contract/kind.ts'
import type { McpConfig } from './config.ts'
import type { Ask } from './flight.ts'
import type { ListMethod } from './lists.ts'
import { pagesToOpen, plainOf } from './result.ts'
import type { Session } from './session.ts'
import type { Upstream } from './upstream.ts'

const startMs = 30_000
const hidden = (config: McpConfig): readonly string[] => [
  ...(config.prompts === false ? ['prompts'] : []),
  ...(config.resources === false ? ['resources'] : []),
]

/** Prompts, resources, completion and change events of an upstream, as far as its manifest serves them. */
export function extrasOf(upstream: Upstream, config: McpConfig, definitions: Definitions | undefined): Extras {
  const without = hidden(config)
  const pinned: Readonly<Record<string, readonly JsonObject[] | undefined>> = {
    'prompts/list': definitions?.prompts,
    'resources/list': definitions?.resources,
    'resources/templates/list': definitions?.resourceTemplates,
  }

  async function list(method: ListMethod, capability: 'prompts' | 'resources'): Promise<readonly JsonObject[]> {
    if (without.includes(capability)) return []
    try {
      // What is pinned needs no child to be started for it.
      const session = upstream.base.session ?? (pinned[method] === undefined ? await upstream.base.ready(AbortSignal.timeout(startMs)) : undefined)
      if (session === undefined) return pinned[method] ?? []
      if (session.capabilities[capability] === undefined) return []
      return await upstream.lists.get(session, method)
    } catch (error) {
      if (isUnknownMethod(error)) return []
      return pinned[method] ?? []
    }
  }

  const live = (): Promise<Session> => upstream.base.ready(AbortSignal.timeout(startMs))
  const answer = (ask: Ask<JsonObject | ReturnType<typeof plainOf>>, params: JsonObject, run: Run): ReturnType<Extras['getPrompt']> =>
    upstream.call(ask, JSON.stringify(params).slice(1, -1), run, params) as ReturnType<Extras['getPrompt']>

  return {
    get capabilities() {
      const known = upstream.base.session?.capabilities ?? definitions?.capabilities ?? {}
      return Object.fromEntries(Object.entries(known).filter(([name]) => !without.includes(name)))
    },
    get instructions() {
      return upstream.base.session?.instructions ?? definitions?.instructions
    },
    prompts: () => list('prompts/list', 'prompts'),
    resources: () => list('resources/list', 'resources'),
    templates: () => list('resources/templates/list', 'resources'),
    async getPrompt(name, args, run) {
      if (config.prompts === false) throw new HubError('HUB_PROMPT_UNKNOWN', 'the prompts of this upstream are not served')
      return answer(askFor('prompts/get', name), { name, arguments: args }, run)
    },
    async readResource(uri, run) {
      if (config.resources === false) throw new HubError('HUB_RESOURCE_UNKNOWN', 'the resources of this upstream are not served')
      return answer(askFor('resources/read', uri), { uri }, run)
    },
    complete: (params, run) => answer(askFor('completion/complete'), params, run) as Promise<JsonObject>,
    subscribe: async (uri) => upstream.subscriptions.add(uri, await live()),
    unsubscribe: (uri) => upstream.subscriptions.remove(uri, upstream.base.session),
    setLogLevel: (level) => upstream.setLogLevel(level),
    onEvent: (listener) => upstream.onEvent(listener),
  }
}

const askFor = (method: string, name?: string): Ask<ReturnType<typeof plainOf>> => ({
  method,
  name,
  mirrors: [],
  effect: 'read',
  read: plainOf,
  refused: pagesToOpen,
})

const isUnknownMethod = (error: unknown): boolean => error instanceof HubError && isObject(error.details) && error.details.upstreamCode === -32_601
