import type { Args } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, isRawNumber, type Json, type JsonObject } from '../../contract/json.ts'

/** A hole of a template: `{name}`, or `{+name}` for one that may hold slashes. */
export interface Hole {
  readonly name: string
  readonly mayClimbDown: boolean
  /** Where it stands in the text, in UTF-16 units. */
  readonly offset: number
  readonly length: number
}

const pattern = /\{(\+?)([A-Za-z_$][\w.$-]*)\}/g

/** The holes of a text. */
export const holesOf = (text: string): readonly Hole[] =>
  [...text.matchAll(pattern)].map((match) => ({ name: match[2] as string, mayClimbDown: match[1] === '+', offset: match.index, length: match[0].length }))

const invalid = (name: string, message: string): HubError =>
  new HubError('HUB_ARGS_INVALID', `argument "${name}" ${message}`, { faults: [{ path: name, message }] })

/** A text with its holes filled; one whose input is left out is filled with nothing. */
export const fillText = (text: string, args: Args): string => text.replaceAll(pattern, (_hole, _plus, name: string) => textOf(args[name]))

/** A path with its holes filled. Throws HUB_ARGS_INVALID for a value that is no text or number, is empty, or holds a slash where it may not. */
export const fillPath = (path: string, args: Args): string =>
  path.replaceAll(pattern, (_hole, plus: string, name: string) => {
    const value = args[name]
    if (typeof value !== 'string' && typeof value !== 'number' && !isRawNumber(value)) throw invalid(name, 'stands in a path, so it must be a text or a number')
    const text = textOf(value)
    if (text === '') throw invalid(name, 'is empty, and stands in a path')
    if (plus === '' && text.includes('/')) throw invalid(name, 'holds a slash, and stands for one name of a path; write it another way, as in BTC-USDT')
    return text
  })

/** A number of the manifest, or of an input; undefined for one that is left out. */
export function fillNumber(value: number | string | undefined, args: Args): number | undefined {
  if (typeof value !== 'string') return value
  const [hole] = holesOf(value)
  const given = hole === undefined ? undefined : args[hole.name]
  if (given === undefined || given === null) return undefined
  if (typeof given === 'number' && Number.isSafeInteger(given)) return given
  throw invalid(hole?.name ?? value, 'must be a whole number')
}

/** A document with its holes filled; undefined for one whose input is left out. */
export function fillJson(document: Json, args: Args): Json | undefined {
  if (typeof document === 'string') {
    const [hole] = holesOf(document)
    return hole !== undefined && hole.length === document.length ? args[hole.name] : fillText(document, args)
  }
  if (Array.isArray(document)) return (document as readonly Json[]).map((item) => fillJson(item, args)).filter((item) => item !== undefined)
  if (!isObject(document)) return document
  const entries = Object.entries(document as JsonObject).flatMap(([key, inner]) => {
    const value = fillJson(inner, args)
    return value === undefined ? [] : [[key, value] as const]
  })
  return Object.fromEntries(entries)
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  return isRawNumber(value) ? value.rawJSON : JSON.stringify(value)
}
