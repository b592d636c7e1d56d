import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Effect } from '../../runtime/contract/principal.ts'

/** What a tool of a foreign server seems to do, and why it seems so. A person decides. */
export interface EffectGuess {
  readonly effect: Effect
  /** Ends the sentence "guessed from …". */
  readonly from: string
}

const verbs: Readonly<Record<Effect, ReadonlySet<string>>> = {
  read: words(
    'get list read search find describe show query fetch view lookup count check inspect explain status info echo print ping preview summarize summarise analyze analyse compare validate calculate compute resolve scan tail browse annotated tree stat sum',
  ),
  write: words(
    'create add write set update insert put post publish send edit append upsert save upload move copy rename start stop enable disable execute exec run call apply import restore register subscribe assign merge push commit toggle patch configure trigger simulate',
  ),
  destroy: words('delete remove drop purge destroy clear truncate kill terminate reset revoke wipe erase flush uninstall unlink prune'),
}
const rank: Readonly<Record<Effect, number>> = { read: 0, write: 1, destroy: 2 }

/**
 * Guesses the effect of one MCP tool definition. Annotations come from the upstream and are not trusted: the more dangerous of what its annotations and its
 * name say is taken, and a tool that neither speaks of counts as a write.
 */
export function guessEffect(definition: JsonObject): EffectGuess {
  const named = fromName(definition.name as string)
  const annotated = fromAnnotations(definition.annotations)
  if (annotated === undefined) return named ?? { effect: 'write', from: 'nothing: neither annotations nor name say what it does' }
  if (named === undefined || rank[named.effect] <= rank[annotated.effect]) return annotated
  return { effect: named.effect, from: `${named.from}, although ${annotated.from} says ${annotated.effect}` }
}

function fromName(name: string): EffectGuess | undefined {
  const parts = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  const destroying = parts.find((part) => verbs.destroy.has(part))
  if (destroying !== undefined) return { effect: 'destroy', from: `"${destroying}" in its name` }
  // The first verb is what the tool does; later words are what it does it to (`list_updates`, `get_add_ons`).
  const verb = parts.find((part) => verbs.read.has(part) || verbs.write.has(part))
  if (verb === undefined) return undefined
  return { effect: verbs.read.has(verb) ? 'read' : 'write', from: `"${verb}" in its name` }
}

function fromAnnotations(annotations: unknown): EffectGuess | undefined {
  if (annotations === null || typeof annotations !== 'object') return undefined
  const { readOnlyHint, destructiveHint } = annotations as JsonObject
  if (readOnlyHint === true) return { effect: 'read', from: 'readOnlyHint' }
  if (destructiveHint === true) return { effect: 'destroy', from: 'destructiveHint' }
  if (destructiveHint === false) return { effect: 'write', from: 'destructiveHint: false' }
  return undefined
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '))
}
