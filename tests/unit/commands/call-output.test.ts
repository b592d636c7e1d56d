import { expect, test } from 'vitest'
import { printAnswer, printWhole } from '../../../runtime/commands/call-output.ts'
import type { JsonObject } from '../../../runtime/contract/json.ts'

function streams(isTTY: boolean) {
  const said = { out: '', error: '' }
  return {
    said,
    stdout: { isTTY, write: (text: string) => void (said.out += text) },
    stderr: { isTTY, write: (text: string) => void (said.error += text) },
  }
}

const hostile = 'one\n\ttwo \u001b]0;owned\u0007\u009b2J\u202e'
const harmless = String.raw`two \u001b]0;owned\u0007\u009b2J\u202e`
const results: readonly JsonObject[] = [
  { content: [{ type: 'text', text: hostile }] },
  { content: [{ type: 'resource_link', uri: `x:${hostile}` }] },
  { structuredContent: { [hostile]: hostile }, content: [] },
  { isError: true, content: [{ type: 'text', text: hostile }] },
]

test.each(results)('on a terminal nothing an upstream said is obeyed: %#', (result) => {
  for (const show of [printAnswer, printWhole]) {
    const to = streams(true)
    expect(show(result, to)).toBe(result['isError'] === true ? 5 : 0)
    expect(to.said.out + to.said.error).toContain(harmless)
    expect(to.said.out + to.said.error).not.toMatch(/[^\P{Cc}\n\t]|\u202e/u)
  }
})

test('a pipe gets every byte', () => {
  const to = streams(false)
  printAnswer(results[0] as JsonObject, to)
  expect(to.said.out).toBe(`${hostile}\n`)
  printAnswer(results[3] as JsonObject, to)
  expect(to.said.error).toBe(`${hostile}\n`)
})
