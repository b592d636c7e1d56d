import fc from 'fast-check'
import { expect, test } from 'vitest'
import { selectOffer } from '../../../codegen/toolsets.ts'
import type { ToolsetSpec } from '../../../runtime/contract/manifest.ts'
import type { ToolSpec } from '../../../runtime/contract/tool.ts'
import { globMatches } from '../../../runtime/contract/glob.ts'

test('a toolset’s patterns name the tools that the running hub serves for them', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '_', '*', '.'), maxLength: 8 })
  fc.assert(
    fc.property(text, text, (pattern, written) => {
      const name = written.replaceAll('*', '')
      const toolset: ToolsetSpec = { name: 'x', tools: [pattern], prompts: [], resources: [], place: { file: 'x', line: 1, column: 1 } }
      const { tools } = selectOffer({ tools: [{ name } as ToolSpec], resources: [], prompts: [] }, toolset)
      expect(tools.length === 1).toBe(globMatches(pattern, name))
    }),
    { numRuns: 2_000 },
  )
})
