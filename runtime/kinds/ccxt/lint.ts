import { isObject, type JsonObject, type JsonSchema } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import { roleCovers } from '../../contract/principal.ts'
import type { ToolDraft } from '../../contract/tool.ts'
import { didYouMean } from './closest.ts'
import { unknownExchange } from './lint-config.ts'
import { changesSomething, isCandles, methods, type Method } from './methods.ts'

const comparable = new Set(['ticker', 'book', 'candles', 'trades'])

/** What a tool is without a connection: its method is there and reads, its inputs are the method’s arguments, its exchanges exist. */
export function lint(draft: ToolDraft): readonly Finding[] {
  const { operation, effect } = draft
  if (!isObject(operation) || typeof operation['method'] !== 'string') return []
  const reads: readonly Finding[] =
    effect === 'read' ? [] : [{ code: 'HUB_CONFIG_OPERATION', message: 'tools of this kind only read', hint: 'say effect: read', path: ['effect'] }]
  const name = operation['method']
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  if (!method) return [...reads, unknownMethod(name)]
  return [
    ...reads,
    ...venueFaults(operation),
    ...divergenceFaults(operation, name, method),
    ...roleFaults(draft, name, method),
    ...inputFaults(draft, operation, name, method),
  ]
}

function unknownMethod(name: string): Finding {
  const path = ['operation', 'method']
  if (changesSomething(name))
    return {
      code: 'HUB_CONFIG_OPERATION',
      message: `${name} changes something at an exchange, and this kind only reads`,
      hint: 'use a method that begins with fetch',
      path,
    }
  if (name.startsWith('watch'))
    return {
      code: 'HUB_CONFIG_OPERATION',
      message: `${name} is a stream`,
      hint: 'streams are flow sources (from: { watch: … }) and resources; a tool asks with fetch…',
      path,
    }
  return {
    code: 'HUB_CONFIG_OPERATION',
    message: `${name} is not a unified method that reads`,
    hint: didYouMean(name, Object.keys(methods), 'fetchTicker, fetchOHLCV, fetchOrderBook are'),
    path,
  }
}

function venueFaults({ exchange, fallback }: JsonObject): readonly Finding[] {
  const all = Array.isArray(fallback) ? fallback : []
  const faults = [
    ...(typeof exchange === 'string' ? unknownExchange(exchange, ['operation', 'exchange']) : []),
    ...all.flatMap((id, index) => (typeof id === 'string' ? unknownExchange(id, ['operation', 'fallback', index]) : [])),
  ]
  if (typeof exchange !== 'string' || all.length === 0 || all[0] === exchange) return faults
  const message = `exchange says ${exchange} and fallback begins with ${String(all[0])}`
  return [...faults, { code: 'HUB_CONFIG_VALUE', message, hint: 'leave exchange out: the first of fallback is asked first', path: ['operation', 'exchange'] }]
}

function divergenceFaults({ divergence, fallback }: JsonObject, name: string, method: Method): readonly Finding[] {
  if (divergence === undefined) return []
  const path = ['operation', 'divergence']
  if (!comparable.has(method.shape))
    return [{ code: 'HUB_CONFIG_OPERATION', message: `answers of ${name} hold no one price that could be compared`, hint: 'remove divergence', path }]
  if (Array.isArray(fallback) && fallback.length > 1) return []
  return [{ code: 'HUB_CONFIG_VALUE', message: 'there is nothing to compare with', hint: 'name two exchanges at least in fallback', path }]
}

// An account’s numbers are not for everyone who may ask for a price.
function roleFaults({ role }: ToolDraft, name: string, { isAccount }: Method): readonly Finding[] {
  if (!isAccount || (role !== undefined && roleCovers(role, 'writer'))) return []
  const message = `${name} reads an account, which readers may not`
  return [{ code: 'HUB_CONFIG_OPERATION', message, hint: 'say role: operator, or role: writer', path: role === undefined ? ['operation', 'method'] : ['role'] }]
}

function inputFaults({ input }: ToolDraft, operation: JsonObject, name: string, { takes, needs }: Method): readonly Finding[] {
  const given = propertiesOf(input)
  const fixed = isObject(operation['with']) ? Object.keys(operation['with']) : []
  const known = new Set<string>([...takes, 'exchange', ...(isCandles(name) ? ['until'] : [])])
  const unused = given.filter((one) => !known.has(one) || (one === 'exchange' && operation['exchange'] !== undefined) || fixed.includes(one))
  const missing = needs.filter((one) => !given.includes(one) && !fixed.includes(one))
  const strange = fixed.filter((one) => !known.has(one))
  return [
    ...unused.map((one): Finding => {
      const message = known.has(one) ? `the operation says what "${one}" is, so callers cannot` : `${name} takes no "${one}"`
      const hint = known.has(one) ? 'remove it from input, or from the operation' : didYouMean(one, known, `it takes ${[...known].join(', ')}`)
      return { code: 'HUB_CONFIG_PLACEHOLDER', message, hint, path: ['input', 'properties', one] }
    }),
    ...missing.map((one): Finding => ({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `${name} needs "${one}"`,
      hint: `add ${one} to the properties of input, or to operation.with`,
      path: ['operation', 'method'],
    })),
    ...strange.map((one): Finding => ({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `${name} takes no "${one}"`,
      hint: `it takes ${takes.join(', ')}`,
      path: ['operation', 'with', one],
    })),
  ]
}

const propertiesOf = (input: JsonSchema): readonly string[] => (isObject(input) && isObject(input['properties']) ? Object.keys(input['properties']) : [])
