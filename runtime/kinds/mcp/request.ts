import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isObject } from '../../contract/json.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Flight } from './flight.ts'

/** Who the hub says it is to its upstreams. */
export const clientInfo: { readonly name: string; readonly version: string } = { name: 'mcp-integration-hub', version: ownVersion(import.meta.dirname) }

/** The version of the package this file belongs to, whether it runs from source or from `dist/`. */
function ownVersion(folder: string): string {
  try {
    const described: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (isObject(described) && described.name === 'mcp-integration-hub') return String(described.version)
  } catch {
    // No manifest here: look further up.
  }
  return dirname(folder) === folder ? '0.0.0' : ownVersion(dirname(folder))
}

const envelope = 'io.modelcontextprotocol/'

/** The fixed part of every modern request's `_meta`. */
export const modernHead = (version: string): string =>
  `"${envelope}protocolVersion":${JSON.stringify(version)},"${envelope}clientInfo":${JSON.stringify(clientInfo)},"${envelope}clientCapabilities":`

/** A JSON-RPC request as text. `head` is `modernHead` for a modern upstream, undefined for a legacy one. */
export function requestText(flight: Flight, head: string | undefined): string {
  const { id, ask, params, run } = flight
  let meta = run === undefined ? '' : `"progressToken":${id}`
  if (head !== undefined) {
    meta += `${meta === '' ? '' : ','}${head}${run === undefined ? '{}' : JSON.stringify(run.callerCapabilities)}`
    if (run?.logLevel !== undefined) meta += `,"${envelope}logLevel":${JSON.stringify(run.logLevel)}`
  }
  if (run !== undefined) meta += traceText(run.trace)
  const resumed = head === undefined || run?.resumed === undefined ? '' : resumedText(run.resumed)
  const inner = `${params}${resumed}`
  const members = meta === '' ? inner : `${inner}${inner === '' ? '' : ','}"_meta":{${meta}}`
  return `{"jsonrpc":"2.0","id":${id},"method":"${ask.method}","params":{${members}}}`
}

function traceText(trace: { readonly traceparent?: string; readonly tracestate?: string; readonly baggage?: string }): string {
  let text = ''
  if (trace.traceparent !== undefined) text += `,"traceparent":${JSON.stringify(trace.traceparent)}`
  if (trace.tracestate !== undefined) text += `,"tracestate":${JSON.stringify(trace.tracestate)}`
  if (trace.baggage !== undefined) text += `,"baggage":${JSON.stringify(trace.baggage)}`
  return text
}

function resumedText(resumed: { readonly responses: JsonObject; readonly state: string }): string {
  const state = resumed.state === '' ? '' : `,"requestState":${JSON.stringify(resumed.state)}`
  return `,"inputResponses":${JSON.stringify(resumed.responses)}${state}`
}
