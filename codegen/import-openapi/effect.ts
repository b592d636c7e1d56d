import type { JsonObject } from '../../runtime/contract/json.ts'
import { guessEffect, type EffectGuess } from '../import-mcp/effect.ts'
import type { Operation } from './operations.ts'

/** What an operation seems to do; `safe`: a POST that only reads. */
export interface OperationEffect extends EffectGuess {
  readonly safe: boolean
}

// Words that name an answer, not a deed: "check" may check out, "run" may run anything.
const asking = /^(search|query|find|list|get|lookup|filter|count|calculate|preview|validate|estimate)$/

/** Guesses from the method, and from the name where that is more dangerous; a POST counts as a read only where its name begins by asking. */
export function effectOf(operation: Operation, name: string): OperationEffect {
  const { method } = operation
  if (method === 'POST' && asking.test(name.split('_')[0] ?? '')) {
    const guess = guessEffect({ name })
    if (guess.effect === 'read') return { effect: 'read', from: `${guess.from}, although it is a POST`, safe: true }
  }
  const annotations: JsonObject = method === 'GET' || method === 'HEAD' ? { readOnlyHint: true } : { destructiveHint: method === 'DELETE' }
  const { effect, from } = guessEffect({ name, annotations })
  const isNamed = from.includes('in its name')
  return { effect, from: isNamed ? from.replace(/, although .*/, `, although it is a ${method}`) : method, safe: false }
}
