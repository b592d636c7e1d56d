import { closest, distance } from 'fastest-levenshtein'
import type { StatementFinding } from './sql-finding.ts'
import type { SqlToken } from './sql-parser.ts'

/** One `:name` of a statement; offsets are UTF-16 units of the text as written. */
export interface Placeholder {
  readonly name: string
  readonly offset: number
  readonly length: number
}

/** A statement with its placeholders numbered. */
export interface Numbered {
  /** What is sent: every `:name` is `$n`, padded so that, as far as `$n` fits, all else stands where it stood. */
  readonly text: string
  /** The same length and places as the text as written, whatever the numbers: what is parsed. */
  readonly parsed: string
  /** The name of $1, $2, … */
  readonly names: readonly string[]
  readonly placeholders: readonly Placeholder[]
  readonly findings: readonly StatementFinding[]
}

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Rewrites `:name` to `$n`, one number a name. Strings, comments, dollar quotes and `::` are lexemes of their own and stay as they are. */
export function numberPlaceholders(sql: string, tokens: readonly SqlToken[]): Numbered {
  const findings: StatementFinding[] = []
  const placeholders: Placeholder[] = []
  const numbers = new Map<string, number>()
  const brackets: ('(' | 'array' | 'subscript')[] = []
  let text = ''
  let parsed = ''
  let copied = 0

  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1]
    const after = tokens[index + 1]
    if (token.text === '(') brackets.push('(')
    else if (token.text === '[') brackets.push(opensArray(before, brackets.at(-1)) ? 'array' : 'subscript')
    else if (token.text === ')' || token.text === ']') brackets.pop()
    else if (/^\$\d/.test(token.text)) findings.push(numberedFinding(token))
    if (token.text !== ':' || after?.start !== token.end) continue

    const found = { offset: token.start, length: after.end - token.start }
    if (!namePattern.test(after.text)) {
      if (/^["A-Za-z_\u0080-\uffff]/.test(after.text)) findings.push(nameFinding(after, found))
      continue
    }
    const name = after.text
    if (brackets.at(-1) === 'subscript') {
      findings.push({
        code: 'HUB_CONFIG_PLACEHOLDER',
        message: `":${name}" inside [ ] may be a placeholder or the end of a slice`,
        hint: `write (:${name}) for a placeholder, or : ${name} with a space for a slice`,
        within: found,
      })
      continue
    }
    if (before?.end === token.start && /[\w$"'\u0080-\uffff]$/.test(before.text)) {
      findings.push({
        code: 'HUB_CONFIG_PLACEHOLDER',
        message: `":${name}" follows "${before.text}" directly`,
        hint: 'put a space before the colon',
        within: found,
      })
      continue
    }
    if (!numbers.has(name)) numbers.set(name, numbers.size + 1)
    placeholders.push({ name, ...found })
    const between = sql.slice(copied, found.offset)
    text += between + `$${numbers.get(name)}`.padEnd(found.length)
    parsed += between + '$1'.padEnd(found.length)
    copied = found.offset + found.length
  }

  const rest = sql.slice(copied)
  return { text: text + rest, parsed: parsed + rest, names: [...numbers.keys()], placeholders, findings }
}

function opensArray(before: SqlToken | undefined, inside: string | undefined): boolean {
  return before?.word === 'array' || (inside === 'array' && (before?.text === '[' || before?.text === ','))
}

function numberedFinding(token: SqlToken): StatementFinding {
  return {
    code: 'HUB_CONFIG_PLACEHOLDER',
    message: `"${token.text}" has no name`,
    hint: 'name it after the input it takes, for example :symbol',
    within: { offset: token.start, length: token.end - token.start },
  }
}

function nameFinding(after: SqlToken, within: { readonly offset: number; readonly length: number }): StatementFinding {
  return {
    code: 'HUB_CONFIG_PLACEHOLDER',
    message: `":${after.text}" is not a name a placeholder may have`,
    hint: 'use letters, digits and _, beginning with a letter or _',
    within,
  }
}

/** Placeholders without an input, each at its place, and inputs no placeholder uses. */
export function comparePlaceholders(
  placeholders: readonly Placeholder[],
  inputs: readonly string[],
): { readonly missing: readonly StatementFinding[]; readonly unused: readonly { readonly name: string; readonly hint: string }[] } {
  const used = new Set(placeholders.map(({ name }) => name))
  const unused = inputs.filter((name) => !used.has(name))
  const missing = placeholders
    .filter(({ name }) => !inputs.includes(name))
    .map(({ name, offset, length }): StatementFinding => ({
      code: 'HUB_CONFIG_PLACEHOLDER',
      message: `":${name}" has no input property of that name`,
      hint: near(name, inputs, '') ?? `declare it under input: properties: ${name}`,
      within: { offset, length },
    }))
  const names = [...used].filter((name) => !inputs.includes(name))
  return { missing, unused: unused.map((name) => ({ name, hint: near(name, names, ':') ?? `use :${name} in the statement or remove the property` })) }
}

function near(name: string, known: readonly string[], prefix: string): string | undefined {
  if (known.length === 0) return undefined
  const nearest = closest(name, known)
  return distance(name, nearest) <= Math.max(2, Math.floor(name.length / 3)) ? `did you mean "${prefix}${nearest}"?` : undefined
}
