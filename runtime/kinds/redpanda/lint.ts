import { closest, distance } from 'fastest-levenshtein'
import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import type { ToolDraft } from '../../contract/tool.ts'
import { inputsOf, type Input } from '../../contract/inputs.ts'
import { effectOfStandard } from './standard-tools.ts'
import type { Standard } from './operation.ts'
import { holesIn, piecesOf, type Hole } from './template.ts'
import { topicNameFault } from './topic-names.ts'

type Path = readonly (string | number)[]

/** A hole and the text it stands in. */
interface Placed {
  readonly hole: Hole
  readonly path: Path
  /** The operation cannot do without a value here. */
  readonly isNeeded: boolean
}

/** What an operation is without a broker: its topic can be one, its effect is what it does, and holes and inputs agree. */
export function lint(draft: ToolDraft): readonly Finding[] {
  const { operation } = draft
  if (!isObject(operation)) return []
  const { produce, read, collect, standard } = operation
  if (typeof standard === 'string') return lintStandard(draft, standard as Standard)
  if (isObject(produce)) return [...effectFaults(draft, 'produce', ['write', 'destroy']), ...lintTexts(draft, 'produce', produce)]
  if (isObject(read)) return [...effectFaults(draft, 'read', ['read']), ...lintTexts(draft, 'read', read)]
  if (isObject(collect)) return [...effectFaults(draft, 'collect', ['read']), ...lintTexts(draft, 'collect', collect)]
  return []
}

const wrong = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_OPERATION', message, hint, path })
const placeholder = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_PLACEHOLDER', message, hint, path })

function lintStandard({ effect }: ToolDraft, standard: Standard): readonly Finding[] {
  const fits = effectOfStandard(standard)
  return fits === undefined || fits === effect ? [] : [wrong(`${standard} is of effect ${fits}`, `say effect: ${fits}`, ['effect'])]
}

function effectFaults({ effect }: ToolDraft, verb: string, fitting: readonly string[]): readonly Finding[] {
  if (fitting.includes(effect)) return []
  return verb === 'produce'
    ? [wrong('produce under effect: read', 'say effect: write', ['effect'])]
    : [wrong(`${verb} under effect: ${effect}`, 'say effect: read', ['effect'])]
}

function lintTexts(draft: ToolDraft, verb: 'produce' | 'read' | 'collect', parts: JsonObject): readonly Finding[] {
  const path = ['operation', verb]
  const placed = holesOf(parts, path)
  const inputs = inputsOf(draft.input)
  const named = [parts[verb === 'produce' ? 'value' : 'want']].filter((name) => typeof name === 'string')
  return [
    ...topicFaults(parts['topic'], verb, [...path, 'topic']),
    ...partFaults(parts, path),
    ...placed.flatMap((one) => missing(one, inputs)),
    ...named
      .filter((name) => !inputs.has(name))
      .map((name) => placeholder(`there is no input ${name}`, suggestion(name, inputs), [...path, verb === 'produce' ? 'value' : 'want'])),
    // Without a value of its own, a message is all arguments: none of them is unused.
    ...(verb === 'produce' && named.length === 0 ? [] : unused(placed, named, inputs)),
  ]
}

function topicFaults(topic: Json | undefined, verb: string, path: Path): readonly Finding[] {
  if (typeof topic !== 'string') return []
  const fixed = piecesOf(topic)
    .filter((piece) => typeof piece === 'string')
    .join('')
  if (fixed.includes('*') && verb !== 'collect')
    return [wrong(`${verb} takes one topic, and * stands for many`, 'name it, or use {name} for a part of its name', path)]
  if (fixed.replaceAll('*', '') === '') return []
  const fault = topicNameFault(fixed.replaceAll('*', ''))
  return fault === undefined ? [] : [wrong('this cannot be the name of a topic', fault, path)]
}

/** Texts that stand for a number must be one hole and nothing else. */
function partFaults(parts: JsonObject, path: Path): readonly Finding[] {
  return ['partition', 'limit'].flatMap((name) => {
    const text = parts[name]
    if (typeof text !== 'string' || /^\{[A-Za-z_][\w-]*\}$/.test(text)) return []
    return [wrong(`${name} is a number or one {name}`, `write a number, or '{${name}}'`, [...path, name])]
  })
}

function holesOf(parts: JsonObject, path: Path): readonly Placed[] {
  const { headers } = parts
  const inText = (text: Json | undefined, at: Path, isNeeded: boolean): readonly Placed[] =>
    typeof text === 'string' ? holesIn(piecesOf(text)).map((hole) => ({ hole, path: at, isNeeded })) : []
  return [
    ...['topic', 'key', 'subject'].flatMap((name) => inText(parts[name], [...path, name], name === 'topic')),
    ...['partition', 'from', 'limit'].flatMap((name) => inText(parts[name], [...path, name], false)),
    ...Object.entries(isObject(headers) ? headers : {}).flatMap(([name, text]) => inText(text, [...path, 'headers', name], false)),
  ]
}

function missing({ hole, path, isNeeded }: Placed, inputs: ReadonlyMap<string, Input>): readonly Finding[] {
  const within = { offset: hole.offset, length: hole.length }
  const input = inputs.get(hole.name)
  if (input === undefined) return [{ ...placeholder(`{${hole.name}} has no input`, suggestion(hole.name, inputs), path), within }]
  if (!isNeeded || input.isSure) return []
  return [
    {
      ...placeholder(
        `{${hole.name}} is a part of the topic’s name, and its input may be left out`,
        `put ${hole.name} among the required ones, or give it a default`,
        path,
      ),
      within,
    },
  ]
}

function suggestion(name: string, inputs: ReadonlyMap<string, Input>): string {
  const known = [...inputs.keys()]
  const near = known.length === 0 ? undefined : closest(name, known)
  if (near !== undefined && distance(name, near) <= Math.max(2, name.length / 3)) return `did you mean ${near}?`
  return `add ${name} to the properties of input`
}

function unused(placed: readonly Placed[], named: readonly string[], inputs: ReadonlyMap<string, Input>): readonly Finding[] {
  const used = new Set([...placed.map(({ hole }) => hole.name), ...named])
  return [...inputs.keys()]
    .filter((name) => !used.has(name))
    .map((name) => placeholder('nothing in the operation uses this input', `put {${name}} into it, or remove the input`, ['input', 'properties', name]))
}
