import { parseJson, type JsonSchema } from '../../../runtime/contract/json.ts'
import { shapeOf, textOf } from './canonical.ts'
import { wholeOf } from './node.ts'
import { readerChanges } from './readers.ts'
import type { Reason } from './reason.ts'
import { reasonsAgainst } from './within.ts'
import { sentenceOf, type Direction } from './words.ts'

/** One difference between two schemas. */
export interface SchemaChange {
  /** breaking: what fitted (input), or was promised (output), no longer is; compatible: callers need not change; wording: read by models, of no effect on values. */
  readonly verdict: 'breaking' | 'compatible' | 'wording'
  /** Where in the values; empty for the whole. */
  readonly path: string
  readonly message: string
  /** True where it could not be told and counts as breaking. */
  readonly isUntold: boolean
}

/** How strictly schemas are compared. */
export interface Strictness {
  /**
   * Counts names that a schema leaves undescribed as values that callers send: then an optional property added to an open object is breaking, since somebody may have sent
   * another value under its name. It also counts what the hub fills in by a default as missing.
   */
  readonly isStrict?: boolean
}

/** How two schemas differ for those who send values that fit them (input) or get such values (output). No breaking change among the answer is a proof that there is none. */
export function compareSchemas(before: JsonSchema, after: JsonSchema, direction: Direction, { isStrict = false }: Strictness = {}): readonly SchemaChange[] {
  if (textOf(before) === textOf(after)) return []
  // A document of its own: parts are known by identity, and the two sides may share some.
  const [old, fresh] = [wholeOf(before), wholeOf(parseJson(JSON.stringify(after)) as JsonSchema)]
  const isSame = shapeOf(before) === shapeOf(after)
  const forward = isSame ? [] : merged(reasonsAgainst(old, fresh))
  const backward = isSame ? [] : merged(reasonsAgainst(fresh, old))
  const isInput = direction === 'input'
  const [against, besides] = isInput ? [forward, backward] : [backward, forward]
  const breaking = exchanged(against, besides).map((reason) => asChange(reason, verdictOf(reason, direction, isStrict), isInput, direction))
  // Values that are no longer taken are one fact, others that now are another.
  const told = new Set(against.filter(({ about }) => about !== 'values').map(({ path, about }) => `${path} ${about}`))
  const compatible = besides
    .filter(({ path, about }) => !told.has(`${path} ${about}`))
    .map((reason) => asChange(reason, verdictOfOther(reason, direction), !isInput, direction))
  const words = readerChanges(before, after).map(({ path, about, message }): SchemaChange => ({
    verdict: about === 'default' ? 'compatible' : 'wording',
    path,
    message,
    isUntold: false,
  }))
  const found = [...breaking, ...compatible, ...words]
  if (found.length > 0) return found
  return [{ verdict: 'wording', path: '', message: 'written in another way; the same values fit', isUntold: false }]
}

/** A property that is new and required is told once, and so are the types that several cases of a union lose. */
function merged(reasons: readonly Reason[]): readonly Reason[] {
  const required = new Set(reasons.filter(({ about }) => about === 'required').map(({ path }) => path))
  const kept = reasons.filter(({ about, path }) => !((about === 'undeclared' || about === 'refused') && required.has(path)))
  const typeless = kept.filter(({ about }) => about !== 'type')
  const lost = Map.groupBy(
    kept.filter(({ about }) => about === 'type'),
    ({ path }) => path,
  )
  const types = [...lost].map(([path, several]) => ({
    path,
    about: 'type',
    has: [...new Set(several.flatMap(({ has }) => has as readonly string[]))],
    isTold: true,
  }))
  return [...types, ...typeless]
}

/** Types lost on one side and won on the other are an exchange. */
const exchanged = (reasons: readonly Reason[], others: readonly Reason[]): readonly Reason[] =>
  reasons.map((reason) => {
    const other = reason.about === 'type' ? others.find(({ about, path }) => about === 'type' && path === reason.path) : undefined
    return other?.has === undefined ? reason : { ...reason, takes: other.has }
  })

function verdictOf({ about, isFilled }: Reason, direction: Direction, isStrict: boolean): SchemaChange['verdict'] {
  if (isStrict || direction === 'output') return 'breaking'
  return about === 'undeclared' || (about === 'required' && isFilled === true) ? 'compatible' : 'breaking'
}

/** What narrows an answer is compatible, save that a part of it is gone: whoever read it reads nothing. */
const verdictOfOther = ({ about }: Reason, direction: Direction): SchemaChange['verdict'] =>
  direction === 'output' && about === 'refused' ? 'breaking' : 'compatible'

function asChange(reason: Reason, verdict: SchemaChange['verdict'], isForward: boolean, direction: Direction): SchemaChange {
  const isUntold = verdict === 'breaking' && !reason.isTold
  const filled = verdict === 'compatible' && reason.about === 'required' && reason.isFilled ? '; the hub fills in its default' : ''
  const sentence = `${sentenceOf(reason, isForward, direction)}${filled}`
  return { verdict, path: reason.path, message: isUntold ? `${sentence} (cannot be told, treated as breaking)` : sentence, isUntold }
}
