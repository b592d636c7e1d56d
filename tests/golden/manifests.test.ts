import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCase, runCase } from './case.ts'

const folder = join(import.meta.dirname, 'manifests')
const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).toSorted()

describe('what the compiler makes of manifests', () => {
  test.each(names)('%s', async (name) => {
    const path = join(folder, name)
    const text = await readFile(path, 'utf8')
    const golden = readCase(text)
    const found = await runCase(golden)
    // GOLDEN=write fills in what came out; read the difference before it is kept.
    if (process.env['GOLDEN'] === 'write') await writeFile(path, text.replace(/^-{5,}\n[\s\S]*$/m, () => `----------\n${found}`))
    else expect(found).toBe(golden.expected)
  })

  test('there are cases for every sort of fault', async () => {
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    const codes = new Set(texts.flatMap((text) => text.match(/HUB_[A-Z_]+/g) ?? []))
    for (const code of ['SYNTAX', 'FILE', 'UNKNOWN_FIELD', 'MISSING_FIELD', 'TYPE', 'VALUE', 'NAME', 'DUPLICATE', 'REFERENCE', 'CIRCULAR', 'SCHEMA', 'ENVIRONMENT', 'PLACEHOLDER']) {
      expect(codes).toContain(`HUB_CONFIG_${code}`)
    }
    expect(names.length).toBeGreaterThanOrEqual(30)
  })
})
