import { isObject, type JsonObject } from '../contract/json.ts'
import type { Upstream } from '../registry/types.ts'
import { actResult, finish, type Reader } from './answer.ts'
import { exchangeOf, type Caller } from './caller.ts'
import { capabilitiesOfUpstream } from './describe.ts'
import { findPrompt } from './prompts.ts'
import { codes, RpcError } from './protocol.ts'
import { findUpstream } from './resources.ts'
import type { Services } from './services.ts'

const nothing: JsonObject = { completion: { values: [], total: 0, hasMore: false } }

/** Answers `completion/complete`: by the upstream whose prompt or template is meant; declared ones have nothing to offer. */
export async function complete(services: Services, params: JsonObject, caller: Caller, reader: Reader): Promise<string> {
  const { ref, argument } = params
  if (!isObject(ref) || !isObject(argument) || typeof argument['name'] !== 'string' || typeof argument['value'] !== 'string')
    throw new RpcError(codes.invalidParams, 'Invalid params: completion/complete needs ref, and argument with name and value')
  const target = await resolve(services, ref, caller)
  if (!target || capabilitiesOfUpstream(target.upstream)['completions'] === undefined) return finish(nothing, reader)
  const { context } = params
  const { registry, view, principal, trace, capabilities, signal } = caller
  const args = { ref: target.ref, argument, ...(isObject(context) ? { context } : {}) }
  const outcome = await services.drive({
    registry,
    view,
    tool: target.upstream.complete,
    args,
    principal,
    signal,
    trace,
    capabilities,
    exchange: exchangeOf(caller),
  })
  return finish(actResult(outcome), reader)
}

async function resolve(services: Services, ref: JsonObject, caller: Caller): Promise<{ readonly upstream: Upstream; readonly ref: JsonObject } | undefined> {
  const { type, name, uri } = ref
  if (type === 'ref/prompt' && typeof name === 'string') {
    const found = await findPrompt(services, name, caller)
    if (!found) throw new RpcError(codes.invalidParams, `HUB_PROMPT_UNKNOWN: no prompt "${name.slice(0, 128)}" here`)
    return 'upstream' in found ? { upstream: found.upstream, ref: { ...ref, name: found.name } } : undefined
  }
  if (type !== 'ref/resource' || typeof uri !== 'string')
    throw new RpcError(codes.invalidParams, 'Invalid params: ref must be a ref/prompt with name or a ref/resource with uri')
  if (caller.view.resources.some(({ spec }) => spec.uri === uri)) return undefined
  const found = findUpstream(uri, caller)
  return found && { upstream: found.upstream, ref: { ...ref, uri: found.uri } }
}
