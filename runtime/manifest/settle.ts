import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { Secret } from '../contract/secret.ts'
import type { Checker } from './check.ts'
import { pointers } from './check.ts'
import { pointerOf, valueAt, withValueAt, type Environed } from './environment.ts'
import { pathOf } from './faults.ts'
import type { Remark } from './problems.ts'
import { referenceName, type Found } from './secrets.ts'
import type { Path, Source } from './source.ts'

/** A file's values, checked, with defaults laid and secrets in place. */
export interface Settled {
  readonly value: JsonObject
  readonly remarks: readonly Remark[]
  /** References without a value that were not marked optional. */
  readonly unanswered: readonly Found[]
}

const placeholder = 'secret'

/** Checks a file's values against its schema, and puts the secrets that were found where the schema takes them. */
export function settle(source: Pick<Source, 'value' | 'mask'>, environed: Environed, found: readonly Found[], schema: JsonObject, checker: Checker): Settled {
  const references = found.map(({ reference }) => reference.path)
  const holders = pointers([...references, ...environed.missing.map(({ path }) => path)])
  const held = references.reduce((value, path) => withValueAt(value, path, placeholder), environed.value)
  const first = checker.check(schema, { ...environed, value: held }, source.value, holders)
  for (const [pointer, rule] of first.secrets) if (mayHoldSecret(valueAt(source.value, pathOf(pointer)), rule.plain)) source.mask(pathOf(pointer))

  const absent = found.filter(({ reference, secret }) => reference.optional && secret === undefined)
  const second = absent.length === 0 ? first : checker.check(schema, { ...environed, value: withSecrets(held, absent) }, source.value, holders)
  const misplaced = found.flatMap(({ reference }) => (first.secrets.has(pointerOf(reference.path)) ? [] : [notHere(reference.path)]))
  const remarks = [...first.remarks, ...second.remarks.filter(({ code }) => code === 'HUB_CONFIG_MISSING_FIELD')]
  const faults = misplaced.filter(({ path }) => !remarks.some((remark) => startsWith(path, remark.path)))

  const plain = [...first.secrets].filter(([pointer]) => !holders.has(pointer))
  const complete = withSecrets(
    plain.reduce((value, [pointer, rule]) => wrapped(value, pointer, rule.plain), first.value),
    found,
  )
  return {
    value: isObject(complete) ? complete : {},
    remarks: [...remarks, ...faults, ...plain.flatMap(([pointer, rule]) => warnings(source.value, pointer, rule.plain))],
    unanswered: found.filter(({ reference, secret }) => secret === undefined && !reference.optional),
  }
}

/** From the last to the first, so that an item taken out of a list does not move those still to come. */
function withSecrets(value: Json, found: readonly Found[]): Json {
  return found.toReversed().reduce((inner, { reference, secret }) => withValueAt(inner, reference.path, secret), value)
}

/** The name of a variable is no secret; everything else in such a place may be one. Where plain text is welcome, a text around a variable is none. */
function mayHoldSecret(written: Json | undefined, isPlainWelcome: boolean): boolean {
  if (typeof written !== 'string') return false
  return isPlainWelcome ? !/\$\{\w+\}/.test(written) : !/^\$\{\w+\}$/.test(written)
}

function wrapped(value: Json, pointer: string, isPlainWelcome: boolean): Json {
  const path = pathOf(pointer)
  const text = valueAt(value, path)
  return typeof text === 'string' && !isPlainWelcome ? withValueAt(value, path, new Secret(text, `manifest:${path.at(-1) ?? ''}`)) : value
}

function warnings(written: Json, pointer: string, isPlainWelcome: boolean): readonly Remark[] {
  const path = pathOf(pointer)
  const text = valueAt(written, path)
  if (isPlainWelcome || typeof text !== 'string' || text.includes('${')) return []
  const message = `"${path.at(-1) ?? ''}" is a secret and stands here in plain text`
  return [{ code: 'HUB_CONFIG_VALUE', severity: 'warning', message, hint: 'write { secret: NAME } and set the variable NAME', path, part: 'key' }]
}

const notHere = (path: Path): Remark => ({
  code: 'HUB_CONFIG_TYPE',
  message: `"${String(path.at(-1))}" takes no secret`,
  hint: 'write the value itself, or ${NAME}',
  path,
  part: 'key',
})

/** True when `path` lies at or below `above`. */
export const startsWith = (path: Path, above: Path): boolean => above.every((step, index) => String(step) === String(path[index]))

/** What a secret without a value means for the one who runs the hub. */
export function unansweredRemark({ reference, fault }: Found, consequence: string): Remark {
  const name = referenceName(reference)
  const where =
    reference.store === 'env' ? `set the environment variable ${name}` : reference.store === 'file' ? `put it into ${reference.key}` : `put it into ${name}`
  return {
    code: 'HUB_SECRET_MISSING',
    message: `${fault?.message ?? `the secret ${name} has no value`}; ${consequence}`,
    hint: fault ? fault.hint : where,
    path: reference.path,
    part: 'key',
  }
}
