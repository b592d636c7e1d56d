import type { Remark } from './problems.ts'
import type { Path, Source } from './source.ts'

/** Characters a full name may have, prefix included: clients cap names at 64 with their own prefix. */
export const longestName = 60

/** What is wrong with a connector's name; it is a part of addresses and the prefix of tools. */
export function connectorNameFault(name: string, path: Path): Remark | undefined {
  if (!/^[a-zA-Z][a-zA-Z0-9_-]*$/.test(name)) return fault(`"${name}" cannot be a connector’s name`, 'letters, digits, _ and -, beginning with a letter', path)
  if (name.length > longestName - 2)
    return fault(`the connector’s name has ${name.length} characters; with the name of a tool at most ${longestName} fit`, 'shorten it', path)
  return undefined
}

/** What is wrong with the name of a tool, a prompt or an alias under its connector. */
export function localNameFault(connector: string, local: string, what: string, path: Path, part: 'key' | 'value' = 'key'): Remark | undefined {
  if (!/^[a-zA-Z0-9_-]+$/.test(local)) return { ...fault(`"${local}" cannot be the name of ${what}`, 'clients take letters, digits, _ and - only', path), part }
  const length = connector.length + 1 + local.length
  if (length <= longestName) return undefined
  return {
    ...fault(
      `the name ${connector}_${local} has ${length} characters; at most ${longestName} are taken by every client`,
      `shorten "${local}" by ${length - longestName}`,
      path,
    ),
    part,
  }
}

const fault = (message: string, hint: string, path: Path): Remark => ({ code: 'HUB_CONFIG_NAME', message, hint, path })

/** One name as it was declared somewhere. */
export interface Declared {
  readonly name: string
  readonly source: Source
  readonly path: Path
  readonly part: 'key' | 'value'
}

/** Tells of every name that was declared before, with the place of the first. */
export function tellDuplicates(declared: readonly Declared[], what: string, tell: (source: Source, remark: Remark) => void): void {
  const first = new Map<string, Declared>()
  for (const one of declared) {
    const before = first.get(one.name)
    if (before === undefined) {
      first.set(one.name, one)
      continue
    }
    const { file, line, column } = before.source.place(before.path, before.part)
    tell(one.source, {
      code: 'HUB_CONFIG_DUPLICATE',
      message: `there is another ${what} of the name "${one.name}"`,
      hint: `the first is at ${file}:${line}:${column}`,
      path: one.path,
      part: one.part,
    })
  }
}

/** A test for names by a pattern in which * stands for anything. */
export function matcher(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return (name) => name === pattern
  const pieces = pattern.split('*')
  const head = pieces[0] as string
  const tail = pieces.at(-1) as string
  const middle = pieces.slice(1, -1)
  return (name) => {
    if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false
    let at = head.length
    for (const piece of middle) {
      const found = name.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return at <= name.length - tail.length
  }
}
