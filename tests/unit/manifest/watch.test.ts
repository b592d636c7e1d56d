import { mkdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { watchManifests } from '../../../runtime/manifest/watch.ts'
import { folderWith } from './folder.ts'

/** A watcher over a folder, and a promise of its next news. */
function watching(directory: string, files: readonly string[]) {
  let told = 0
  let wake = (): void => undefined
  const watcher = watchManifests({
    files: () => files.map((file) => join(directory, file)),
    directories: () => [directory],
    settleMs: 20,
    onChange: () => {
      told++
      wake()
    },
  })
  onTestFinished(() => watcher.close())
  const news = (): Promise<void> => new Promise((resolve) => (wake = resolve))
  return { news, told: () => told, close: () => watcher.close() }
}

/** Does something, and answers how long it took until the watcher told of it. */
async function timed(news: () => Promise<void>, act: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  const heard = news()
  await act()
  await heard
  return performance.now() - start
}

// The promise is one second; a machine busy with other tests may take longer to wake a timer.
const soon = 3_000

describe('a watcher tells of', () => {
  test('an edit, a new file, an atomic rename and a removal', async () => {
    const directory = await folderWith({ 'a.yaml': 'one' })
    const { news } = watching(directory, ['a.yaml'])
    const path = join(directory, 'a.yaml')
    expect(await timed(news, () => writeFile(path, 'two'))).toBeLessThan(soon)
    expect(await timed(news, () => writeFile(join(directory, 'b.yaml'), 'new'))).toBeLessThan(soon)
    const swap = async (): Promise<void> => {
      await writeFile(join(directory, '.a.yaml.swp'), 'six')
      await rename(join(directory, '.a.yaml.swp'), path)
    }
    expect(await timed(news, swap)).toBeLessThan(soon)
    expect(await timed(news, () => rm(path))).toBeLessThan(soon)
  })

  test('a swap of ..data, as Kubernetes updates a ConfigMap', async () => {
    const directory = await folderWith({ '..2026_01/a.yaml': 'same', '..2026_02/a.yaml': 'same' })
    await symlink('..2026_01', join(directory, '..data'))
    await symlink('..data/a.yaml', join(directory, 'a.yaml'))
    const { news } = watching(directory, ['a.yaml'])
    const swap = async (): Promise<void> => {
      await symlink('..2026_02', join(directory, '..data_tmp'))
      await rename(join(directory, '..data_tmp'), join(directory, '..data'))
    }
    expect(await timed(news, swap)).toBeLessThan(soon)
  })

  test('an edit of the same size whose writer put the time back', async () => {
    const directory = await folderWith({ 'a.yaml': 'one' })
    const path = join(directory, 'a.yaml')
    await utimes(path, 1_000, 1_000)
    const { news } = watching(directory, ['a.yaml'])
    const { mtimeMs, size } = await stat(path)
    const edit = async (): Promise<void> => {
      await writeFile(path, 'two')
      await utimes(path, 1_000, 1_000)
    }
    expect(await timed(news, edit)).toBeLessThan(soon)
    expect(await stat(path)).toMatchObject({ mtimeMs, size })
  })

  test('a folder that comes to be after it was named', async () => {
    const directory = await folderWith({ 'x.txt': '' })
    const later = join(directory, 'later')
    const { news } = watching(later, [])
    expect(await timed(news, () => mkdir(later))).toBeLessThan(soon)
    expect(await timed(news, () => writeFile(join(later, 'a.yaml'), 'x'))).toBeLessThan(soon)
  })
})

test('files that are no manifests are passed over', async () => {
  const directory = await folderWith({ 'a.yaml': 'one' })
  const { news, told } = watching(directory, ['a.yaml'])
  await writeFile(join(directory, 'notes.txt'), 'x')
  await writeFile(join(directory, '.a.yaml.swp'), 'x')
  await timed(news, () => writeFile(join(directory, 'a.yaml'), 'two'))
  expect(told()).toBe(1)
})

test('a closed watcher is silent', async () => {
  const directory = await folderWith({ 'a.yaml': 'one' })
  const [closed, open] = [watching(directory, ['a.yaml']), watching(directory, ['a.yaml'])]
  closed.close()
  await timed(open.news, () => writeFile(join(directory, 'a.yaml'), 'two'))
  expect(closed.told()).toBe(0)
})
