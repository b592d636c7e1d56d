import { titleOf, type Verdict } from './trial.ts'

/** Verdicts as JUnit XML, as CI systems read it: a suite a connector, a case a test. */
export function junit(verdicts: readonly Verdict[]): string {
  const suites = Object.entries(Object.groupBy(verdicts, ({ trial }) => trial.connector.name))
  const lines = suites.flatMap(([name, all = []]) => [`  <testsuite ${attributes({ name, ...totals(all) })}>`, ...all.flatMap(testcase), '  </testsuite>'])
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${attributes({ name: 'hub test', ...totals(verdicts) })}>\n${lines.map((line) => `${line}\n`).join('')}</testsuites>\n`
}

function totals(verdicts: readonly Verdict[]): Readonly<Record<string, string | number>> {
  const of = (wanted: Verdict['result']): number => verdicts.filter(({ result }) => result === wanted).length
  return { tests: verdicts.length, failures: of('failed'), errors: 0, skipped: of('skipped'), time: seconds(verdicts.reduce((sum, { ms = 0 }) => sum + ms, 0)) }
}

function testcase({ trial, result, ms = 0, overBudget, reason = '', failures }: Verdict): readonly string[] {
  const { spec, test } = trial
  const head = `    <testcase ${attributes({ classname: spec.name, name: test.name, file: test.place.file, line: test.place.line, time: seconds(ms) })}`
  const told = failures.map(({ what, expected, actual, place }) => {
    const message = `${what}: expected ${expected}, got ${actual}`
    return `      <failure ${attributes({ message, type: what })}>${escape(`${place.file}:${place.line}:${place.column}\n${titleOf(trial)}\n${message}`)}</failure>`
  })
  const inner = [
    ...told,
    ...(result === 'skipped' ? [`      <skipped ${attributes({ message: reason })}/>`] : []),
    ...(overBudget ? [`      <system-out>${escape(`over its budget: ${ms.toFixed(1)} ms of ${test.budgetMs} ms`)}</system-out>`] : []),
  ]
  return inner.length === 0 ? [`${head}/>`] : [`${head}>`, ...inner, '    </testcase>']
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(4)

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escape(String(value))}"`)
    .join(' ')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}

/** Text for an attribute or an element; what XML 1.0 cannot hold at all becomes U+FFFD. */
const escape = (text: string): string =>
  text
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"'\n\r\t]/g, (character) => entities[character] as string)
