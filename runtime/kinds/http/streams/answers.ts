import { isObject, type Json } from '../../../contract/json.ts'
import { messageIn } from '../messages.ts'
import { keysOf, valueAt } from '../pointer.ts'
import type { Answering } from './config.ts'
import { matcher } from './match.ts'
import { textOf } from './rows.ts'

/** What a message says of subscriptions. */
export interface AnswerFound {
  /** The keys it names; undefined: it names none, and is about the message that waits longest. */
  readonly keys: readonly string[] | undefined
  readonly words: string | undefined
}

/** Makes the reader of answers; without a description no message is one. */
export function answerReader(answering: Answering | undefined): (message: Json) => AnswerFound | undefined {
  if (answering === undefined) return () => undefined
  const isAnswer = matcher(answering)
  const list = answering.keys === undefined ? undefined : keysOf(answering.keys)
  const keyPlace = keysOf(answering.key ?? '')
  return (message) => {
    if (!isAnswer(message)) return undefined
    return {
      keys: list === undefined ? undefined : keysIn(valueAt(message, list), keyPlace),
      words: messageIn({ type: 'json', value: message }, answering.message),
    }
  }
}

function keysIn(found: Json | undefined, keyPlace: readonly string[]): readonly string[] {
  const items: readonly Json[] = Array.isArray(found) ? found : found === undefined || found === null ? [] : [found]
  return items.flatMap((item) => {
    // A list of keys, or of what has one inside.
    const key = textOf(isObject(item) || Array.isArray(item) ? valueAt(item, keyPlace) : item)
    return key === undefined ? [] : [key]
  })
}
