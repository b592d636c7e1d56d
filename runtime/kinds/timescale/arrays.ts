import type { Json } from '../../contract/json.ts'

/** An array as PostgreSQL prints it (`{1,NULL,"a b",{…}}`), every element read by `element`. */
export function parseArray(text: string, element: (text: string) => Json): readonly Json[] {
  const open: Json[][] = []
  let result: readonly Json[] = []
  // Arrays that do not begin at 1 carry their bounds: [0:2]={…}
  let at = text.indexOf('{')
  while (at < text.length) {
    const character = text[at]
    if (character === '{') {
      open.push([])
      at += 1
    } else if (character === '}') {
      result = open.pop() ?? []
      open.at(-1)?.push(result)
      at += 1
    } else if (character === ',') {
      at += 1
    } else {
      const [value, next] = character === '"' ? quoted(text, at + 1) : bare(text, at)
      open.at(-1)?.push(value === undefined ? null : element(value))
      at = next
    }
  }
  return result
}

function quoted(text: string, start: number): readonly [string, number] {
  let value = ''
  let at = start
  while (text[at] !== '"') {
    if (text[at] === '\\') at += 1
    value += text[at]
    at += 1
  }
  return [value, at + 1]
}

function bare(text: string, start: number): readonly [string | undefined, number] {
  let end = start
  while (text[end] !== ',' && text[end] !== '}') end += 1
  const value = text.slice(start, end)
  return [value === 'NULL' ? undefined : value, end]
}

/** The same the other way: an array as PostgreSQL reads it, every element printed by `element`. */
export function printArray(values: readonly Json[], element: (value: Json) => string | null): string {
  const items = values.map((value) => {
    if (Array.isArray(value)) return printArray(value, element)
    const printed = element(value)
    return printed === null ? 'NULL' : `"${printed.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  })
  return `{${items.join(',')}}`
}
