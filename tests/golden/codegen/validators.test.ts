import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../../../runtime/contract/json.ts'
import { connector, tool } from '../../fixtures/plan.ts'
import { outputsOf } from '../../unit/codegen/validators/generated.ts'

const folder = join(import.meta.dirname, 'validators')
const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).toSorted()

/** A case is a map of tools, each with `input` and perhaps `output`; a line of dashes; the files they are written to. */
async function filesFor(text: string): Promise<string> {
  const tools = Object.entries(JSON.parse(text) as Record<string, { input: JsonSchema; output?: JsonSchema }>)
  const spec = connector('golden', { tools: tools.map(([local, schemas]) => tool('golden', local, schemas)), place: { file: 'connectors/golden.yaml', line: 1, column: 1 } })
  const outputs = await outputsOf([spec])
  return outputs
    .filter(({ path }) => path.includes('golden'))
    .map(({ path, content }) => `=== ${path}\n${content}`)
    .join('')
    .replace(/codeDigest = "\w{64}"/, 'codeDigest = "(64 hex digits)"')
}

describe('what is written of checks', () => {
  test.each(names)('%s', async (name) => {
    const path = join(folder, name)
    const text = await readFile(path, 'utf8')
    const [input = '', expected = ''] = text.split(/^-{5,}\n/m, 2)
    const found = await filesFor(input)
    // GOLDEN=write fills in what came out; read the difference before it is kept.
    if (process.env['GOLDEN'] === 'write') await writeFile(path, `${input}----------\n${found}`)
    else expect(found).toBe(expected)
  })

  test('depends on nothing that was written before', async () => {
    const [first = ''] = await Promise.all(names.slice(0, 1).map((name) => readFile(join(folder, name), 'utf8')))
    const [input = ''] = first.split(/^-{5,}\n/m, 1)
    const once = await filesFor(input)
    await filesFor('{ "other": { "input": { "type": "object", "properties": { "a": { "type": "string", "minLength": 1 } } } } }')
    expect(await filesFor(input)).toBe(once)
  })
})
