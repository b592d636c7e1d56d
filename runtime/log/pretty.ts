import { visible } from '../contract/printable.ts'

const words: Readonly<Record<string, string>> = { debug: 'debug', info: 'info ', warn: 'warn ', error: 'error' }

// What an upstream said is printed on its operator's terminal: letters in any script and marks, no blanks, and nothing that shows nothing.
const plain = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]+$/u

/** One line of pino's JSON as a line for people: time of day, level, message, facts. */
export function renderPretty(line: string): string {
  const { time, level, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
  const shown = Object.entries(facts).map(([name, value]) => ` ${name}=${typeof value === 'string' && plain.test(value) ? value : JSON.stringify(value)}`)
  return `${visible(`${String(time).slice(11, 19)} ${words[String(level)] ?? String(level)} ${String(msg ?? '')}${shown.join('')}`)}\n`
}
