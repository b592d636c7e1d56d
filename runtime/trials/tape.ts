import type { Answer } from '../contract/answer.ts'
import type { Handler } from '../contract/call.ts'
import { HubError, type ErrorCode } from '../contract/errors.ts'
import { parseJson, scrubJson, type JsonObject } from '../contract/json.ts'
import type { Secrets } from '../contract/secret.ts'
import type { Kept } from './kept.ts'
import type { Trial } from './trial.ts'
import { isSame } from './value.ts'

/** One trial's handler with what stands between it and the system. */
export interface Taped {
  readonly handler: Handler
  /** Called once the trial passed. */
  keep(): void
  /** After a call that found nothing to answer with: why. */
  lack(): Lack | undefined
}

/** Why a recording could not answer. */
export interface Lack {
  readonly reason: string
  /** There is an answer, to another question. */
  readonly isStale: boolean
}

/** How the handlers of trials get their answers. */
export interface Tape {
  readonly name: 'live' | 'record' | 'replay'
  on(trial: Trial, handler: Handler): Taped
}

/** The hub's own tools speak of the hub that is asked: there is no system behind them to record. */
export const isOwn = ({ connector }: Trial): boolean => connector.kind === 'hub'

const nothing = (): undefined => undefined

/** Handlers as they are. */
export const liveTape: Tape = { name: 'live', on: (_trial, handler) => ({ handler, keep: nothing, lack: nothing }) }

/** Handlers whose answers are kept, scrubbed of secrets, when their trial passed. */
export function recordingTape(kept: Kept, secrets: Secrets): Tape {
  const scrubbed = (value: JsonObject): JsonObject => scrubJson(parseJson(JSON.stringify(value)), secrets) as JsonObject
  return {
    name: 'record',
    on(trial, handler) {
      if (isOwn(trial)) return { handler, keep: nothing, lack: nothing }
      let heard: JsonObject | undefined
      return {
        async handler(args, run) {
          try {
            const answer = await handler(args, run)
            heard = { answer: answer as unknown as JsonObject }
            return answer
          } catch (error) {
            // What is no error of the hub's is a fault, and no answer to expect again.
            heard = error instanceof HubError ? { error: errorOf(error) } : undefined
            throw error
          }
        },
        keep() {
          if (heard) kept.set(trial, { args: trial.test.args, ...scrubbed(heard) })
        },
        lack: nothing,
      }
    },
  }
}

/** Handlers that answer what was recorded, and open nothing. */
export function replayTape(kept: Kept): Tape {
  return {
    name: 'replay',
    on(trial, handler) {
      if (isOwn(trial)) return { handler, keep: nothing, lack: nothing }
      const entry = kept.entry(trial)
      if (entry === undefined) return speechless({ reason: 'no answer of it is recorded; hub test --record', isStale: false })
      if (isSame(entry['args'] ?? {}, trial.test.args)) return { handler: () => replayed(entry), keep: nothing, lack: nothing }
      return speechless({ reason: 'its arguments are others than when it was recorded; hub test --record', isStale: true })
    },
  }
}

// A test whose arguments are refused never asks, and needs no recording.
function speechless(lack: Lack): Taped {
  let wasAsked = false
  return {
    handler() {
      wasAsked = true
      return Promise.reject(new HubError('HUB_UPSTREAM_FAILED', lack.reason))
    },
    keep: nothing,
    lack: () => (wasAsked ? lack : undefined),
  }
}

function replayed({ answer, error }: JsonObject): Promise<Answer> {
  if (error === undefined) return Promise.resolve(answerOf(answer as JsonObject))
  const { code, message, details } = error as JsonObject
  return Promise.reject(new HubError(code as ErrorCode, String(message), (details ?? {}) as JsonObject))
}

// Each call gets an answer of its own, numbers kept as digits and all: what comes after may change it.
const answerOf = (answer: JsonObject): Answer => parseJson(JSON.stringify(answer)) as unknown as Answer

// Details may hold what JSON has no word for.
const errorOf = ({ code, message, details }: HubError): JsonObject => ({ code, message, details: parseJson(JSON.stringify(details)) })
