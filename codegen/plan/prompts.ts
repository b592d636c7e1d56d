import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { change, type Change, type Entry } from './report.ts'
import type { SeenPrompt } from './snapshot.ts'
import { definitionWords, plainChange } from './words.ts'

/** Prompts that came, went or changed. */
export function comparePrompts(before: readonly SeenPrompt[], after: readonly SeenPrompt[]): readonly Entry[] {
  const fresh = new Map(after.map((prompt) => [prompt.name, prompt]))
  const old = new Set(before.map(({ name }) => name))
  return [
    ...before.flatMap((prompt) => entryOf(prompt, fresh.get(prompt.name))),
    ...after
      .filter(({ name }) => !old.has(name))
      .map(({ name }): Entry => ({ sort: 'prompt', name, state: 'added', changes: [change('compatible', 'name', 'is new')] })),
  ]
}

function entryOf(before: SeenPrompt, after: SeenPrompt | undefined): readonly Entry[] {
  const { name } = before
  if (!after) return [{ sort: 'prompt', name, state: 'removed', changes: [change('breaking', 'name', 'is gone')] }]
  const messages =
    before.spec && after.spec ? plainChange('messages', before.spec.messages as unknown as Json, after.spec.messages as unknown as Json, 'wording') : []
  const changes = [
    ...argumentChanges(before.definition, after.definition),
    ...definitionWords(before.definition, after.definition, ['title', 'description']),
    ...messages,
  ]
  return changes.length === 0 ? [] : [{ sort: 'prompt', name, state: 'changed', changes }]
}

function argumentChanges(before: JsonObject, after: JsonObject): readonly Change[] {
  const [old, fresh] = [argumentsOf(before), argumentsOf(after)]
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((path) => {
    const [was, is] = [old.get(path), fresh.get(path)]
    const told = (verdict: Change['verdict'], message: string): Change => ({ verdict, part: 'arguments', path, message })
    if (!was) return [is?.['required'] === true ? told('breaking', 'is new and required') : told('compatible', 'is new and optional')]
    if (!is) return [told('breaking', 'is no longer taken')]
    if (was['required'] !== true && is['required'] === true) return [told('breaking', 'is now required')]
    if (was['required'] === true && is['required'] !== true) return [told('compatible', 'is no longer required')]
    return was['description'] === is['description'] ? [] : [told('wording', 'description changed')]
  })
}

const argumentsOf = ({ arguments: given }: JsonObject): ReadonlyMap<string, JsonObject> =>
  new Map((Array.isArray(given) ? (given as readonly Json[]) : []).filter(isObject).map((one) => [String(one['name']), one]))
