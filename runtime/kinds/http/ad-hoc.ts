import type { Args, Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, type Json } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import type { Settings } from './config.ts'
import { fillPath, fillQuery } from './fill.ts'
import type { AdHocOperation, Failure } from './operation.ts'
import { keysOf } from './pointer.ts'
import type { Request } from './prepared.ts'
import type { Service } from './service.ts'
import type { Hole, Pair } from './template.ts'
import { answerOf, mannerOf } from './tool.ts'

/** Binds the tool whose path its caller writes: a GET below base, each part of it encoded. */
export function bindAdHoc(tool: ToolSpec<AdHocOperation>, service: Service, settings: Settings, failure: Failure | undefined): Handler {
  const manner = mannerOf({ ...tool, operation: { request: 'GET /' } }, failure)
  return async (args, run) => {
    const pointer = typeof args['data'] === 'string' ? args['data'] : undefined
    return answerOf(await service.ask(requestOf(args, settings), manner, run), keysOf(pointer ?? ''), pointer)
  }
}

function requestOf(args: Args, { basePath }: Settings): Request {
  const path = String(args['path'])
  if (/[?#]/.test(path)) throw new HubError('HUB_ARGS_INVALID', '"path" has a query or a fragment; the pairs of a query belong into "query"')
  const parts = path.split('/').slice(1)
  const query = isObject(args['query']) ? args['query'] : {}
  return {
    method: 'GET',
    path:
      basePath +
      fillPath(
        parts.map((part, index) => (part === '' && index === parts.length - 1 ? [] : [holeOf('path', index)])),
        named('path', parts),
      ),
    query: fillQuery(Object.keys(query).map(pairOf), named('query', Object.values(query))),
    headers: [],
    body: null,
  }
}

/** Values as arguments of their own, so that they are bound like those of a template. */
const named = (word: string, values: readonly Json[]): Args => Object.fromEntries(values.map((value, index) => [`${word}[${index}]`, value]))

const holeOf = (word: string, index: number): Hole => ({ name: `${word}[${index}]`, joined: false, offset: 0, length: 0 })

const pairOf = (name: string, index: number): Pair => ({ name: encodeURIComponent(name.toWellFormed()), value: [holeOf('query', index)] })
