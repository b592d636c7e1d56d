import { closest, distance } from 'fastest-levenshtein'
import { HubError } from '../../contract/errors.ts'
import { isObject, type Json } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import type { ToolDraft } from '../../contract/tool.ts'
import { inputsOf, type Input } from '../../contract/inputs.ts'
import { checkChannel, checkKey, checkWord } from './names.ts'
import { actOf, acts, shapes, type Act, type MemoryOperation } from './operation.ts'
import { holesOf, type Hole } from './template.ts'

type Path = readonly (string | number)[]

/** A hole and the text it stands in. */
interface Placed {
  readonly hole: Hole
  readonly path: Path
  /** It becomes part of a name, so its input may not be left out. */
  readonly isName: boolean
}

const wrong = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_OPERATION', message, hint, path })
const placeholder = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_PLACEHOLDER', message, hint, path })

/** What an operation is without a store: it does no more than its effect says, has all it needs, its names can be names, and its holes and inputs agree. */
export function lint(draft: ToolDraft): readonly Finding[] {
  const { operation } = draft
  if (!isObject(operation)) return []
  const [word, parts] = Object.entries(operation)[0] ?? []
  if (!acts.includes(word as Act) || !isObject(parts)) return []
  const { act, fixed } = actOf(operation as MemoryOperation)
  const placed = Object.entries(fixed).flatMap(([name, value]) => placedIn(value, ['operation', act, name], !['value', 'patch', 'body'].includes(name)))
  const inputs = inputsOf(draft.input)
  return [
    ...effectFaults(draft, act),
    ...nameFaults(act, fixed),
    ...missing(placed, inputs),
    ...needed(act, fixed, inputs),
    ...unused(act, fixed, placed, inputs),
  ]
}

function placedIn(value: Json, path: Path, isName: boolean): readonly Placed[] {
  // A text with more in it than one hole is put together of texts.
  if (typeof value === 'string') {
    return holesOf(value).map((hole) => ({ hole, path, isName: isName || hole.length !== value.length }))
  }
  if (Array.isArray(value)) return value.flatMap((inner: Json, index) => placedIn(inner, [...path, index], isName))
  return isObject(value) ? Object.entries(value).flatMap(([name, inner]) => placedIn(inner, [...path, name], isName)) : []
}

function effectFaults({ effect }: ToolDraft, act: Act): readonly Finding[] {
  const wanted = shapes[act].effect
  if (wanted === 'read') return effect === 'read' ? [] : [wrong(`${act} only reads`, 'say effect: read', ['effect'])]
  if (effect === 'read') return [wrong(`${act} under effect: read`, `say effect: ${wanted}`, ['effect'])]
  if (wanted !== 'destroy' || effect === 'destroy') return []
  return [
    {
      ...wrong(`${act} under effect: write`, 'say effect: destroy, and role: writer where agents may remove what they wrote', ['effect']),
      severity: 'warning',
    },
  ]
}

const checks: Readonly<Record<string, (text: string) => unknown>> = {
  key: checkKey,
  prefix: (text) => checkKey(text, 'prefix'),
  channel: checkChannel,
  symbol: (text) => checkWord(text, 'symbol'),
  timeframe: (text) => checkWord(text, 'timeframe'),
  kind: (text) => checkWord(text, 'kind'),
  namespace: (text) => {
    if (text !== 'own' && !/^shared\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) {
      throw new HubError('HUB_ARGS_INVALID', 'a namespace is own or shared/<name>, a name being letters, digits, dots, hyphens and underscores')
    }
  },
}

function nameFaults(act: Act, fixed: Readonly<Record<string, Json>>): readonly Finding[] {
  return Object.entries(fixed).flatMap(([name, value]) => {
    if (typeof value !== 'string' || checks[name] === undefined) return []
    const path = ['operation', act, name]
    try {
      // Each hole is filled with a letter: what is around it must be a name.
      checks[name](value.replaceAll(/\{[A-Za-z_][A-Za-z0-9_]*\}/g, 'x'))
      return []
    } catch (error) {
      return [wrong((error as Error).message, 'choose another', path)]
    }
  })
}

function missing(placed: readonly Placed[], inputs: ReadonlyMap<string, Input>): readonly Finding[] {
  return placed.flatMap(({ hole, path, isName }): readonly Finding[] => {
    const within = { offset: hole.offset, length: hole.length }
    const input = inputs.get(hole.name)
    if (input === undefined) return [{ ...placeholder(`{${hole.name}} has no input`, suggestion(hole.name, [...inputs.keys()]), path), within }]
    if (!isName || input.isSure) return []
    return [
      {
        ...placeholder(
          `{${hole.name}} becomes part of a text, and its input may be left out`,
          `put ${hole.name} among the required ones, or give it a default`,
          path,
        ),
        within,
      },
    ]
  })
}

function suggestion(name: string, known: readonly string[]): string {
  const near = known.length === 0 ? undefined : closest(name, [...known])
  return near !== undefined && distance(name, near) <= Math.max(2, name.length / 3) ? `did you mean {${near}}?` : `add ${name} to the properties of input`
}

function needed(act: Act, fixed: Readonly<Record<string, Json>>, inputs: ReadonlyMap<string, Input>): readonly Finding[] {
  return shapes[act].needs.flatMap((name): readonly Finding[] => {
    if (name in fixed) return []
    const input = inputs.get(name)
    const canFix = shapes[act].fixes.includes(name) ? `fix it under ${act}, or ` : ''
    if (input === undefined)
      return [
        placeholder(`${act} needs ${name}, which is neither fixed nor an input`, `${canFix}add ${name} to the properties of input and to the required ones`, [
          'operation',
          act,
        ]),
      ]
    return input.isSure
      ? []
      : [
          placeholder(`${act} needs ${name}, and its input may be left out`, `put ${name} among the required ones, or give it a default`, [
            'input',
            'properties',
            name,
          ]),
        ]
  })
}

function unused(act: Act, fixed: Readonly<Record<string, Json>>, placed: readonly Placed[], inputs: ReadonlyMap<string, Input>): readonly Finding[] {
  const { needs, takes } = shapes[act]
  const used = new Set([...placed.map(({ hole }) => hole.name), ...[...needs, ...takes].filter((name) => !(name in fixed))])
  return [...inputs.keys()]
    .filter((name) => !used.has(name))
    .map((name) => {
      const why = name in fixed ? `${name} is fixed under ${act}, so nothing uses this input` : `nothing in the operation uses this input`
      return placeholder(why, `remove it, or put {${name}} where it belongs`, ['input', 'properties', name])
    })
}
