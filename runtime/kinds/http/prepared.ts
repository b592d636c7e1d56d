import type { Args } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import type { Settings } from './config.ts'
import { bodyTemplate, fillBody, fillForm, fillHeader, fillPath, fillQuery, type BodyTemplate } from './fill.ts'
import type { RequestOperation } from './operation.ts'
import { parseRequest, piecesOf, type Piece } from './template.ts'

/** A request without what says who the hub is. */
export interface Request {
  readonly method: string
  /** From the origin on, without the query. */
  readonly path: string
  /** As it is sent, without the question mark. */
  readonly query: string
  /** Names in small letters, each followed by its value. */
  readonly headers: readonly string[]
  readonly body: string | null
}

/** Makes the request of one call. Throws HUB_ARGS_INVALID for arguments that no request can carry. */
export type Prepare = (args: Args) => Request

/** Takes the templates of a tool apart, once. */
export function prepare({ operation }: ToolSpec<RequestOperation>, settings: Settings): Prepare {
  const { template, faults } = parseRequest(operation.request)
  const [fault] = faults
  if (fault) throw new HubError('HUB_UPSTREAM_FAILED', `the request of this tool cannot be made: ${fault.message}`)
  const { method, segments, query } = template
  const headers = Object.entries(operation.headers ?? {}).map(([name, text]) => [name.toLowerCase(), piecesOf(text)] as const)
  const content = contentOf(operation)

  return (args) => {
    const filled = headers.flatMap(([name, pieces]) => {
      const value = fillHeader(name, pieces, args)
      return value === undefined ? [] : [name, value]
    })
    const body = content === undefined ? undefined : content.fill(args)
    // A body that was left out has no type either.
    const type = body === undefined || headers.some(([name]) => name === 'content-type') ? [] : ['content-type', content?.type as string]
    return { method, path: settings.basePath + fillPath(segments, args), query: fillQuery(query, args), headers: [...filled, ...type], body: body ?? null }
  }
}

interface ContentTemplate {
  readonly type: string
  fill(args: Args): string | undefined
}

function contentOf({ body, form }: RequestOperation): ContentTemplate | undefined {
  if (body !== undefined) return jsonContent(bodyTemplate(body, piecesOf))
  if (form === undefined) return undefined
  const pairs: readonly (readonly [string, readonly Piece[]])[] = Object.entries(form).map(([name, text]) => [name, piecesOf(text)])
  return { type: 'application/x-www-form-urlencoded', fill: (args) => fillForm(pairs, args) }
}

function jsonContent(template: BodyTemplate): ContentTemplate {
  return {
    type: 'application/json',
    fill: (args) => {
      const value = fillBody(template, args)
      return value === undefined ? undefined : JSON.stringify(value)
    },
  }
}
