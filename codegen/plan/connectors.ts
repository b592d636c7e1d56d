import { isObject } from '../../runtime/contract/json.ts'
import type { ConnectorSpec } from '../../runtime/contract/manifest.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { digestOf } from '../../runtime/manifest/digest.ts'
import { change, type Change, type Entry } from './report.ts'
import { isSwitchedOff } from './snapshot.ts'
import { textChange } from './words.ts'

/** Connectors that came or went, and settings of theirs that changed. */
export function compareConnectors(before: readonly ConnectorSpec[], after: readonly ConnectorSpec[]): readonly Entry[] {
  const fresh = new Map(after.map((connector) => [connector.name, connector]))
  const old = new Set(before.map(({ name }) => name))
  const come = after.filter(({ name }) => !old.has(name))
  return [
    ...before.flatMap((connector) => entryOf(connector, fresh.get(connector.name))),
    ...come.map(({ name, kind }): Entry => ({ sort: 'connector', name, state: 'added', changes: [change('compatible', 'name', `is new, of kind ${kind}`)] })),
  ]
}

function entryOf(before: ConnectorSpec, after: ConnectorSpec | undefined): readonly Entry[] {
  const { name } = before
  if (!after) return [{ sort: 'connector', name, state: 'removed', changes: [change('neutral', 'name', 'is gone; what it offered is told above')] }]
  const plain = (part: string, was: string | undefined, is: string | undefined): readonly Change[] =>
    was === is ? [] : [change('neutral', part, `${was ?? 'none'} → ${is ?? 'none'}`)]
  const [needed, needs] = [before.off?.needs ?? [], after.off?.needs ?? []]
  const changes = [
    ...plain('enabled', isSwitchedOff(before) ? 'off' : 'on', isSwitchedOff(after) ? 'off' : 'on'),
    ...plain('kind', before.kind, after.kind),
    ...plain('tier', before.tier, after.tier),
    ...plain('start', before.start, after.start),
    ...plain('fallback', before.fallback.join(' ') || undefined, after.fallback.join(' ') || undefined),
    ...needs.filter((one) => !needed.includes(one)).map((one) => change('neutral', 'needs', `${one} must be set, or it stays off`)),
    ...needed.filter((one) => !needs.includes(one)).map((one) => change('neutral', 'needs', `${one} need no longer be set`)),
    // Of a connector that is switched off, secrets are not looked up.
    ...(isSwitchedOff(before) === isSwitchedOff(after) ? settingChanges(before.config, after.config, 'config') : []),
    // What a model is told of the connector's own endpoint.
    ...textChange('instructions', instructionsOf(before), instructionsOf(after)),
  ]
  return changes.length === 0 ? [] : [{ sort: 'connector', name, state: 'changed', changes }]
}

const instructionsOf = ({ definitions, summary }: ConnectorSpec): string => definitions?.instructions ?? summary

const longestShown = 60
const mayBeSecret = /secret|token|pass|pwd|key|auth|credential|cookie|session|env\b|header|\bargs?\b|command/i
const mayHoldSecret = /:\/\/[^/\s]*@|[?&][^=\s]+=/

/** Settings that changed, by name. Values are shown where they surely hold nothing that must not be seen: numbers, switches and plain short words. */
export function settingChanges(before: unknown, after: unknown, path: string): readonly Change[] {
  if (isPlainMap(before) && isPlainMap(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
    return names.flatMap((name) => settingChanges(before[name], after[name], `${path}.${name}`))
  }
  // Secrets are told apart by reference, those written in plain text by a hash.
  if (digestOf(before) === digestOf(after)) return []
  const told = (message: string): readonly Change[] => [{ verdict: 'neutral', part: 'config', path: path.replace(/^config\./, ''), message }]
  if (before === undefined) return told(`added${shownAfter(' ', after, path)}`)
  if (after === undefined) return told('removed')
  const [was, is] = [shownSetting(before, path), shownSetting(after, path)]
  return told(was === undefined || is === undefined ? 'changed' : `${was} → ${is}`)
}

const isPlainMap = (value: unknown): value is Readonly<Record<string, unknown>> => isObject(value) && !(value instanceof Secret)

const shownAfter = (before: string, value: unknown, path: string): string => {
  const shown = shownSetting(value, path)
  return shown === undefined ? '' : `${before}${shown}`
}

/** A setting as the report may show it; undefined when it is only said to have changed. */
function shownSetting(value: unknown, path: string): string | undefined {
  if (value instanceof Secret) return value.reference.startsWith('manifest:') ? undefined : `secret ${value.reference.replace(/^env:/, '')}`
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value)
  if (typeof value !== 'string' || value.length > longestShown || mayBeSecret.test(path) || mayHoldSecret.test(value)) return undefined
  return JSON.stringify(value)
}
