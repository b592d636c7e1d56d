import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import { HubError } from '../../runtime/contract/errors.ts'
import { isObject, type JsonObject } from '../../runtime/contract/json.ts'

/** A JSON or YAML document, and where its values stand. */
export interface SourceDocument {
  readonly value: JsonObject
  /** `openapi.yaml:12:5` of the value, or of the key of the nearest one above that is there. */
  place(path: readonly string[]): string
}

/** Parses JSON or YAML. Throws HUB_CONFIG_SYNTAX with the place, or HUB_CONFIG_TYPE for what is no map. */
export function parseSourceDocument(text: string, location: string): SourceDocument {
  const value = looksJson(text) ? (parsedJson(text) ?? parsedYaml(text, location)) : parsedYaml(text, location)
  if (!isObject(value))
    throw new HubError('HUB_CONFIG_TYPE', `${location} is neither a JSON object nor a YAML map: is it the document itself, and not a page about it`)
  let read: { document: Document; lines: LineCounter } | undefined
  return {
    value,
    place: (path) => {
      read ??= readPlaces(text)
      return `${location}:${placeIn(read, path)}`
    },
  }
}

const looksJson = (text: string): boolean => /^\s*[{[]/.test(text)

function parsedJson(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    // Where it breaks off is for the YAML reader to say: it knows lines, and JSON is YAML.
    return undefined
  }
}

function parsedYaml(text: string, location: string): unknown {
  const { document, lines } = readPlaces(text)
  const [fault] = document.errors
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0])
    const reason = (fault.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')
    throw new HubError('HUB_CONFIG_SYNTAX', `${location}:${line}:${col} is neither JSON nor YAML: ${reason}`)
  }
  try {
    // Through JSON, so that an alias becomes a value of its own and a circle is found here.
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 1_000 }))) as unknown
  } catch (error) {
    throw new HubError('HUB_CONFIG_SYNTAX', `${location} expands too far: its aliases repeat each other`, {}, error)
  }
}

function readPlaces(text: string): { document: Document; lines: LineCounter } {
  const lines = new LineCounter()
  return { document: parseDocument(text, { lineCounter: lines, prettyErrors: true, logLevel: 'silent' }), lines }
}

function placeIn({ document, lines }: { document: Document; lines: LineCounter }, path: readonly string[]): string {
  let node: unknown = document.contents
  let offset = 0
  for (const step of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step) : undefined
    const next: unknown = pair === undefined ? (node as { get?: (key: number, keep: true) => unknown } | null)?.get?.(Number(step), true) : pair.value
    if (next === undefined || next === null) break
    offset = ((pair?.key ?? next) as { range?: readonly [number, number, number] }).range?.[0] ?? offset
    node = next
  }
  const { line, col } = lines.linePos(offset)
  return `${line}:${col}`
}
