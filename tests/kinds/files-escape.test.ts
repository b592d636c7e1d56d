import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { made, openGround, type Ground } from './files-ground.ts'

const run = promisify(execFile)
let ground: Ground
/** A folder beside the root, with something to steal. */
let outside: string

async function begin(finding: 'handles' | 'paths', desk: 'here' | 'worker' = 'here'): Promise<void> {
  ground = await openGround({ finding, desk })
  outside = await made(join(dirname(ground.root), 'outside'))
  await writeFile(join(outside, 'secret'), 'the secret')
  await made(ground.place('notes'))
}
afterEach(() => ground.close())

/** Every path below a folder. */
const everything = async (path: string): Promise<readonly string[]> => (await readdir(path, { recursive: true })).toSorted()

const hostileParts = [
  '..',
  '.',
  '',
  '/',
  '\\',
  '\0',
  '...',
  '. ',
  '.. ',
  ' ..',
  '..\\',
  '%2e%2e',
  '%2f',
  '%00',
  '‥',
  '…',
  '．．',
  '∕',
  '⁄',
  '／',
  '＼',
  '․․',
  'C:',
  '\\\\host\\share',
  '//?/C:',
  'con',
  'NUL.txt',
  'aux',
  'a:b',
  '~',
  '~root',
  '$HOME',
  '`id`',
  '\n',
  '\u202E',
  '\u200B',
  '\uFEFF',
  '\uD800',
  'e\u0301',
  'é',
  'A',
  'a',
  'secret',
  'outside',
  'etc',
  'passwd',
  'proc',
  'self',
  'fd',
  'state',
  'usage',
  'lock',
  'temporary',
  '.hub',
  '.git',
  'a.',
  'a ',
  '🪙',
  'x'.repeat(300),
]

describe.each(['handles', 'paths'] as const)('by %s', (finding) => {
  beforeEach(() => begin(finding))

  test('no path, however hostile, makes, reads, lists or takes away anything outside', async () => {
    const segment = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...hostileParts) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) })
    const path = fc
      .array(segment, { minLength: 1, maxLength: 7 })
      .chain((parts) => fc.constantFrom(...['/', '\\', '%2f', '∕', ''].map((glue) => parts.join(glue))))
    await fc.assert(
      fc.asyncProperty(path, path, async (one, other) => {
        const answers = await Promise.allSettled([
          ground.call('write_file', { folder: 'notes', path: one, text: 'hostile' }),
          ground.call('read_file', { folder: 'notes', path: one }),
          ground.call('list_files', { folder: 'notes', path: one, after: other, recursive: true }),
          ground.call('search_files', { folder: 'notes', path: one, match: other.slice(0, 500) || '*', text: 'the secret' }),
          ground.call('move_file', { folder: 'notes', path: one, to: other, overwrite: true }),
          ground.call('delete_file', { folder: 'notes', path: other }),
        ])
        for (const answer of answers) {
          if (answer.status === 'rejected')
            expect(answer.reason).toMatchObject({ code: expect.stringMatching(/^HUB_(ARGS_INVALID|DENIED|RESOURCE_UNKNOWN)$/) as string })
          else expect(JSON.stringify(answer.value)).not.toContain('the secret')
        }
        expect(await readdir(dirname(ground.root))).toEqual(['outside', 'root'])
        expect(await readdir(ground.root)).toEqual(['organisations'])
        expect(await readdir(dirname(ground.place('notes')))).toEqual(expect.not.arrayContaining(['secret']) as string[])
      }),
      { numRuns: 250 },
    )
    expect(await everything(outside)).toEqual(['secret'])
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('the secret')
    // Whatever was made has a name that every file system takes, and no two are one to any of them.
    for (const name of await everything(ground.place('notes'))) expect(name).toBe(name.normalize('NFC'))
  })

  test('names that differ only by case or normal form do not stand side by side', async () => {
    const write = (path: string) => ground.failure('write_file', { folder: 'notes', path, text: 'x' })
    await ground.call('write_file', { folder: 'notes', path: 'Straße/Café.md', text: 'x' })
    for (const path of ['straße/b', 'STRASSE/b', 'Strasse/b', 'Straße/CAFÉ.md', 'Straße/Cafe\u0301.MD'])
      expect((await write(path)).message).toContain('differs only by case')
    // The same name in another normal form is the same file.
    expect(await ground.call('write_file', { folder: 'notes', path: 'Straße/Cafe\u0301.md', text: 'y' })).toMatchObject({ created: false })
    expect((await ground.failure('move_file', { folder: 'notes', path: 'Straße/Café.md', to: 'Straße/café.md' })).message).toContain('differs only by case')
    expect(await everything(ground.place('notes'))).toEqual(['Straße', 'Straße/Café.md'])
  })

  test('a name on the disk that no path can say is neither listed nor found', async () => {
    for (const name of ['.env', 'e\u0301.md', 'a\\b', 'x\u202Ey', 'nul', 'a.', 'fine.md']) await writeFile(join(ground.place('notes'), name), 'the secret')
    const { data, notes } = await ground.answer('list_files', { folder: 'notes' })
    expect(data).toMatchObject({ rows: [{ path: 'fine.md' }] })
    expect(notes?.join()).toContain('6 names are not served')
    expect((await ground.call('search_files', { folder: 'notes', text: 'the secret' }))['rows']).toMatchObject([{ path: 'fine.md' }])
  })

  test('links are not followed, wherever they stand and wherever they lead', async () => {
    const notes = ground.place('notes')
    await ground.call('write_file', { folder: 'notes', path: 'inside', text: 'own' })
    await symlink(join(outside, 'secret'), join(notes, 'file'))
    await symlink(outside, join(notes, 'folder'))
    await symlink('inside', join(notes, 'near'))
    await symlink('.', join(notes, 'circle'))
    await symlink(join(outside, 'new'), join(notes, 'dangling'))
    await link(join(outside, 'secret'), join(notes, 'hard'))

    for (const path of ['file', 'folder/secret', 'near', 'circle/inside', 'dangling', 'hard']) {
      for (const act of ['read_file', 'write_file', 'delete_file'] as const) {
        const error = await ground.failure(act, { folder: 'notes', path, ...(act === 'write_file' && { text: 'x' }) })
        expect(error.code).toBe('HUB_DENIED')
        expect(error.message).toMatch(/is a (link|file with a second name)/)
      }
      expect((await ground.failure('move_file', { folder: 'notes', path: 'inside', to: path, overwrite: true })).code).toBe('HUB_DENIED')
      expect((await ground.failure('write_file', { folder: 'notes', path, text: 'x', mode: 'append' })).code).toBe('HUB_DENIED')
    }
    const { data } = await ground.answer('list_files', { folder: 'notes', recursive: true })
    expect(data).toMatchObject({ rows: [{ path: 'inside' }] })
    expect(await ground.call('search_files', { folder: 'notes', text: 'the secret' })).toMatchObject({ rows: [], searched: { files: 1 } })
    expect((await ground.call('usage', { folder: 'notes' }))['rows']).toMatchObject([{ files: 1, bytes: 3 }])
    expect(await everything(outside)).toEqual(['secret'])
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('the secret')
  })

  test('pipes, sockets and devices are refused at once, without waiting for anybody', async ({ skip }) => {
    const notes = ground.place('notes')
    await run('mkfifo', [join(notes, 'pipe')])
    const server = createServer().listen(join(notes, 'socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    const names = ['pipe', 'socket']
    const device = await run('mknod', [join(notes, 'device'), 'c', '1', '3']).then(
      () => true,
      () => false,
    )
    if (device) names.push('device')
    try {
      for (const path of names) {
        for (const act of ['read_file', 'write_file', 'delete_file'] as const)
          expect((await ground.failure(act, { folder: 'notes', path, ...(act === 'write_file' && { text: 'x' }) })).message).toMatch(
            /is a (pipe|socket|device)/,
          )
        expect((await ground.failure('write_file', { folder: 'notes', path, text: 'x', mode: 'append' })).code).toBe('HUB_DENIED')
      }
      expect(await ground.call('search_files', { folder: 'notes', text: 'x' })).toMatchObject({ rows: [] })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
    if (!device) skip('this user may make no device')
  })

  test('a link above the files, in the hub’s own folders, is not followed either', async () => {
    const organisation = dirname(dirname(ground.place('notes')))
    await rm(organisation, { recursive: true })
    await symlink(outside, organisation)
    for (const act of ['read_file', 'write_file', 'list_files'] as const)
      expect((await ground.failure(act, { folder: 'notes', path: 'secret', ...(act === 'write_file' && { text: 'x' }) })).message).toContain(
        'no folder of the hub’s making',
      )
    expect(await everything(outside)).toEqual(['secret'])
  })

  test('the housekeeping beside the files is out of reach', async () => {
    await ground.call('write_file', { folder: 'notes', path: 'a', text: 'x' })
    for (const path of ['state/usage', 'temporary', 'files/a'])
      expect((await ground.failure('read_file', { folder: 'notes', path })).code).toBe('HUB_RESOURCE_UNKNOWN')
    expect((await ground.call('list_files', { folder: 'notes', recursive: true }))['rows']).toHaveLength(1)
  })
})

test('a folder that is swapped for a link again and again, while files are written through it, lets nothing out', async () => {
  await begin('handles', 'worker')
  const notes = ground.place('notes')
  await mkdir(join(notes, 'deep', 'er'), { recursive: true })
  let isOver = false
  let swaps = 0
  const swap = async (): Promise<void> => {
    while (!isOver) {
      await rename(join(notes, 'deep'), join(notes, 'aside')).catch(() => undefined)
      await symlink(outside, join(notes, 'deep')).catch(() => undefined)
      await rm(join(notes, 'deep')).catch(() => undefined)
      await rename(join(notes, 'aside'), join(notes, 'deep')).catch(() => undefined)
      swaps += 1
    }
  }
  const swapping = swap()
  const codes = new Set<string>()
  let written = 0
  const attempt = async (act: string, args: Record<string, string>): Promise<void> => {
    const result = await ground.call(act, { folder: 'notes', ...args }).catch((error: { code: string }) => error.code)
    if (typeof result === 'string') codes.add(result)
    else {
      expect(JSON.stringify(result)).not.toContain('the secret')
      written += 1
    }
  }
  try {
    for (let n = 0; n < 300; n += 1) {
      await Promise.all([
        attempt('write_file', { path: `deep/${n % 7}.md`, text: 'x' }),
        attempt('write_file', { path: 'deep/secret', text: 'overwritten' }),
        attempt('write_file', { path: `deep/er/${n % 5}`, text: 'x', mode: 'append' }),
        attempt('read_file', { path: 'deep/secret' }),
        attempt('search_files', { text: 'the secret' }),
        attempt('delete_file', { path: 'deep/secret' }),
      ])
    }
  } finally {
    isOver = true
    await swapping
  }
  expect(swaps).toBeGreaterThan(20)
  expect(written).toBeGreaterThan(20)
  for (const code of codes) expect(code).toMatch(/^HUB_(DENIED|RESOURCE_UNKNOWN|UPSTREAM_FAILED)$/)
  expect(await everything(outside)).toEqual(['secret'])
  expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('the secret')
})

test('a file that is swapped for a link after it was looked at is not read: what was opened is looked at again', async () => {
  await begin('handles', 'worker')
  const notes = ground.place('notes')
  await writeFile(join(notes, 'a'), 'own')
  let isOver = false
  const swap = async (): Promise<void> => {
    while (!isOver) {
      await symlink(join(outside, 'secret'), join(notes, 'b')).catch(() => undefined)
      await rename(join(notes, 'b'), join(notes, 'a')).catch(() => undefined)
      await writeFile(join(notes, 'c'), 'own')
      await rename(join(notes, 'c'), join(notes, 'a'))
    }
  }
  const swapping = swap()
  const seen = new Set<string>()
  try {
    for (let n = 0; n < 2_000; n += 1)
      seen.add(
        await ground.call('read_file', { folder: 'notes', path: 'a' }).then(
          ({ text }) => text as string,
          ({ code }: { code: string }) => code,
        ),
      )
  } finally {
    isOver = true
    await swapping
  }
  expect([...seen].filter((one) => one !== 'own' && one !== '' && one !== 'HUB_DENIED' && one !== 'HUB_RESOURCE_UNKNOWN')).toEqual([])
  expect(seen).toContain('own')
})

test('what a caller is told holds no path of this machine', async () => {
  await begin('handles')
  const file = await open(join(ground.place('notes'), 'a'), constants.O_CREAT | constants.O_WRONLY)
  await file.close()
  const errors = [
    await ground.failure('write_file', { folder: 'notes', path: 'a/b', text: 'x' }),
    await ground.failure('read_file', { folder: 'notes', path: 'a/b' }),
    await ground.failure('list_files', { folder: 'notes', path: 'a' }),
    await ground.failure('write_file', { folder: 'notes', path: 'x'.repeat(1_000_000), text: 'x' }),
    await ground.failure('write_file', { folder: 'notes', path: 'ü'.repeat(200), text: 'x' }),
  ]
  for (const { message, details } of errors) {
    expect(message + JSON.stringify(details)).not.toContain('hub-files-')
    expect(message.length).toBeLessThan(400)
  }
  expect(errors.map(({ code }) => code)).toEqual(['HUB_DENIED', 'HUB_DENIED', 'HUB_DENIED', 'HUB_ARGS_INVALID', 'HUB_ARGS_INVALID'])
  expect((await stat(outside)).isDirectory()).toBe(true)
})
