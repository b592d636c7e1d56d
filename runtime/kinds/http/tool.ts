import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler, Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, type Json } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import type { Settings } from './config.ts'
import { headerOf, type Content } from './content.ts'
import type { Incoming } from './exchange.ts'
import { inputsOf } from '../../contract/inputs.ts'
import type { Failure, RequestOperation } from './operation.ts'
import { gather, type Page, type Step } from './pages.ts'
import { keysOf, valueAt } from './pointer.ts'
import { prepare, type Request } from './prepared.ts'
import type { Good, Manner, Service } from './service.ts'
import type { ShapeFault } from './shape.ts'

/** What tools of one connector are bound with. */
export interface Workplace {
  readonly service: Service
  readonly settings: Settings
  /** What in every answer of status 200 means failure. */
  readonly failure: Failure | undefined
  readonly shapeOf: (schema: NonNullable<ToolSpec['output']>) => ShapeFault
}

/** Binds a declared request. Its templates are taken apart at the first call. */
export function bindRequest(tool: ToolSpec<RequestOperation>, place: Workplace): Handler {
  const { operation, output } = tool
  const { service } = place
  const pointer = operation.data
  const keys = keysOf(pointer ?? '')
  const manner = mannerOf(tool, operation.failure ?? place.failure)
  const fault = output === undefined ? undefined : place.shapeOf(output)
  const pages = operation.paginate === undefined ? undefined : bindPages(tool, operation.paginate, place, manner, keys)
  let make: ReturnType<typeof prepare> | undefined

  return async (args, run) => {
    make ??= prepare(tool, place.settings)
    const answer = pages === undefined ? answerOf(await service.ask(make(args), manner, run), keys, pointer) : await pages(make, args, run)
    const wrong = fault?.(answer.data)
    if (wrong !== undefined) throw new HubError('HUB_UPSTREAM_FAILED', `the service answered something else than this tool declares: ${wrong}`)
    return withNote(answer, operation.whenEmpty)
  }
}

/** How a tool's requests are repeated: what reads or is harmless twice; what the pipeline repeats is not repeated here as well. */
export function mannerOf(
  { effect, policy, operation }: Pick<ToolSpec<RequestOperation>, 'effect' | 'policy' | 'operation'>,
  failure: Failure | undefined,
): Manner {
  const isIdempotent = /^(PUT|DELETE) /.test(operation.request)
  const isRepeatable = effect === 'read' || isIdempotent || policy.idempotencyKey !== undefined
  return { isRepeatable, isRepeatedAbove: policy.retry > 0, ...(failure && { failure }) }
}

type Data = Extract<Answer, { type: 'data' }>

/** What of a good answer is the tool's answer. */
export function answerOf({ incoming, content }: Good, keys: readonly string[], pointer: string | undefined): Data {
  if (content.type === 'nothing') return { type: 'data', data: headOf(incoming), notes: ['the service answered without a body'] }
  const found = dataIn(content, keys, pointer)
  if (Array.isArray(found)) return { type: 'data', data: { rows: found } }
  return { type: 'data', data: isObject(found) ? found : content.type === 'text' ? { text: found } : { value: found } }
}

function headOf({ status, headers }: Incoming): Json {
  const told = ['content-type', 'content-length', 'last-modified', 'etag', 'location'].filter((name) => headers[name] !== undefined)
  return { status, ...(told.length > 0 && { headers: Object.fromEntries(told.map((name) => [name, headerOf({ headers }, name)])) }) }
}

function dataIn(content: Exclude<Content, { type: 'nothing' }>, keys: readonly string[], pointer: string | undefined): Json {
  if (content.type === 'text') {
    if (keys.length === 0) return content.text
    throw new HubError('HUB_UPSTREAM_FAILED', `the service answered with ${content.mediaType} where JSON with ${pointer} was expected`)
  }
  const found = valueAt(content.value, keys)
  if (found !== undefined) return found
  const has = isObject(content.value) ? `; it has ${Object.keys(content.value).slice(0, 12).join(', ') || 'nothing'}` : ''
  throw new HubError('HUB_UPSTREAM_FAILED', `the answer of the service has nothing at ${pointer}${has}`)
}

function withNote(answer: Data, whenEmpty: string | undefined): Data {
  if (whenEmpty === undefined || !isObject(answer.data)) return answer
  const { rows } = answer.data
  return Array.isArray(rows) && rows.length === 0 ? { ...answer, notes: [...(answer.notes ?? []), whenEmpty] } : answer
}

type Paged = (make: (args: Args) => Request, args: Args, run: Run) => Promise<Data>

function bindPages(
  tool: ToolSpec<RequestOperation>,
  paginate: NonNullable<RequestOperation['paginate']>,
  { service }: Workplace,
  manner: Manner,
  keys: readonly string[],
): Paged {
  const inputs = new Set(inputsOf(tool.input).keys())
  const pointer = tool.operation.data ?? 'its root'
  // A closed output would not fit with one member more.
  const isOpen = !isObject(tool.output) || tool.output['additionalProperties'] !== false

  return async (make, args, run) => {
    let sent: Request | undefined
    const read = async (step: Step): Promise<Page> => {
      const request: Request = 'url' in step ? { ...(sent as Request), path: step.url.pathname, query: step.url.search.slice(1) } : make(step.args)
      sent = request
      const { incoming, content } = await service.ask(request, manner, run)
      if (content.type === 'nothing') return { incoming, body: null, items: [] }
      const items = dataIn(content, keys, pointer)
      if (!Array.isArray(items)) throw new HubError('HUB_UPSTREAM_FAILED', `the service answered no list at ${pointer}, so it has no pages`)
      return { incoming, body: content.type === 'json' ? content.value : null, items }
    }
    const bounds = { ...tool.policy.result, deadline: run.deadline }
    const { rows, isCut, truncated, notes } = await gather(paginate, args, bounds, inputs, read, (count) => run.progress(count))
    const data: Json = isCut && isOpen ? { rows, truncated: true } : { rows }
    return { type: 'data', data, ...(truncated && { truncated }), ...(notes.length > 0 && { notes }) }
  }
}
