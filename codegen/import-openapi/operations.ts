import { HubError } from '../../runtime/contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { matcher } from '../../runtime/manifest/names.ts'
import type { References } from './pointer.ts'

/** One operation of the document. */
export interface Operation {
  /** In capitals. */
  readonly method: string
  readonly path: string
  readonly id?: string
  readonly tags: readonly string[]
  readonly value: JsonObject
  /** The path item it stands in. */
  readonly item: JsonObject
}

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head'] as const

/** Every operation, in the order of the document. */
export function operationsOf(document: JsonObject, references: References): readonly Operation[] {
  const paths = references.follow(document['paths']) ?? {}
  return Object.entries(paths).flatMap(([path, written]) => {
    const item = references.follow(written)
    if (item === undefined || !path.startsWith('/')) return []
    return methods.flatMap((method) => {
      const value = references.follow(item[method])
      return value === undefined ? [] : [operationOf(method.toUpperCase(), path, value, item)]
    })
  })
}

function operationOf(method: string, path: string, value: JsonObject, item: JsonObject): Operation {
  const { operationId: id, tags } = value
  return { method, path, ...(typeof id === 'string' && id !== '' && { id }), tags: texts(tags), value, item }
}

const texts = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])

/** Which operations are wanted: patterns with * over tags, paths, `METHOD /path` and operationIds. */
export interface Selection {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** The wanted operations. Throws HUB_CONFIG_VALUE for a pattern that fits none: a misspelt exclude would let through what was to stay out. */
export function select(operations: readonly Operation[], { include, exclude }: Selection): readonly Operation[] {
  const idle = [...include, ...exclude].filter((pattern) => !operations.some((operation) => fits(operation, pattern)))
  if (idle.length > 0) throw new HubError('HUB_CONFIG_VALUE', `no operation fits ${idle.map((one) => `"${one}"`).join(', ')}: ${whatThereIs(operations)}`)
  return operations.filter((operation) => (include.length === 0 || anyFits(operation, include)) && !anyFits(operation, exclude))
}

const anyFits = (operation: Operation, patterns: readonly string[]): boolean => patterns.some((pattern) => fits(operation, pattern))

function fits({ method, path, id, tags }: Operation, pattern: string): boolean {
  const matches = matcher(pattern)
  return matches(path) || matches(`${method} ${path}`) || (id !== undefined && matches(id)) || tags.some(matches)
}

function whatThereIs(operations: readonly Operation[]): string {
  const tags = [...new Set(operations.flatMap((operation) => operation.tags))]
  const shown = tags.length > 0 ? tags : operations.map(({ method, path }) => `${method} ${path}`)
  return `its ${tags.length > 0 ? 'tags' : 'operations'} are ${shown.slice(0, 20).join(', ')}${shown.length > 20 ? ', …' : ''}`
}

/** What all operations may be looked through for: false for what is no map. */
export const hasPaths = (document: JsonObject): boolean => isObject(document['paths']) && Object.keys(document['paths']).length > 0
