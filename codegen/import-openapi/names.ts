import { createHash } from 'node:crypto'
import { longestName } from '../../runtime/manifest/names.ts'
import type { Operation } from './operations.ts'

/** The tool an operation becomes. */
export interface ToolName {
  readonly name: string
  /** Ends the sentence "named so because …"; undefined for a name that is only cased otherwise. */
  readonly because?: string
}

const hashLength = 8

/** A name for every operation, in the same order: its operationId, or method and path, in snake case. A name that is too long or taken ends in a hash of method and path, so that it stays the same whatever else the document has. */
export function toolNames(connector: string, operations: readonly Operation[]): readonly ToolName[] {
  const room = longestName - connector.length - 1
  const wanted = operations.map(({ method, path, id }) => snake(id ?? `${method.toLowerCase()}_${path}`))
  const many = new Map<string, number>()
  for (const name of wanted) many.set(name, (many.get(name) ?? 0) + 1)
  return operations.map((operation, index) => {
    const name = wanted[index] as string
    if (name.length > room) return { name: hashed(name, operation, room), because: `with its prefix ${name} is longer than ${longestName} characters` }
    if ((many.get(name) ?? 0) > 1) return { name: hashed(name, operation, room), because: `more than one operation is called ${name}` }
    return { name }
  })
}

function snake(text: string): string {
  const words = text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
  return words === '' ? 'operation' : words
}

function hashed(name: string, { method, path }: Operation, room: number): string {
  const hash = createHash('sha256').update(`${method} ${path}`).digest('hex').slice(0, hashLength)
  return `${name.slice(0, room - hashLength - 1).replace(/_+$/, '')}_${hash}`
}
