import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { expect, test } from 'vitest'
import { junit } from '../../../runtime/trials/junit.ts'
import type { Verdict } from '../../../runtime/trials/trial.ts'
import { place, trial } from './trials.ts'

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** Reads XML as strictly as the standard does; throws for what is not well formed. */
function parse(xml: string): Element {
  const open: Element[] = [{ name: '', attributes: {}, children: [], text: '' }]
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, children: [], text: '' }
    open.at(-1)!.children.push(element)
    open.push(element)
  })
  parser.on('text', (text) => void (open.at(-1)!.text += text))
  parser.on('closetag', () => void open.pop())
  parser.write(xml).close()
  return open[0]!.children[0]!
}

const passed = (name = 'it works', ms = 12.34): Verdict => ({ trial: trial({ name }), result: 'passed', ms, overBudget: false, failures: [] })
const failure = { what: 'rows', expected: '2', actual: '<3> & "more"', place }

test('verdicts become suites and cases with place, time, failures and reasons', () => {
  const suites = parse(
    junit([
      passed(),
      { ...passed('it does not'), result: 'failed', failures: [failure, { ...failure, what: 'text' }] },
      { ...passed('not here'), result: 'skipped', ms: undefined, reason: 'market is off: MARKET_URL is not set' },
      { ...passed('slow', 80), trial: trial({ name: 'slow', budgetMs: 50 }), overBudget: true },
    ]),
  )
  expect(suites.attributes).toMatchObject({ tests: '4', failures: '1', skipped: '1', errors: '0' })
  const [suite] = suites.children
  expect(suite?.attributes).toMatchObject({ name: 'market', tests: '4', failures: '1', skipped: '1', time: '0.1047' })
  expect(suite?.children.map(({ attributes }) => attributes['name'])).toEqual(['it works', 'it does not', 'not here', 'slow'])
  const [works, fails, skips, slow] = suite!.children
  expect(works).toMatchObject({ attributes: { classname: 'market_last', file: 'market.yaml', line: '7', time: '0.0123' }, children: [] })
  expect(fails?.children.map(({ name }) => name)).toEqual(['failure', 'failure'])
  expect(fails?.children[0]).toMatchObject({ attributes: { type: 'rows', message: 'rows: expected 2, got <3> & "more"' } })
  expect(fails?.children[0]?.text).toBe('market.yaml:7:5\nmarket_last: it does not\nrows: expected 2, got <3> & "more"')
  expect(skips?.children).toMatchObject([{ name: 'skipped', attributes: { message: 'market is off: MARKET_URL is not set' } }])
  expect(slow?.children).toMatchObject([{ name: 'system-out', text: 'over its budget: 80.0 ms of 50 ms' }])
})

test('whatever a system answers, the report is XML that says it', () => {
  const words = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(']]>', '<!--', '\u0000\ud800', '"\'&amp;', '\r\n\t', '\uffff'))
  fc.assert(
    fc.property(words, words, (name, actual) => {
      const report = parse(junit([{ ...passed(name), result: 'failed', failures: [{ ...failure, actual }] }]))
      const found = report.children[0]?.children[0]
      // oxlint-disable-next-line no-control-regex
      const sayable = (text: string): string => text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      expect(found?.attributes['name']).toBe(sayable(name))
      expect(found?.children[0]?.attributes['message']).toBe(`rows: expected 2, got ${sayable(actual)}`)
    }),
  )
})

test('no test at all is a report too', () => expect(parse(junit([])).attributes).toMatchObject({ tests: '0' }))
