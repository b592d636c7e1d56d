import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { upgrade } from '@scalar/openapi-upgrader'
import { HubError } from '../../runtime/contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import { parseSourceDocument, type SourceDocument } from '../import-source/document.ts'
import { isAddress, readLocation, type Reach } from '../import-source/read.ts'
import { bundle, hasOutside } from './bundle.ts'
import { at, stepsOf } from './pointer.ts'

/** An OpenAPI document of any version, in the words of 3.1. */
export interface OpenapiDocument {
  readonly value: JsonObject
  /** As it was written: `Swagger 2.0`, `OpenAPI 3.0.3`. */
  readonly version: string
  readonly location: string
  /** Every place at which one of these references of the 3.1 document was written, sorted. */
  placesOf(references: ReadonlySet<string>): readonly string[]
}

/** Reads, bundles and upgrades a document. Rejects with what is wrong with it. */
export async function readOpenapi(location: string, reach: Reach): Promise<OpenapiDocument> {
  const source = parseSourceDocument(await readLocation(location, reach), location)
  const version = versionOf(source.value, location)
  const bundled = hasOutside(source.value) ? await bundle(source, baseOf(location), reach) : source.value
  return { value: upgraded(bundled, location), version, location, placesOf: (references) => placesOf(source, references) }
}

const baseOf = (location: string): string => (isAddress(location) ? location : pathToFileURL(resolve(location)).href)

function versionOf({ swagger, openapi, asyncapi, arazzo }: JsonObject, location: string): string {
  if (typeof openapi === 'string' && /^3\.\d/.test(openapi)) return `OpenAPI ${openapi}`
  // YAML reads `swagger: 2.0` as a number.
  if (swagger === '2.0' || swagger === 2) return 'Swagger 2.0'
  const [name, other] = Object.entries({ swagger, openapi, asyncapi, arazzo }).find(([, value]) => value !== undefined) ?? []
  const fact = name === undefined ? 'has neither "openapi: 3.x" nor "swagger: 2.0" at its top' : `says ${name}: ${JSON.stringify(other)}`
  throw new HubError('HUB_CONFIG_VALUE', `${location} ${fact}: give an OpenAPI document of version 3.0, 3.1 or 3.2, or Swagger 2.0`)
}

function upgraded(value: JsonObject, location: string): JsonObject {
  const { swagger, ...rest } = structuredClone(value)
  try {
    return upgrade(swagger === undefined ? rest : { swagger: '2.0', ...rest }, '3.1') as unknown as JsonObject
  } catch (error) {
    throw new HubError('HUB_CONFIG_VALUE', `${location} cannot be read as OpenAPI: ${error instanceof Error ? error.message : String(error)}`, {}, error)
  }
}

function placesOf(source: SourceDocument, references: ReadonlySet<string>): readonly string[] {
  const places: string[] = []
  const walk = (value: Json, path: readonly string[]): void => {
    if (Array.isArray(value)) for (const [index, item] of (value as readonly Json[]).entries()) walk(item, [...path, String(index)])
    if (!isObject(value)) return
    const { $ref: written } = value
    if (typeof written === 'string' && (references.has(written) || references.has(asUpgraded(written))) && isBroken(source.value, written))
      places.push(`${source.place([...path, '$ref'])}  "${written}" leads to nothing`)
    for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key])
  }
  walk(source.value, [])
  return places
}

function isBroken(document: JsonObject, reference: string): boolean {
  const steps = stepsOf(reference)
  const found = steps === undefined ? undefined : at(document, steps)
  return found === undefined || (isObject(found) && typeof found['$ref'] === 'string')
}

/** A reference of Swagger 2.0 as the upgraded document has it. */
const asUpgraded = (reference: string): string =>
  reference
    .replace(/^#\/definitions\//, '#/components/schemas/')
    .replace(/^#\/responses\//, '#/components/responses/')
    .replace(/^#\/parameters\//, '#/components/parameters/')
