import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { comparePlans } from '../../codegen/plan/compare.ts'
import { failuresOf } from '../../codegen/plan/gate.ts'
import { renderMarkdown } from '../../codegen/plan/markdown.ts'
import type { Snapshot } from '../../codegen/plan/snapshot.ts'
import { renderText } from '../../codegen/plan/text.ts'
import { loadTokenizer } from '../../codegen/plan/tokenizer.ts'
import { seenInFolder } from '../../runtime/commands/plan/sides.ts'
import { goldenKinds } from './kinds.ts'

const folder = join(import.meta.dirname, 'plan')
const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).toSorted()
const count = await loadTokenizer()

/** The files of one side: those under `=== path` headers, else one manifest. */
function filesOf(part: string): ReadonlyMap<string, string> {
  const files = new Map([['hub.config.yaml', 'manifests: ["*.yaml"]\n']])
  if (!part.startsWith('=== ')) return files.set('shelf.yaml', part)
  for (const file of part.split(/^=== /m).slice(1)) files.set(file.slice(0, file.indexOf('\n')).trim(), file.slice(file.indexOf('\n') + 1))
  return files
}

async function seen(part: string, label: string): Promise<Snapshot> {
  const directory = await mkdtemp(join(tmpdir(), 'golden-plan-'))
  try {
    for (const [path, content] of filesOf(part)) {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), content)
    }
    return await seenInFolder(join(directory, 'hub.config.yaml'), label, goldenKinds)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function reportOf(before: string, after: string, isMarkdown: boolean): Promise<string> {
  const report = comparePlans(await seen(before, 'before'), await seen(after, 'after'), count)
  const failures = failuresOf(report, { failOn: 'breaking', tokensMax: [], tokensGrowth: [{ endpoint: '/mcp', limit: 50, isPercent: true }] })
  return `${isMarkdown ? renderMarkdown(report, failures) : renderText(report, failures)}\n`
}

describe('what a change does to what models see', () => {
  test.each(names)('%s', async (name) => {
    const path = join(folder, name)
    const text = await readFile(path, 'utf8')
    const [before = '', after = '', expected = ''] = text.split(/^-{5,}\n/m)
    const found = await reportOf(before, after, name.endsWith('.md.txt'))
    // GOLDEN=write fills in what came out; read the difference before it is kept.
    if (process.env['GOLDEN'] === 'write') await writeFile(path, [before, after, found].join('----------\n'))
    else expect(found).toBe(expected)
  })

  test('there are cases', () => expect(names.length).toBeGreaterThanOrEqual(12))
})
