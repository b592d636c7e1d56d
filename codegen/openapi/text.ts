import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Part, Parts } from './document.ts'

// Words that are ours are written in ASCII there and in TOOLS.md: one other character makes V8 keep five megabytes as ten, and hash and compare them several times as slowly.

/** A document as `JSON.stringify(openApiDocument(…), null, 2)` writes it, and a line end. Parts that are the same objects as before are not written anew: of 100 connectors, an edit changes one. */
export function documentText({ frame, parts }: Parts): string {
  // The order of the keys is the document's own: paths and components are its last, schemas the first of these.
  const { paths, components, ...rest } = frame
  const { schemas, ...others } = components as JsonObject
  const texts = parts.map(textOf)
  const head = JSON.stringify(rest, null, 2).slice(0, -2)
  const tail = JSON.stringify(others, null, 2).replaceAll('\n', '\n  ').slice(1)
  const allPaths = braced([members(paths as JsonObject, 2), ...texts.map((text) => text.paths)], 1)
  const allSchemas = braced([members(schemas as JsonObject, 3), ...texts.map((text) => text.schemas)], 2)
  return `${head},\n  "paths": ${allPaths},\n  "components": {\n    "schemas": ${allSchemas}${tail === '}' ? '\n  }' : `,${tail}`}\n}\n`
}

const written = new WeakMap<Part, { readonly paths: string; readonly schemas: string }>()

function textOf(part: Part): { readonly paths: string; readonly schemas: string } {
  const text = written.get(part) ?? { paths: members(part.paths, 2), schemas: members(part.schemas, 3) }
  written.set(part, text)
  return text
}

/** The members of an object without its braces; `depth` is how deep they stand. */
function members(object: JsonObject, depth: number): string {
  const text = JSON.stringify(object, null, 2)
  return text === '{}'
    ? ''
    : text
        .slice(2, -2)
        .replaceAll('\n', `\n${'  '.repeat(depth - 1)}`)
        .replace(/^/, '  '.repeat(depth - 1))
}

function braced(texts: readonly string[], depth: number): string {
  const filled = texts.filter((text) => text !== '')
  return filled.length === 0 ? '{}' : `{\n${filled.join(',\n')}\n${'  '.repeat(depth)}}`
}
