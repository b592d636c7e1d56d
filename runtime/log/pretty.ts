const words: Readonly<Record<string, string>> = { debug: 'debug', info: 'info ', warn: 'warn ', error: 'error' }

/** One line of pino's JSON as a line for people: time of day, level, message, facts. */
export function renderPretty(line: string): string {
  const { time, level, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
  const shown = Object.entries(facts).map(([name, value]) => ` ${name}=${typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value)}`)
  return `${String(time).slice(11, 19)} ${words[String(level)] ?? String(level)} ${String(msg ?? '')}${shown.join('')}\n`
}
