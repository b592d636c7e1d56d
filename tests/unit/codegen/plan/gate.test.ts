import { describe, expect, test } from 'vitest'
import { comparePlans } from '../../../../codegen/plan/compare.ts'
import { failuresOf, type Gate } from '../../../../codegen/plan/gate.ts'
import { renderMarkdown } from '../../../../codegen/plan/markdown.ts'
import type { SeenTool, Snapshot } from '../../../../codegen/plan/snapshot.ts'
import { renderText } from '../../../../codegen/plan/text.ts'
import { loadTokenizer } from '../../../../codegen/plan/tokenizer.ts'

const tool = (name: string, description: string, readOnlyHint = true): SeenTool => ({
  name,
  definition: { name, description, inputSchema: { type: 'object', properties: {} }, annotations: { readOnlyHint, destructiveHint: false } },
})
const side = (label: string, tools: readonly SeenTool[]): Snapshot => ({
  label,
  tools,
  prompts: [],
  resources: [],
  endpoints: [{ path: '/mcp', tools: tools.map(({ name, definition }) => ({ tool: name, definition })) }],
  notes: [],
})
const gate = (given: Partial<Gate>): Gate => ({ failOn: 'never', tokensMax: [], tokensGrowth: [], ...given })
// A token a character: the gates are held to numbers, not to a tokenizer.
const compare = (before: readonly SeenTool[], after: readonly SeenTool[]): ReturnType<typeof comparePlans> =>
  comparePlans(side('before', before), side('after', after), (text) => text.length)

describe('what fails', () => {
  const gone = compare([tool('a_one', 'One.'), tool('a_two', 'Another thing altogether, of rows.')], [tool('a_one', 'One.')])
  const looser = compare([tool('a_one', 'One.')], [tool('a_one', 'One.', false)])
  const words = compare([tool('a_one', 'One.')], [tool('a_one', 'Two.')])
  test.each([
    { report: gone, failOn: 'breaking', failures: ['1 breaking change'] },
    { report: looser, failOn: 'breaking', failures: [] },
    { report: looser, failOn: 'looser', failures: ['1 loosening change'] },
    { report: gone, failOn: 'looser', failures: ['1 breaking change'] },
    { report: words, failOn: 'looser', failures: [] },
    { report: words, failOn: 'any', failures: ['1 unwanted change'] },
    { report: gone, failOn: 'never', failures: [] },
  ] as const)('--fail-on $failOn: $failures', ({ report, failOn, failures }) => expect(failuresOf(report, gate({ failOn }))).toEqual(failures))

  const grown = compare([tool('a_one', 'x'.repeat(500))], [tool('a_one', 'x'.repeat(600))])
  const { before = 0, after = 0 } = grown.tokens.endpoints[0] ?? { name: '' }
  test.each([
    { limits: { tokensMax: [{ endpoint: '/mcp', limit: after }] }, fails: 0 },
    { limits: { tokensMax: [{ endpoint: '/mcp', limit: after - 1 }] }, fails: 1 },
    { limits: { tokensGrowth: [{ endpoint: '/mcp', limit: after - before }] }, fails: 0 },
    { limits: { tokensGrowth: [{ endpoint: '/mcp', limit: after - before - 1 }] }, fails: 1 },
    { limits: { tokensGrowth: [{ endpoint: '/mcp', limit: 50, isPercent: true }] }, fails: 0 },
    { limits: { tokensGrowth: [{ endpoint: '/mcp', limit: 10, isPercent: true }] }, fails: 1 },
  ])('tokens $limits: $fails', ({ limits, fails }) => expect(failuresOf(grown, gate(limits))).toHaveLength(fails))
})

test('tokens are those of the o200k_base tokenizer, control tokens counted as the text they are', async () => {
  const count = await loadTokenizer()
  expect(count('The latest candles of one symbol, newest first.')).toBe(10)
  expect(count('<|endoftext|>')).toBeGreaterThan(1)
  expect(count('')).toBe(0)
})

test('a report of very many changes fits into a comment', () => {
  const tools = (many: number, text: string): readonly SeenTool[] =>
    Array.from({ length: many }, (_, index) => tool(`a_tool_${index}`, `${text} ${'words '.repeat(20)}`))
  const report = compare([...tools(1_000, 'Old'), tool('a_gone', 'Gone.')], tools(1_000, 'New'))
  const text = renderMarkdown(report, ['1 breaking change'])
  expect(text.length).toBeLessThan(65_536)
  expect(text).toContain('more, too long for a comment')
  expect(text).toContain('a_gone')
})

test('a thousand tools that all have other names are compared', () => {
  const tools = (prefix: string): readonly SeenTool[] =>
    Array.from({ length: 1_000 }, (_, index) => tool(`${prefix}_${index}`, `Does the thing of number ${index}.`))
  expect(renderMarkdown(compare(tools('old'), tools('new')), [])).toContain('old_0')
})

test('words that nobody sees are made visible, in any form of the report', () => {
  const hidden = 'Reads.\u202e\u200b\u001b[2J\u{e0041}'
  const report = compare([tool('a_one', 'Reads.')], [tool('a_one', hidden)])
  for (const text of [renderText(report, []), renderMarkdown(report, [])]) {
    expect(text).not.toMatch(/[\u200b\u202e\u{e0041}]/u)
    expect(text).not.toContain('\u001b')
    expect(text.replaceAll('\\{', '{').replaceAll('\\}', '}')).toContain('u{e0041}')
  }
})
