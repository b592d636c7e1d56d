import { isObject, type Json } from '../../../runtime/contract/json.ts'
import type { Reason } from './reason.ts'

/** Which way a schema is read: what callers may give, or what they get. */
export type Direction = 'input' | 'output'

const longest = 120
const mostListed = 12

/** A value as a report shows it: JSON, cut short. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return 'any'
  const text = JSON.stringify(value)
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

const listed = (values: Json | undefined): string => {
  const list = Array.isArray(values) ? (values as readonly Json[]) : [values as Json]
  return list.slice(0, mostListed).map(shown).join(', ') + (list.length > mostListed ? `, … (${list.length} in all)` : '')
}

/** The names of types, numbers put together again. */
function types(value: Json | undefined): string {
  const list = (Array.isArray(value) ? value : []) as readonly string[]
  const isNumber = list.includes('fraction')
  return list
    .filter((type) => type !== 'fraction' && !(isNumber && type === 'integer'))
    .concat(isNumber ? ['number'] : [])
    .join(' | ')
}

/** Types that are lost, and those that came instead. */
function typeSentence({ has, takes }: Reason, isForward: boolean, isInput: boolean): string {
  const isFraction = Array.isArray(has) && has.length === 1 && has[0] === 'fraction' && takes === undefined
  if (isFraction) return isForward ? 'type number → integer' : 'type integer → number'
  if (takes !== undefined) return isForward ? `type ${types(has)} → ${types(takes)}` : `type ${types(takes)} → ${types(has)}`
  if (isForward) return `no longer ${isInput ? 'takes' : 'answers'} ${types(has)}`
  return `${isInput ? 'also takes' : 'may also answer'} ${types(has)}`
}

/** What a reason means for a reader of the change. `isForward`: it keeps values of the old schema from fitting the new one; else the other way round. */
export function sentenceOf(reason: Reason, isForward: boolean, direction: Direction): string {
  const { about, has, takes, isNew } = reason
  const isInput = direction === 'input'
  const [was, is] = isForward ? [has, takes] : [takes, has]
  switch (about) {
    case 'type':
      return typeSentence(reason, isForward, isInput)
    case 'values':
      return isForward ? `no longer ${isInput ? 'takes' : 'answers'} ${listed(has)}` : `${isInput ? 'also takes' : 'may also answer'} ${listed(has)}`
    case 'enum':
      return isForward ? `${isInput ? 'takes' : 'answers'} only ${listed(takes)}` : `${isInput ? 'takes' : 'may answer'} more than ${listed(takes)}`
    case 'required':
      return requiredSentence(isForward, isInput, isNew === true)
    case 'refused':
      if (isForward) return `is no longer ${isInput ? 'taken' : 'answered'}`
      return isInput ? 'is new and optional' : 'is new'
    case 'undeclared':
      if (isForward) return isInput ? 'is new and optional' : 'is new'
      return 'is no longer described'
    case 'closed':
      return isForward
        ? `closed: names that are not described are ${isInput ? 'refused' : 'not answered'}`
        : 'opened: names that are not described may stand there too'
    case 'uniqueItems':
      return isForward ? 'items must differ from each other' : 'items may be alike'
    case 'dependentRequired':
      return isForward ? `asks for ${listed(takes)} beside it` : `no longer asks for ${listed(takes)} beside it`
    case 'size':
      return 'too large or too entangled to compare'
    case 'anyOf':
    case 'oneOf':
      if (!reason.isTold) return `the alternatives (${about}) changed`
      return isForward ? `one of the alternatives (${about}) is gone` : `there is another alternative (${about})`
    default:
      return plainSentence(about, was, is)
  }
}

function requiredSentence(isForward: boolean, isInput: boolean, isNew: boolean): string {
  if (isInput) {
    if (isForward) return isNew ? 'is new and required' : 'is now required'
    return isNew ? 'was required and is gone' : 'is no longer required'
  }
  if (isForward) return isNew ? 'is new and always there' : 'is now always there'
  return isNew ? 'was always there and is gone' : 'is no longer always there'
}

/** Pattern, bound, format and the like: from one value to another, or to none. */
function plainSentence(about: string, was: Json | undefined, is: Json | undefined): string {
  if (was === undefined && is === undefined) return `${about} changed`
  if (isObject(was) || isObject(is)) return `${about} ${was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'}`
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : shown(value))
  if (was === undefined) return `${about} ${text(is)} added`
  if (is === undefined) return `${about} ${text(was)} removed`
  return `${about} ${text(was)} → ${text(is)}`
}
