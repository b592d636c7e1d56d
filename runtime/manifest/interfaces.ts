import { isObject, type Json, type JsonSchema } from '../contract/json.ts'
import { toCurrentDialect } from './dialect.ts'
import type { Manifest } from './manifest.ts'
import { expandReferences, originOf, type Origin } from './references.ts'
import type { Path, Source } from './source.ts'

/** A tool's input or output, with references in place, and where each part of it stands. */
export interface Interface {
  readonly schema: JsonSchema
  placeOf(path: Path): { readonly source: Source; readonly path: Path }
}

/** Reads a schema of the manifest; undefined when there is a problem, which was told. */
export async function writtenSchema(manifest: Manifest, value: Json, at: Path): Promise<Interface | undefined> {
  const expanded = await expandReferences(value, manifest.source, at, manifest.library, manifest.tellIn, true)
  if (expanded === undefined) return undefined
  const { origins } = expanded
  return checked(manifest, expanded.value, (path) => originOf(origins, path))
}

/** The same for one of a file of pinned definitions. */
export function pinnedSchema(manifest: Manifest, value: Json, at: Path): Interface | undefined {
  const schema = isObject(value) || typeof value === 'boolean' ? toCurrentDialect(value) : value
  return checked(manifest, schema, (path) => ({ source: (manifest.pinned as NonNullable<Manifest['pinned']>).source(), path: [...at, ...path] }))
}

/** A schema that stands nowhere: what is wrong with it is told at `at`. */
export const givenSchema = (manifest: Manifest, schema: JsonSchema, at: Path): Interface => ({ schema, placeOf: () => ({ source: manifest.source, path: at }) })

function checked(manifest: Manifest, schema: Json, placeOf: Interface['placeOf']): Interface | undefined {
  const remarks = manifest.checkSchema(schema)
  for (const remark of remarks) {
    const { source, path } = placeOf(remark.path)
    manifest.tellIn(source, { ...remark, path })
  }
  return remarks.length === 0 ? { schema: schema as JsonSchema, placeOf } : undefined
}

/** True for a schema that says its values are maps; otherwise the fault was told. */
export function takesMap(manifest: Manifest, { schema, placeOf }: Interface): boolean {
  if (isObject(schema) && schema['type'] === 'object') return true
  const { source, path } = placeOf([])
  const type: Origin['at'] = isObject(schema) && 'type' in schema && source.has([...path, 'type']) ? [...path, 'type'] : path
  manifest.tellIn(source, {
    code: 'HUB_CONFIG_SCHEMA',
    message: 'the input of a tool must be of type object',
    hint: 'say type: object, and put its arguments under properties',
    path: type,
  })
  return false
}
