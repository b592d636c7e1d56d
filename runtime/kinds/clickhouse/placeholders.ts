import type { Token } from './lexer.ts'
import { parseType, type DataType } from './types.ts'

/** `{name:Type}` in a statement. */
export interface Placeholder {
  readonly name: string
  /** Undefined: what stands there is not the name of a type. */
  readonly type: DataType | undefined
  readonly written: string
  readonly start: number
  readonly end: number
}

/** The placeholders among the tokens of a statement, in their order. */
export function placeholdersOf(tokens: readonly Token[]): readonly Placeholder[] {
  return tokens
    .filter(({ type }) => type === 'placeholder')
    .map(({ text, start, end }) => {
      const [, name = '', written = ''] = /^\{\s*(\w+)\s*:([\s\S]*)\}$/.exec(text) ?? []
      return { name, type: parseType(written), written: written.trim(), start, end }
    })
}
