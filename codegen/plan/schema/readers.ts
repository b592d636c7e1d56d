import { isObject, type Json, type JsonSchema } from '../../../runtime/contract/json.ts'
import { annotations, areEqual, nameMaps } from './canonical.ts'
import { property } from './reason.ts'
import { shown } from './words.ts'

/** A change of what a schema says to its readers, values untouched. */
export interface ReaderChange {
  readonly path: string
  readonly about: string
  readonly message: string
}

const mostChanges = 200
const deepest = 32

/** Descriptions, titles, examples and defaults that changed where both schemas have a part. */
export function readerChanges(before: JsonSchema, after: JsonSchema): readonly ReaderChange[] {
  const changes: ReaderChange[] = []
  compare(before, after, '', changes, 0)
  return changes.slice(0, mostChanges)
}

function compare(before: Json | undefined, after: Json | undefined, path: string, changes: ReaderChange[], depth: number): void {
  if (!isObject(before) || !isObject(after) || depth > deepest || changes.length > mostChanges) return
  for (const about of annotations) {
    const [was, is] = [before[about], after[about]]
    if (was === undefined && is === undefined) continue
    if (was === undefined || is === undefined || !areEqual(was, is)) changes.push({ path, about, message: sentence(about, was, is) })
  }
  for (const [keyword, part] of Object.entries(before)) {
    if (!annotations.includes(keyword)) descend(keyword, part, after[keyword], path, changes, depth + 1)
  }
}

function descend(keyword: string, before: Json, after: Json | undefined, path: string, changes: ReaderChange[], depth: number): void {
  if (nameMaps.has(keyword)) {
    if (!isObject(before) || !isObject(after)) return
    for (const [name, part] of Object.entries(before))
      compare(part, Object.hasOwn(after, name) ? after[name] : undefined, placeOf(keyword, name, path), changes, depth)
    return
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    for (const [index, part] of (before as readonly Json[]).entries())
      compare(part, after[index] as Json, keyword === 'prefixItems' ? `${path}[${index}]` : path, changes, depth)
    return
  }
  compare(before, after, keyword === 'items' ? `${path}[]` : keyword === 'additionalProperties' ? `${path}${path === '' ? '' : '.'}*` : path, changes, depth)
}

const placeOf = (keyword: string, name: string, path: string): string =>
  keyword === 'properties' ? property(path, name) : keyword === 'dependentSchemas' ? path : `${path === '' ? '' : `${path} `}${keyword}/${name}`

function sentence(about: string, was: Json | undefined, is: Json | undefined): string {
  const word = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed'
  if (about !== 'default') return `${about} ${word}`
  if (was === undefined) return `default ${shown(is)} added`
  return is === undefined ? `default ${shown(was)} removed` : `default ${shown(was)} → ${shown(is)}`
}
