import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler, Run } from '../../contract/call.ts'
import type { Catalogue } from '../../contract/catalogue.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { gatherCandles, type Origin } from './candles/gather.ts'
import type { Reading } from './candles/read.ts'
import type { Settings } from './config.ts'
import type { Toolbox } from './engine/toolbox.ts'
import { filled, type DeclaredOperation, type IndicatorsOperation } from './operation.ts'
import { stopIfOver } from './pace.ts'
import { columnsOfPatterns, columnsOfRequests, columnsOfRules, type Needed } from './needed.ts'
import { requestOf, type Fault, type Request } from './request.ts'
import { answerCompute } from './tools/compute.ts'
import { answerDescribe, answerList } from './tools/list.ts'
import { answerPatterns, patternsOf, type Direction } from './tools/patterns.ts'
import { ruleOf, usualRules, type Rule } from './tools/rules.ts'
import { answerSignals } from './tools/signals.ts'

/** What tools of one connector are bound with. */
export interface Workplace {
  readonly settings: Settings
  readonly catalogue: Catalogue
  /** The libraries, loaded at the first use. */
  readonly tools: () => Promise<Toolbox>
}

const usualRows = 20
const usualCandles = 100

/** Binds one tool. */
export function bindTool(tool: ToolSpec<IndicatorsOperation>, place: Workplace): Handler {
  const { operation } = tool
  if (!('standard' in operation)) return (args, run) => declared(operation, tool, place, args, run)
  const caps = tool.policy.result
  const candles = (args: Args, needed: Needed, run: Run): Promise<Reading> =>
    gatherCandles(args as Origin, place.settings.candles, needed, place.catalogue, run)
  switch (operation.standard) {
    case 'list':
      return async ({ search, family, limit = 25, offset = 0 }, run) => {
        stopIfOver(run)
        return answerList(search as string | undefined, family as string | undefined, Number(limit), Number(offset))
      }
    case 'describe':
      return async ({ indicator }, run) => {
        stopIfOver(run)
        return answerDescribe(String(indicator))
      }
    case 'compute':
      return async (args, run) => {
        stopIfOver(run)
        const requests = requestsOf(args['indicators'], place.settings)
        return answerCompute(requests, await candles(args, columnsOfRequests(requests), run), lastOf(args['last'], usualRows), caps, await place.tools(), run)
      }
    case 'patterns':
      return async (args, run) => {
        stopIfOver(run)
        const wanted = patternsOf(textsOf(args['patterns']))
        return answerPatterns(
          wanted,
          args['direction'] as Direction | undefined,
          await candles(args, columnsOfPatterns, run),
          lastOf(args['last'], usualRows),
          caps,
          await place.tools(),
          run,
        )
      }
    case 'signals':
      return async (args, run) => {
        stopIfOver(run)
        const rules = rulesOf(args['rules'] ?? usualRules, place.settings)
        return answerSignals(rules, await candles(args, columnsOfRules(rules), run), lastOf(args['last'], usualCandles), caps, await place.tools(), run)
      }
  }
}

/** A declared tool: its operation with the holes filled, over the candles it names or the caller gives. */
async function declared(operation: DeclaredOperation, tool: ToolSpec, place: Workplace, args: Args, run: Run): Promise<Answer> {
  stopIfOver(run)
  const { compute, signals, patterns, from, last, direction } = (filled(operation as unknown as JsonObject, args) ?? {}) as unknown as DeclaredOperation
  const wanted = {
    ...(compute && { requests: requestsOf(compute, place.settings) }),
    ...(signals && { rules: rulesOf(signals, place.settings) }),
    ...(patterns && { patterns: patternsOf(textsOf(patterns)) }),
  }
  const origin: Origin = from === undefined ? (args as Origin) : { from }
  const needed = wanted.requests ? columnsOfRequests(wanted.requests) : wanted.rules ? columnsOfRules(wanted.rules) : columnsOfPatterns
  const reading = await gatherCandles(origin, place.settings.candles, needed, place.catalogue, run)
  const tools = await place.tools()
  const caps = tool.policy.result
  if (wanted.requests) return answerCompute(wanted.requests, reading, lastOf(last, usualRows), caps, tools, run)
  if (wanted.rules) return answerSignals(wanted.rules, reading, lastOf(last, usualCandles), caps, tools, run)
  return answerPatterns(wanted.patterns ?? [], directionOf(direction), reading, lastOf(last, usualRows), caps, tools, run)
}

function requestsOf(value: Json | undefined, settings: Settings): readonly Request[] {
  return listOf(value, 'indicators', settings).map((entry, index) => {
    const { request, faults } = requestOf(entry)
    if (request) return request
    throw faultError(faults, ['indicators', index])
  })
}

function rulesOf(value: Json | readonly JsonObject[] | undefined, settings: Settings): readonly Rule[] {
  return listOf(value as Json, 'rules', settings).map((entry, index) => {
    const { rule, faults } = ruleOf(entry)
    if (rule) return rule
    throw faultError(faults, ['rules', index])
  })
}

function listOf(value: Json | undefined, name: string, { indicators: most }: Settings): readonly JsonObject[] {
  const entries = Array.isArray(value) ? (value as readonly Json[]) : []
  if (entries.length === 0) throw new HubError('HUB_ARGS_INVALID', `${name} is empty; name at least one`, { path: name })
  if (entries.length > most)
    throw new HubError('HUB_ARGS_INVALID', `${entries.length} ${name} are more than the ${most} of one call; ask in several`, { path: name })
  return entries.map((entry, index) => {
    if (isObject(entry)) return entry
    throw new HubError('HUB_ARGS_INVALID', `${name}[${index}] is no object`, { path: `${name}[${index}]` })
  })
}

function faultError([fault]: readonly Fault[], path: readonly (string | number)[]): HubError {
  const place = [...path, ...(fault?.path ?? [])].map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('')
  return new HubError('HUB_ARGS_INVALID', `${place}: ${fault?.message ?? 'it cannot be read'}; ${fault?.hint ?? 'see list_indicators'}`, { path: place })
}

const textsOf = (value: Json | readonly string[] | undefined): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

function lastOf(value: Json | undefined, usual: number): number {
  if (value === undefined || value === null) return usual
  const count = Number(value)
  if (Number.isInteger(count) && count >= 1) return count
  throw new HubError('HUB_ARGS_INVALID', `last is ${JSON.stringify(value)}; give a whole number from 1 on`, { path: 'last' })
}

function directionOf(value: Json | undefined): Direction | undefined {
  if (value === undefined || value === 'bullish' || value === 'bearish' || value === 'neutral') return value
  throw new HubError('HUB_ARGS_INVALID', `direction is ${JSON.stringify(value)}; one of bullish, bearish, neutral`, { path: 'direction' })
}
