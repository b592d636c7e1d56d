import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import type { YAMLError } from 'yaml'
import type { Finding } from '../contract/place.ts'
import type { Span } from './tree.ts'

/** A fault of a text as YAML, and where. */
export interface SyntaxFault extends Omit<Finding, 'path'>, Span {}

const load = createRequire(import.meta.url)

/**
 * Why a text is not YAML, with all its faults: found by a parser that goes on after the first, which takes ten times as long as the one that reads what is right.
 * Empty when this parser finds none.
 */
export function syntaxFaults(text: string, most: number): readonly SyntaxFault[] {
  const { parseDocument } = load('yaml') as typeof Yaml
  try {
    const { errors, warnings } = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false, logLevel: 'error' })
    return [...errors, ...warnings].slice(0, most).map(explain)
  } catch {
    return [{ code: 'HUB_CONFIG_SYNTAX', message: 'this is not YAML the hub can read', start: 0, end: 1 }]
  }
}

const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  MULTIPLE_DOCS: 'one file holds one document; remove the line ---',
  BAD_INDENT: 'keys of one map begin in one column',
  BLOCK_AS_IMPLICIT_KEY: 'quote a text that holds ": "',
  RESOURCE_EXHAUSTION: 'write it with fewer levels',
  TAG_RESOLVE_FAILED: 'write the value without a tag',
  BAD_SCALAR_START: 'quote it',
}

function explain(error: YAMLError): SyntaxFault {
  const [start, end] = error.pos
  if ((error.code as string) === 'RESOURCE_EXHAUSTION')
    return { code: 'HUB_CONFIG_FILE', message: 'values lie too deep in one another', hint: hints['RESOURCE_EXHAUSTION'], start, end }
  const message = error.message.replace(/\.$/, '')
  const hint = message.startsWith('Flow') ? 'close the bracket, or indent it further' : hints[error.code]
  return { code: 'HUB_CONFIG_SYNTAX', message: message.charAt(0).toLowerCase() + message.slice(1), hint, start, end }
}
