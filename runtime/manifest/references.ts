import { dirname, resolve } from 'node:path'
import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import type { Finding } from '../contract/place.ts'
import { pointerOf, valueAt } from './environment.ts'
import { pathOf } from './faults.ts'
import type { Remark } from './problems.ts'
import type { Path, Source } from './source.ts'
import { suggest } from './suggest.ts'

/** Where files that `$ref` names are read from; each is read once. */
export interface Library {
  load(path: string): Promise<{ readonly source: Source } | { readonly source?: undefined; readonly finding: Omit<Finding, 'path'> }>
}

/** Which part of an expanded value came from where. */
export interface Origin {
  readonly output: Path
  readonly source: Source
  readonly at: Path
}

/** A value with the references across files put in place. */
export interface Expanded {
  readonly value: Json
  readonly origins: readonly Origin[]
}

/** Tells a remark about a file other than the one being read, too. */
export type TellIn = (source: Source, remark: Remark) => void

const mostValues = 50_000
const annotations = new Set(['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', '$comment'])
const dataKeywords = new Set(['const', 'enum', 'default', 'examples'])
const nameKeywords = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])

class Refused extends Error {}

interface Here {
  readonly source: Source
  readonly at: Path
  readonly output: Path
  /** The schema that `#/…` speaks of first, and where it lies in the output. */
  readonly root?: { readonly value: Json; readonly output: Path }
  readonly chain: readonly string[]
  /** True where keys are names of the author's, not keywords. */
  readonly names: boolean
}

/**
 * Puts `file.yaml#/pointer` and, where the schema itself has nothing there, `#/pointer` of the manifest in place. `#/…` that the schema answers itself stays, so that a schema may
 * recur within its own `$defs`. Undefined when something is wrong; it was told.
 */
export async function expandReferences(
  value: Json,
  source: Source,
  at: Path,
  library: Library,
  tell: TellIn,
  isSchema: boolean,
): Promise<Expanded | undefined> {
  const origins: Origin[] = [{ output: [], source, at }]
  if (!mentionsReference(value)) return { value, origins }
  let values = 0
  let sound = true

  const refuse = (here: Here, remark: Omit<Remark, 'path'>): Json => {
    sound = false
    tell(here.source, { ...remark, path: [...here.at, '$ref'] })
    return {}
  }

  const expand = async (inner: Json, here: Here): Promise<Json> => {
    if (++values > mostValues) {
      tell(source, {
        path: at,
        part: 'key',
        code: 'HUB_CONFIG_FILE',
        message: `with its references put in place this has more than ${mostValues} values`,
        hint: 'refer to smaller schemas, or use $defs',
      })
      throw new Refused()
    }
    if (Array.isArray(inner)) {
      const items: Json[] = []
      for (const [index, item] of (inner as readonly Json[]).entries()) items.push(await expand(item, step(here, index, false)))
      return items
    }
    if (!isObject(inner)) return inner
    const { $ref: reference } = inner
    if (typeof reference === 'string' && !here.names) return follow(reference, inner, here)
    return expandFields(inner, here)
  }

  const expandFields = async (inner: JsonObject, here: Here): Promise<JsonObject> => {
    const result: Record<string, Json> = {}
    for (const [key, item] of Object.entries(inner)) {
      const isData = isSchema && !here.names && dataKeywords.has(key)
      result[key] = isData ? item : await expand(item, step(here, key, isSchema && !here.names && nameKeywords.has(key)))
    }
    return result
  }

  const follow = async (reference: string, inner: JsonObject, here: Here): Promise<Json> => {
    const { $ref: _reference, ...beside } = inner
    const [file = '', fragment = ''] = reference.split('#', 2)
    if (file === '' && isOwn(fragment, here)) {
      const pointer = fragment === '' || fragment.startsWith('/') ? `#${pointerOf(here.root?.output ?? [])}${fragment}` : reference
      return { $ref: pointer, ...(await expandFields(beside, here)) }
    }
    if (/^[a-z][a-z0-9+.-]+:/i.test(file)) return foreign(reference, inner, here)
    const target = file === '' ? here.source : await fetchSource(file, here)
    if (target === undefined) return {}
    return inline(target, fragment, reference, beside, here)
  }

  const foreign = (reference: string, inner: JsonObject, here: Here): Json => {
    if (reference === 'https://json-schema.org/draft/2020-12/schema') return inner
    return refuse(here, {
      code: 'HUB_CONFIG_REFERENCE',
      message: `${JSON.stringify(reference)} is not read: the hub takes no schema from the network`,
      hint: 'keep the schema in a file beside the manifest',
    })
  }

  const fetchSource = async (file: string, here: Here): Promise<Source | undefined> => {
    const loaded = await library.load(resolve(dirname(here.source.path), file))
    if (loaded.source) return loaded.source
    refuse(here, { ...loaded.finding, code: 'HUB_CONFIG_REFERENCE', message: `${file}: ${loaded.finding.message}` })
    return undefined
  }

  const inline = async (target: Source, fragment: string, reference: string, beside: JsonObject, here: Here): Promise<Json> => {
    const steps = pathOf(fragment)
    const found = fragment === '' || fragment.startsWith('/') ? valueAt(target.value, steps) : undefined
    if (found === undefined)
      return refuse(here, { code: 'HUB_CONFIG_REFERENCE', message: `${JSON.stringify(reference)} leads to nothing`, hint: nearby(target, steps, reference) })
    const id = `${target.file}#${fragment}`
    if (here.chain.includes(id)) {
      const circle = [...here.chain.slice(here.chain.indexOf(id)), id].join(' -> ')
      return refuse(here, {
        code: 'HUB_CONFIG_CIRCULAR',
        message: `this reference leads back to itself: ${circle}`,
        hint: 'a schema may recur within its own $defs, by #/$defs/<name>',
      })
    }
    const isWrapped = Object.keys(beside).some((key) => !annotations.has(key))
    // Behind what stands there, so that nothing of it moves: pointers into it are written already.
    const { allOf = [] } = beside
    // What is no list is told of by the schema's own check.
    if (isWrapped && !Array.isArray(allOf)) return expandFields(beside, here)
    const output = isWrapped ? [...here.output, 'allOf', (allOf as readonly Json[]).length] : here.output
    origins.push({ output, source: target, at: steps })
    const root = { value: found, output: isSchema ? output : [] }
    const value = await expand(found, { source: target, at: steps, output, root, chain: [...here.chain, id], names: false })
    if (Object.keys(beside).length === 0 || !isObject(value)) return value
    const fields = await expandFields(beside, here)
    return isWrapped ? { ...fields, allOf: [...((fields['allOf'] as readonly Json[] | undefined) ?? []), value] } : { ...value, ...fields }
  }

  try {
    const chain = [`${source.file}#${pointerOf(at)}`]
    const expanded = await expand(value, { source, at, output: [], ...(isSchema && { root: { value, output: [] } }), chain, names: false })
    return sound ? { value: expanded, origins } : undefined
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

/** The file and path a part of an expanded value came from. */
export function originOf(origins: readonly Origin[], path: Path): { readonly source: Source; readonly path: Path } {
  const covers = (origin: Origin): boolean => origin.output.every((step, index) => String(step) === String(path[index])) && origin.output.length <= path.length
  const longest = origins.filter(covers).reduce((best, origin) => (origin.output.length >= best.output.length ? origin : best))
  return { source: longest.source, path: [...longest.at, ...path.slice(longest.output.length)] }
}

const step = (here: Here, key: string | number, names: boolean): Here => ({ ...here, at: [...here.at, key], output: [...here.output, key], names })

function isOwn(fragment: string, here: Here): boolean {
  if (here.root === undefined) return false
  return (fragment !== '' && !fragment.startsWith('/')) || valueAt(here.root.value, pathOf(fragment)) !== undefined
}

function nearby(target: Source, steps: readonly string[], reference: string): string | undefined {
  const parent = valueAt(target.value, steps.slice(0, -1))
  const names = isObject(parent) ? Object.keys(parent) : []
  const found = suggest(steps.at(-1) ?? '', names)
  if (found !== undefined) return found
  return names.length === 0 ? undefined : `${reference.split('#')[0] || 'this file'} has ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`
}

function mentionsReference(value: Json): boolean {
  if (value === null || typeof value !== 'object') return false
  if (isObject(value) && typeof value['$ref'] === 'string') return true
  for (const inner of Object.values(value)) if (mentionsReference(inner as Json)) return true
  return false
}
