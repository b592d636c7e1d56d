import type { JsonObject } from '../../runtime/contract/json.ts'
import { oneLine } from '../import-source/text.ts'
import { inputOf, type Environment, type Input } from './inputs.ts'

/** Arguments as the manifest says them, and as they are now. */
export interface Arguments {
  readonly written: readonly string[]
  readonly actual: readonly string[]
  readonly inputs: readonly Input[]
  readonly notes: readonly string[]
}

/** Arguments in order: positional ones are values, named ones a name and its value, or the name alone. */
export function argumentsOf(entries: readonly JsonObject[], connector: string, env: Environment): Arguments {
  const written: string[] = []
  const actual: string[] = []
  const inputs: Input[] = []
  const notes: string[] = []
  for (const entry of entries) {
    const label = String(entry['name'] ?? entry['valueHint'] ?? 'argument')
    const flag = entry['type'] === 'named' && typeof entry['name'] === 'string' ? [entry['name']] : []
    if (flag.length > 0 && isBare(entry)) {
      written.push(...flag)
      actual.push(...flag)
      continue
    }
    const input = inputOf(entry, { connector, name: label, isVariable: false, takesSecret: false, env })
    if (input.written === undefined) {
      notes.push(`the argument ${oneLine(label)} may be added to args: ${oneLine(String(entry['description'] ?? 'it is optional'))}`)
      continue
    }
    inputs.push(input)
    written.push(...flag, String(input.written))
    actual.push(...flag, input.actual ?? '')
    if (input.variables.some(({ secret }) => secret))
      notes.push(
        `the argument ${oneLine(label)} is a secret that every process of the machine can see: prefer an environment variable where the server takes one`,
      )
  }
  return { written, actual, inputs, notes }
}

const isBare = ({ value, default: fallback, isRequired, isSecret, format, choices, valueHint, placeholder }: JsonObject): boolean =>
  value === undefined &&
  fallback === undefined &&
  isRequired !== true &&
  isSecret !== true &&
  format === undefined &&
  choices === undefined &&
  valueHint === undefined &&
  placeholder === undefined
