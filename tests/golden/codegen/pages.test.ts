import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Emitter } from '../../../codegen/emitter.ts'
import { createGenerate } from '../../../codegen/generate.ts'
import { serversEmitter } from '../../../codegen/servers/emit.ts'
import { toolsPageEmitter } from '../../../codegen/tools-page/emit.ts'
import { formatProblems } from '../../../runtime/manifest/problems.ts'
import { readCase } from '../case.ts'
import { goldenKinds } from '../kinds.ts'

const emitters: readonly (readonly [folder: string, emitter: Emitter])[] = [
  ['tools-page', toolsPageEmitter],
  ['servers', serversEmitter],
]

/** What an emitter makes of a case's manifests: every file under a line with its path. */
async function generated(text: string, emitter: Emitter): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'golden-'))
  try {
    for (const [path, content] of readCase(text).files) await writeFile(join(directory, path), content)
    const source = { configFile: join(directory, 'hub.config.yaml'), kinds: goldenKinds, version: '1.2.3', out: join(directory, 'generated'), emitters: [emitter] }
    const { made, compiled } = await createGenerate(source)()
    expect(formatProblems(compiled.problems)).toBe('')
    return (made?.outputs ?? [])
      .filter(({ path }) => path !== 'digest.json')
      .map(({ path, content }) => `=== ${path}\n${content}`)
      .join('')
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

describe.each(emitters)('%s', async (folder, emitter) => {
  const names = (await readdir(join(import.meta.dirname, folder))).filter((name) => name.endsWith('.txt')).toSorted()

  test.each(names)('%s', async (name) => {
    const path = join(import.meta.dirname, folder, name)
    const text = await readFile(path, 'utf8')
    const found = await generated(text, emitter)
    // GOLDEN=write fills in what came out; read the difference before it is kept.
    if (process.env['GOLDEN'] === 'write') await writeFile(path, text.replace(/^-{10}\n[\s\S]*$/m, () => `----------\n${found}`))
    else expect(found).toBe(text.slice(text.search(/^-{10}\n/m) + 11))
  })
})
