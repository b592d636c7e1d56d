import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { signature } from '../../runtime/kinds/files/lock.ts'
import { until } from './conformance.ts'
import { openGround, type Data, type Ground, type GroundOptions } from './files-ground.ts'

let ground: Ground
afterEach(() => ground.close())

const small: GroundOptions = {
  folders: { notes: { summary: 'x', quota: { bytes: '1kb', files: 10, file: '512b' } }, mine: { summary: 'y', shared: 'agent', quota: { files: 2 } } },
}
const held = async (): Promise<{ files: number; bytes: number }> => {
  const [{ files, bytes }] = (await ground.call('usage', { folder: 'notes' }))['rows']
  return { files, bytes }
}

test.each(['here', 'worker'] as const)('fifty writers at once never go beyond what the folder may hold (%s)', async (desk) => {
  ground = await openGround({ ...small, desk })
  const other = ground.again()
  const writers = Array.from({ length: 50 }, (_, n) =>
    (n % 2 === 0 ? ground : other).call('write_file', { folder: 'notes', path: `sub${n % 3}/${n}.md`, text: 'x'.repeat(10) }),
  )
  const answers = await Promise.allSettled(writers)
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  for (const answer of answers)
    if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'HUB_DENIED', message: expect.stringContaining('may hold 10') as string })
  expect(await held()).toEqual({ files: 10, bytes: 100 })

  // Which ten came first is not said; one of them grows.
  const first = answers.find((answer) => answer.status === 'fulfilled')
  const path = first?.value['path'] as string
  const growing = await Promise.allSettled(
    Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? ground : other).call('write_file', { folder: 'notes', path, text: 'y'.repeat(100), mode: 'append' })),
  )
  expect(growing.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  expect(await held()).toEqual({ files: 10, bytes: 600 })
})

test('fifty writers of one file who each read it first: one wins, the others are told', async () => {
  ground = await openGround({ desk: 'worker' })
  const { etag } = await ground.call('write_file', { folder: 'notes', path: 'a', text: '0' })
  const answers = await Promise.allSettled(
    Array.from({ length: 50 }, (_, n) => ground.call('write_file', { folder: 'notes', path: 'a', text: String(n), ifMatch: etag })),
  )
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a file may be no larger than one may be, whole or bit by bit, and replacing counts the difference', async () => {
  ground = await openGround(small)
  expect((await ground.failure('write_file', { folder: 'notes', path: 'a', text: 'x'.repeat(513) })).message).toContain('one may have 512')
  await ground.call('write_file', { folder: 'notes', path: 'a', text: 'x'.repeat(512) })
  expect((await ground.failure('write_file', { folder: 'notes', path: 'a', text: 'x', mode: 'append' })).message).toContain('one may have 512')
  await ground.call('write_file', { folder: 'notes', path: 'b', text: 'x'.repeat(512) })
  await ground.call('write_file', { folder: 'notes', path: 'b', text: 'y'.repeat(512) })
  expect((await ground.failure('write_file', { folder: 'notes', path: 'c', text: 'x' })).message).toContain('may hold 1024; this would add 1')
  await ground.call('write_file', { folder: 'notes', path: 'b', text: 'y' })
  await ground.call('write_file', { folder: 'notes', path: 'c', text: 'x' })
  expect(await held()).toEqual({ files: 3, bytes: 514 })
})

test('what is moved is counted where it goes', async () => {
  ground = await openGround(small)
  for (const path of ['a', 'b', 'c']) await ground.call('write_file', { folder: 'notes', path, text: path })
  for (const path of ['a', 'b']) await ground.call('move_file', { folder: 'notes', path, to: path, toFolder: 'mine' })
  expect((await ground.failure('move_file', { folder: 'notes', path: 'c', to: 'c', toFolder: 'mine' })).message).toContain('may hold 2')
  expect(await ground.call('move_file', { folder: 'notes', path: 'c', to: 'a', toFolder: 'mine', overwrite: true })).toMatchObject({
    usage: { files: 2, bytes: 2 },
  })
  const there = ground.call('move_file', { folder: 'mine', path: 'a', to: 'x', toFolder: 'notes' })
  const back = ground.again().call('move_file', { folder: 'mine', path: 'b', to: 'y', toFolder: 'notes' })
  expect(await Promise.all([there, back])).toHaveLength(2)
  expect(await held()).toEqual({ files: 2, bytes: 2 })
})

test('files that come or go by hand are counted after a start, and before a writer is refused', async () => {
  ground = await openGround(small)
  const notes = ground.place('notes')
  for (let n = 0; n < 9; n += 1) await ground.call('write_file', { folder: 'notes', path: `${n}`, text: 'x' })
  await writeFile(join(notes, 'by-hand'), 'x')
  const restarted = ground.again('another life')
  expect((await restarted.failure('write_file', { folder: 'notes', path: 'new', text: 'x' })).message).toContain('holds 10 files')
  await rm(join(notes, 'by-hand'))
  await rm(join(notes, '0'))
  const later = ground.again('another life')
  expect(await later.call('write_file', { folder: 'notes', path: 'new', text: 'x' })).toMatchObject({ usage: { files: 9, bytes: 9 } })
})

test('a writer that died in the middle leaves no lock, no half file and no wrong count', async () => {
  ground = await openGround(small)
  await ground.call('write_file', { folder: 'notes', path: 'a', text: 'x' })
  const space = dirname(ground.place('notes'))
  await writeFile(join(space, 'state', 'lock'), signature('an earlier life'))
  await writeFile(join(space, 'state', 'usage'), 'changing'.padEnd(127).concat('\n'))
  await writeFile(join(space, 'temporary', `${signature('an earlier life')}.x.1`), 'half')
  await writeFile(join(space, 'temporary', `elsewhere.1.x.1`), 'of another machine, long ago')
  await writeFile(join(space, 'temporary', `elsewhere.1.x.2`), 'of another machine, just now')
  await utimes(join(space, 'temporary', `elsewhere.1.x.1`), 1, 1)
  const restarted = ground.again('another life')
  expect(await restarted.call('write_file', { folder: 'notes', path: 'b', text: 'yy' })).toMatchObject({ usage: { files: 2, bytes: 3 } })
  expect(await readdir(join(space, 'temporary'))).toEqual(['elsewhere.1.x.2'])
  expect(await readdir(join(space, 'state'))).toEqual(['usage'])
})

test('a lock that nobody holds any more is broken by its age; one that is held is waited for', async () => {
  ground = await openGround(small)
  await ground.call('write_file', { folder: 'notes', path: 'a', text: 'x' })
  const lock = join(dirname(ground.place('notes')), 'state', 'lock')
  await writeFile(lock, 'elsewhere.1.x')
  const writing = ground.call('write_file', { folder: 'notes', path: 'b', text: 'x' })
  const caller = new AbortController()
  const leaving = ground.failure('write_file', { folder: 'notes', path: 'c', text: 'x' }, { signal: caller.signal })
  caller.abort()
  expect((await leaving).code).toBe('HUB_CANCELLED')
  expect(await readdir(ground.place('notes'))).toEqual(['a'])
  await utimes(lock, 1, 1)
  expect(await writing).toMatchObject({ created: true })
  expect(await readdir(ground.place('notes'))).toEqual(['a', 'b'])
})

test('a process that is killed while it writes loses nothing it had told of', async () => {
  ground = await openGround({ desk: 'worker', folders: { notes: { summary: 'x', quota: { files: 5_000 } } } })
  await mkdir(ground.root, { recursive: true })
  const child = spawn(process.execPath, [fileURLToPath(new URL('files-writing.ts', import.meta.url)), ground.root], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (part: Buffer) => (said += part.toString()))
  await until(async () => said.split('\n').length > 40)
  child.kill('SIGKILL')
  await once(child, 'close')
  const told = said
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Data)
  const last = new Map(told.map(({ path, text }) => [path as string, text as string]))
  const { files, bytes } = await held()
  // The file that was under way may be there in its new form, never in half of it.
  for (const [path, text] of last)
    expect([text, `${Number(text) + 14}`]).toContain((await ground.call('read_file', { folder: 'notes', path }))['text'].replaceAll('.', ''))
  const after = await ground.call('write_file', { folder: 'notes', path: 'after', text: 'x' })
  expect(after['usage']).toEqual({ files: files + 1, bytes: bytes + 1 })
  const space = dirname(ground.place('notes'))
  expect(await readdir(join(space, 'temporary'))).toEqual([])
  expect(await readdir(join(space, 'state'))).toEqual(['usage'])
  expect(await readFile(join(space, 'state', 'usage'), 'latin1')).toMatch(new RegExp(`^${files + 1} ${bytes + 1} `))
  expect((await stat(join(space, 'state', 'usage'))).mode & 0o777).toBe(0o600)
})
