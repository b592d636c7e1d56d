import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { collectLatest } from './collect.ts'
import { durationMs } from '../../contract/duration.ts'
import type { Hold } from './hold.ts'
import { numberOf } from './numbers.ts'
import type { CollectOperation, ProduceOperation, ReadOperation } from './operation.ts'
import { fromOf, readMessages } from './read.ts'
import { fillText, fillTopic, holesIn, piecesOf, type Pieces } from './template.ts'
import { writeMessage } from './write.ts'

const defaultLimit = 100

/** Binds a tool that writes what its manifest says. */
export function bindProduce({ operation }: ToolSpec<ProduceOperation>, hold: Hold): Handler {
  const { topic, key, headers = {}, partition, value, format = 'json', subject, createMissing } = operation.produce
  const pieces = { topic: piecesOf(topic), key: key === undefined ? undefined : piecesOf(key), subject: subject === undefined ? undefined : piecesOf(subject) }
  const headerPieces = Object.entries(headers).map(([name, text]) => [name, piecesOf(text)] as const)
  return async (args, run): Promise<Answer> => {
    const name = fillTopic(pieces.topic, args)
    const given = value === undefined ? args : args[value]
    if (given === undefined) throw new HubError('HUB_ARGS_INVALID', `/${value}: is missing`, { path: `/${value}` })
    const outgoing = {
      topic: name,
      key: pieces.key === undefined || isOpen(pieces.key, args) ? null : fillText(pieces.key, args),
      value: given,
      headers: headersOf(headerPieces, args),
      format,
      subject: pieces.subject === undefined ? undefined : fillText(pieces.subject, args),
    }
    return writeMessage(hold, outgoing, { partition: optionalNumber(partition, args), createMissing }, run)
  }
}

/** Binds a tool that reads what its manifest says. */
export function bindRead({ operation, policy }: ToolSpec<ReadOperation>, hold: Hold): Handler {
  const { topic, partition, from, limit, key, format = 'auto' } = operation.read
  const pieces = { topic: piecesOf(topic), key: key === undefined ? undefined : piecesOf(key) }
  return async (args, run) => {
    const request = {
      topic: fillTopic(pieces.topic, args),
      limit: optionalNumber(limit, args) ?? defaultLimit,
      partition: optionalNumber(partition, args),
      from: fromOf(optionalValue(from, args)),
      key: pieces.key === undefined || isOpen(pieces.key, args) ? undefined : fillText(pieces.key, args),
      format,
    }
    return readMessages(hold, hold.reading, request, policy.result, run)
  }
}

/** Binds a tool that collects what its manifest says. */
export function bindCollect({ operation, policy }: ToolSpec<CollectOperation>, hold: Hold): Handler {
  const { topic, by, want, atMost = '5s', limit = 500, lookBack = 1_000, format = 'auto' } = operation.collect
  const pieces = piecesOf(topic)
  return async (args, run) => {
    const wanted = want === undefined ? undefined : args[want]
    const request = {
      topic: fillTopic(pieces, args),
      by,
      want: wanted === undefined ? undefined : (Array.isArray(wanted) ? wanted : [wanted]).map(String),
      atMostMs: durationMs(atMost),
      limit,
      lookBack,
      format,
    }
    return collectLatest(hold, hold.tail(), hold.reading, request, policy.result, run)
  }
}

/** True where a hole has no value: a key or a header that stands on it is left out. */
const isOpen = (pieces: Pieces, args: Args): boolean => holesIn(pieces).some(({ name }) => args[name] === undefined || args[name] === null)

const headersOf = (headers: readonly (readonly [string, Pieces])[], args: Args): JsonObject =>
  Object.fromEntries(headers.filter(([, pieces]) => !isOpen(pieces, args)).map(([name, pieces]) => [name, fillText(pieces, args)]))

/** What a word says: itself, or the argument it names in braces. */
function optionalValue(word: number | string | undefined, args: Args): Json | undefined {
  const [, name] = typeof word === 'string' ? (/^\{([A-Za-z_][\w-]*)\}$/.exec(word) ?? []) : []
  return name === undefined ? word : args[name]
}

function optionalNumber(word: number | string | undefined, args: Args): number | undefined {
  const value = optionalValue(word, args)
  if (value === undefined || value === null) return undefined
  const number = numberOf(value)
  if (Number.isInteger(number) && number >= 0) return number
  throw new HubError('HUB_ARGS_INVALID', `${JSON.stringify(value).slice(0, 60)} is not a number one can count to`)
}
