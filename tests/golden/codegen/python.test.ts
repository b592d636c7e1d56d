import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { goldenConnector, pythonOutputs } from '../../fixtures/python/generated.ts'

const folder = join(import.meta.dirname, 'python')
const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).toSorted()

async function modulesFor(text: string): Promise<string> {
  const outputs = await pythonOutputs([goldenConnector('golden', text)])
  return outputs
    .filter(({ path }) => path.includes('golden'))
    .map(({ path, content }) => `=== ${path}\n${content}`)
    .join('')
}

describe('Python of a connector', () => {
  test.each(names)('%s', async (name) => {
    const path = join(folder, name)
    const text = await readFile(path, 'utf8')
    const [input = '', expected = ''] = text.split(/^-{5,}\n/m, 2)
    const found = await modulesFor(input)
    // GOLDEN=write fills in what came out; read the difference before it is kept.
    if (process.env['GOLDEN'] === 'write') await writeFile(path, `${input}----------\n${found}`)
    else expect(found).toBe(expected)
  })

  test('does not depend on the order in which tools stand', async () => {
    const [input = ''] = (await readFile(join(folder, 'names.txt'), 'utf8')).split(/^-{5,}\n/m, 1)
    const turned = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(input) as object).toReversed()))
    expect(await modulesFor(turned)).toBe(await modulesFor(input))
  })
})
