import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { driftProblem, findDrift } from '../../../codegen/drift.ts'
import { emit, readOutput, remove } from '../../../codegen/emit.ts'
import { formatProblem } from '../../../runtime/manifest/problems.ts'
import { folderWith } from '../manifest/folder.ts'

const outputs = [
  { path: 'deep/a.json', content: 'a\n' },
  { path: 'b.md', content: 'one\ntwo\n' },
]

describe('emit', () => {
  test('writes what differs, and leaves the rest untouched', async () => {
    const directory = await folderWith({ 'b.md': 'one\ntwo\n' })
    const before = await stat(join(directory, 'b.md'))
    expect(emit(directory, outputs)).toEqual(['deep/a.json'])
    expect((await stat(join(directory, 'b.md'))).mtimeMs).toBe(before.mtimeMs)
    expect(emit(directory, outputs)).toEqual([])
    expect(await readdir(directory)).toEqual(['b.md', 'deep'])
  })

  test('a checkout with the line ends of Windows is as it should be', async () => {
    const directory = await folderWith({ 'b.md': 'one\r\ntwo\r\n', 'deep/a.json': 'a\n' })
    expect(emit(directory, outputs)).toEqual([])
    expect(readOutput(directory, 'b.md')).toBe('one\ntwo\n')
  })

  test('says which file cannot be written, and leaves no half of it', async () => {
    const directory = await folderWith({ deep: 'a file where a folder should be' })
    const refusal = (file: string): unknown => expect.objectContaining({ code: 'HUB_SETUP', message: expect.stringContaining(file) as string })
    expect(() => emit(directory, outputs)).toThrow(refusal('deep/a.json'))
    await mkdir(join(directory, 'b.md'))
    expect(() => emit(directory, outputs.slice(1))).toThrow(refusal('b.md (EISDIR)'))
    expect(await readdir(directory)).toEqual(['b.md', 'deep'])
  })
})

describe('remove', () => {
  test('takes files and the folders they leave empty, and nothing else', async () => {
    const directory = await folderWith({ 'types/deep/a.ts': 'x', 'types/mine.ts': 'x', 'other/b.ts': 'x' })
    expect(remove(directory, ['types/deep/a.ts', 'other/b.ts', 'never/was.ts'])).toEqual(['types/deep/a.ts', 'other/b.ts'])
    expect((await readdir(directory, { recursive: true })).toSorted()).toEqual(['types', join('types', 'mine.ts')])
  })
})

describe('drift', () => {
  test('is told with the file, the line that differs first and what should stand there', async () => {
    const directory = await folderWith({ 'b.md': 'one\n2\n', 'old.md': 'x\n' })
    const drifts = findDrift(directory, outputs, ['old.md', 'gone.md', 'b.md'])
    expect(drifts.map((drift) => formatProblem(driftProblem(drift, `generated/${drift.path}`, 'connectors/a.yaml')))).toEqual([
      'generated/b.md:2:1  HUB_CONFIG_DRIFT  not what connectors/a.yaml gives\n  2 | 2\n    | ^  hub generate writes: two',
      'generated/deep/a.json:1:1  HUB_CONFIG_DRIFT  the file is not there; connectors/a.yaml gives one\n    run hub generate',
      'generated/old.md:1:1  HUB_CONFIG_DRIFT  nothing gives this file any more; it came from connectors/a.yaml\n    hub generate removes it',
    ])
  })

  test.each([
    ['a file that goes on', 'one\ntwo\nthree\n', { line: 3, there: 'three', wanted: '' }],
    ['a file that ends early', 'one\n', { line: 2, there: '', wanted: 'two' }],
    ['a file without its last line end', 'one\ntwo', { line: 3, wanted: '' }],
  ])('%s differs where it does', async (_name, text, expected) => {
    const directory = await folderWith({ 'deep/a.json': 'a\n' })
    await writeFile(join(directory, 'b.md'), text)
    expect(findDrift(directory, outputs)).toEqual([{ path: 'b.md', state: 'changed', ...expected }])
  })
})
