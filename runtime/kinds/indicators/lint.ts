import { closest, distance } from 'fastest-levenshtein'
import { isObject, type Json, type JsonObject, type JsonSchema } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import type { ToolDraft } from '../../contract/tool.ts'
import { holesIn, isOpen } from './operation.ts'
import { columnsOf, requestOf, withColumns, type Fault, type Request } from './request.ts'
import { nearToPattern, patternNamed } from './tools/patterns.ts'
import { ruleOf } from './tools/rules.ts'

type Path = readonly (string | number)[]

/** Inputs a tool may have without a hole: they are where candles come from when the manifest does not say. */
const ownInputs = new Set(['candles', 'from'])

/** All that can be known of a tool before a call: its indicators, parameters, rules and patterns are there, and its holes and inputs agree. */
export function lint(draft: ToolDraft): readonly Finding[] {
  const { operation } = draft
  if (!isObject(operation)) return []
  const effect: readonly Finding[] =
    draft.effect === 'read' ? [] : [wrong(`indicators change nothing, and this tool says effect: ${draft.effect}`, 'say effect: read', ['effect'])]
  if (operation['standard'] !== undefined) return effect
  const { compute, signals, patterns } = operation
  const works = ['compute', 'signals', 'patterns'].filter((name) => operation[name] !== undefined)
  if (works.length !== 1) {
    const message = works.length === 0 ? 'the operation does not say what to do' : `the operation says ${works.join(' and ')}`
    return [...effect, wrong(message, works.length === 0 ? 'add compute, signals or patterns' : 'keep one, and make another tool of the other', ['operation'])]
  }
  return [
    ...effect,
    ...(Array.isArray(compute) ? computeFaults(compute as readonly Json[]) : []),
    ...(Array.isArray(signals)
      ? signals.flatMap((entry: Json, index) => faultsAt(isObject(entry) ? ruleOf(entry, isOpen).faults : [], ['operation', 'signals', index]))
      : []),
    ...(Array.isArray(patterns) ? patternFaults(patterns as readonly Json[]) : []),
    ...directionFaults(operation),
    ...holeFaults(operation, draft.input),
    ...originFaults(operation, draft.input),
  ]
}

const wrong = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_OPERATION', message, hint, path })

const faultsAt = (faults: readonly Fault[], path: Path): readonly Finding[] => faults.map((fault) => wrong(fault.message, fault.hint, [...path, ...fault.path]))

function computeFaults(entries: readonly Json[]): readonly Finding[] {
  const read = entries.map((entry) => (isObject(entry) ? requestOf(entry, isOpen) : { faults: [] }))
  const faults = read.flatMap(({ faults: found }, index) => faultsAt(found, ['operation', 'compute', index]))
  if (faults.length > 0) return faults
  const requests = read.flatMap(({ request }): readonly Request[] => (request ? [request] : []))
  const names = new Set(['timestamp', 'close'])
  return withColumns(requests).flatMap((request, index) =>
    columnsOf(request).flatMap((name) => {
      const isTaken = names.has(name)
      names.add(name)
      return isTaken ? [wrong(`two columns would be called "${name}"`, 'give one of the indicators another alias', ['operation', 'compute', index])] : []
    }),
  )
}

const patternFaults = (ids: readonly Json[]): readonly Finding[] =>
  ids.flatMap((id, index) =>
    typeof id !== 'string' || isOpen(id) || patternNamed(id)
      ? []
      : [wrong(`there is no candle pattern "${id}"`, nearToPattern(id), ['operation', 'patterns', index])],
  )

function directionFaults({ direction, patterns, last }: JsonObject): readonly Finding[] {
  const found: Finding[] = []
  if (typeof last === 'string' && !isOpen(last))
    found.push(wrong(`last is ${JSON.stringify(last)}`, 'a whole number, or {name} of an input', ['operation', 'last']))
  if (direction === undefined) return found
  if (patterns === undefined) found.push(wrong('direction is for patterns', 'remove it', ['operation', 'direction']))
  else if (!isOpen(direction) && !['bullish', 'bearish', 'neutral'].includes(String(direction))) {
    found.push(wrong(`direction is ${JSON.stringify(direction)}`, 'one of bullish, bearish, neutral', ['operation', 'direction']))
  }
  return found
}

function holeFaults(operation: JsonObject, input: JsonSchema): readonly Finding[] {
  const inputs = namesIn(input)
  const holes = holesIn(operation, ['operation'])
  const used = new Set(holes.map(({ name }) => name))
  return [
    ...holes
      .filter(({ name }) => !inputs.includes(name))
      .map(({ name, path }): Finding => ({ code: 'HUB_CONFIG_PLACEHOLDER', message: `{${name}} has no input`, hint: suggestion(name, inputs), path })),
    ...inputs
      .filter((name) => !used.has(name) && !(ownInputs.has(name) && operation['from'] === undefined))
      .map((name): Finding => ({
        code: 'HUB_CONFIG_PLACEHOLDER',
        message: `no {${name}} in the operation uses this input`,
        hint: `put '{${name}}' into it, or remove the input`,
        path: ['input', 'properties', name],
      })),
  ]
}

function originFaults(operation: JsonObject, input: JsonSchema): readonly Finding[] {
  if (operation['from'] !== undefined) {
    const tool = isObject(operation['from']) ? operation['from']['tool'] : undefined
    return typeof tool === 'string' && isOpen(tool)
      ? [wrong('the tool is left to the caller', 'name it: a caller would choose what this tool calls', ['operation', 'from', 'tool'])]
      : []
  }
  if (namesIn(input).some((name) => ownInputs.has(name))) return []
  return [wrong('there is nowhere to take candles from', 'add from: { tool, args } to the operation, or an input candles', ['operation'])]
}

function suggestion(name: string, inputs: readonly string[]): string {
  const near = inputs.length === 0 ? undefined : closest(name, [...inputs])
  return near !== undefined && distance(name, near) <= Math.max(2, name.length / 3) ? `did you mean {${near}}?` : `add ${name} to the properties of input`
}

const namesIn = (input: JsonSchema): readonly string[] => (isObject(input) && isObject(input['properties']) ? Object.keys(input['properties']) : [])
