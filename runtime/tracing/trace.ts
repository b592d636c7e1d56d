import type { TraceContext } from '../contract/telemetry.ts'

const noTrace: TraceContext = Object.freeze({})
const parentForm = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const stateMember =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/
const baggageMember =
  /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=[ \t]*[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*(?:[ \t]*;[ \t]*[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+)*$/
const maxStateLength = 512
const maxBaggageLength = 8_192

/** Trace context from the headers of a request or the `_meta` of a message (both name its members alike). What is not valid W3C is left out; without a valid traceparent there is no tracestate. */
export function readTrace(carrier: Readonly<Record<string, unknown>> | undefined): TraceContext {
  if (carrier === undefined || (carrier.traceparent === undefined && carrier.baggage === undefined)) return noTrace
  const traceparent = validParent(carrier.traceparent)
  const tracestate = traceparent === undefined ? undefined : validList(carrier.tracestate, stateMember, 32, maxStateLength)
  const baggage = validList(carrier.baggage, baggageMember, 64, maxBaggageLength)
  if (traceparent === undefined && baggage === undefined) return noTrace
  return { ...(traceparent !== undefined && { traceparent }), ...(tracestate !== undefined && { tracestate }), ...(baggage !== undefined && { baggage }) }
}

function validParent(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > maxStateLength) return undefined
  const [, version, traceId, parentId, , more] = parentForm.exec(value) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined
  return /[^0]/.test(traceId ?? '') && /[^0]/.test(parentId ?? '') ? value : undefined
}

function validList(value: unknown, member: RegExp, most: number, maxLength: number): string | undefined {
  const text = Array.isArray(value) ? value.join(',') : value
  if (typeof text !== 'string' || text.length > maxLength) return undefined
  const members = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return members.length > 0 && members.length <= most && members.every((part) => member.test(part)) ? members.join(',') : undefined
}
