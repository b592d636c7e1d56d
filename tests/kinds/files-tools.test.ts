import { appendFile, mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rawNumber } from '../../runtime/contract/json.ts'
import { made, openGround, type Ground } from './files-ground.ts'

let ground: Ground
afterEach(() => ground.close())

describe.each(['handles', 'paths'] as const)('by %s', (finding) => {
  beforeEach(async () => {
    ground = await openGround({ finding })
  })

  test('what is written is read, with its length, moment and etag', async () => {
    const written = await ground.call('write_file', { folder: 'notes', path: 'btc/one.md', text: '# Grüße 🪙\n' })
    expect(written).toMatchObject({ folder: 'notes', path: 'btc/one.md', size: 15, created: true, usage: { files: 1, bytes: 15 } })
    const read = await ground.call('read_file', { folder: 'notes', path: 'btc/one.md' })
    expect(read).toEqual({
      folder: 'notes',
      path: 'btc/one.md',
      text: '# Grüße 🪙\n',
      mimeType: 'text/markdown',
      size: 15,
      modified: written['modified'],
      etag: written['etag'],
      offset: 0,
      length: 15,
      line: 1,
    })
  })

  test('files and folders are for the hub’s user alone', async () => {
    await ground.call('write_file', { folder: 'notes', path: 'a/b.md', text: 'x' })
    const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777
    expect(await mode(join(ground.place('notes'), 'a', 'b.md'))).toBe(0o600)
    for (let path = join(ground.place('notes'), 'a'); path.startsWith(ground.root); path = dirname(path)) expect(await mode(path)).toBe(0o700)
  })

  test('create does not replace, replace does, and an etag that is old is refused', async () => {
    const first = await ground.call('write_file', { folder: 'notes', path: 'a', text: '1', mode: 'create' })
    expect((await ground.failure('write_file', { folder: 'notes', path: 'a', text: '2', mode: 'create' })).message).toContain('is there already')
    const second = await ground.call('write_file', { folder: 'notes', path: 'a', text: '2', ifMatch: first['etag'] })
    expect(second).toMatchObject({ created: false, usage: { files: 1, bytes: 1 } })
    const error = await ground.failure('write_file', { folder: 'notes', path: 'a', text: '3', ifMatch: first['etag'] })
    expect(error).toMatchObject({ code: 'HUB_DENIED', details: { etag: second['etag'] } })
    expect((await ground.failure('delete_file', { folder: 'notes', path: 'a', ifMatch: first['etag'] })).code).toBe('HUB_DENIED')
    expect((await ground.failure('read_file', { folder: 'notes', path: 'a', ifMatch: first['etag'] })).message).toContain('begin again')
    expect((await ground.failure('write_file', { folder: 'notes', path: 'none', text: '3', ifMatch: first['etag'] })).message).toContain('any more')
    expect(await ground.call('read_file', { folder: 'notes', path: 'a' })).toMatchObject({ text: '2' })
  })

  test('appending begins a file and goes on, line by line', async () => {
    for (const n of [1, 2, 3]) await ground.call('write_file', { folder: 'notes', path: 'log', text: `${n}\n`, mode: 'append' })
    expect(await ground.call('read_file', { folder: 'notes', path: 'log' })).toMatchObject({ text: '1\n2\n3\n' })
  })

  test('no two states of a file have one etag, however fast they follow', async () => {
    const etags = new Set<string>()
    for (let n = 0; n < 50; n += 1) etags.add((await ground.call('write_file', { folder: 'notes', path: 'a', text: String(n % 10) }))['etag'])
    expect(etags.size).toBe(50)
  })

  test('a move takes the file along, and folders go with their last file', async () => {
    await ground.call('write_file', { folder: 'notes', path: 'a/b/c', text: 'x' })
    await ground.call('write_file', { folder: 'notes', path: 'd', text: 'yy' })
    expect((await ground.failure('move_file', { folder: 'notes', path: 'a/b/c', to: 'd' })).message).toContain('is there already')
    expect(await ground.call('move_file', { folder: 'notes', path: 'a/b/c', to: 'd', overwrite: true })).toMatchObject({
      path: 'd',
      size: 1,
      usage: { files: 1, bytes: 1 },
    })
    expect(await readdir(ground.place('notes'))).toEqual(['d'])
    expect(await ground.call('move_file', { folder: 'notes', path: 'd', to: 'e/f', toFolder: 'mine' })).toMatchObject({
      folder: 'mine',
      usage: { files: 1, bytes: 1 },
    })
    expect(await ground.call('delete_file', { folder: 'mine', path: 'e/f' })).toMatchObject({ usage: { files: 0, bytes: 0 } })
    expect(await readdir(ground.place('mine'))).toEqual([])
    expect((await ground.failure('move_file', { folder: 'notes', path: 'd', to: 'e' })).code).toBe('HUB_RESOURCE_UNKNOWN')
    await ground.call('write_file', { folder: 'notes', path: 'd', text: 'x' })
    expect((await ground.failure('move_file', { folder: 'notes', path: 'd', to: 'd', overwrite: true })).message).toContain('where it is')
  })

  test('a listing goes page by page, in the order of its paths', async () => {
    for (const path of ['b/2', 'a', 'b/1', 'b.md', 'c/x/y']) await ground.call('write_file', { folder: 'notes', path, text: path })
    const paths: string[] = []
    let after: string | undefined
    do {
      const page = await ground.call('list_files', { folder: 'notes', recursive: true, limit: 2, ...(after !== undefined && { after }) })
      paths.push(...page['rows'].map((row: { path: string }) => row.path))
      after = page['next']
    } while (after !== undefined)
    expect(paths).toEqual(['a', 'b', 'b/1', 'b/2', 'b.md', 'c', 'c/x', 'c/x/y'])
    const own = await ground.call('list_files', { folder: 'notes', path: 'b' })
    expect(own['rows']).toMatchObject([{ path: 'b/1', type: 'file', size: 3 }, { path: 'b/2' }])
    const fitting = await ground.call('list_files', { folder: 'notes', recursive: true, match: '*.md' })
    expect(fitting['rows']).toMatchObject([{ path: 'b.md', mimeType: 'text/markdown' }])
    expect((await ground.failure('list_files', { folder: 'notes', path: 'zzz' })).code).toBe('HUB_RESOURCE_UNKNOWN')
    expect((await ground.call('list_files', {}))['rows']).toHaveLength(4)
  })

  test('a search finds texts and patterns, with lines around them, and goes on where it ended', async () => {
    await ground.call('write_file', { folder: 'notes', path: 'a.md', text: 'one\ntwo needle\nthree\nfour NEEDLE 5\r\n' })
    await ground.call('write_file', { folder: 'notes', path: 'b/needle.md', text: 'no\n' })
    await ground.call('write_file', { folder: 'notes', path: 'c.bin', base64: Buffer.from([1, 0, 2]).toString('base64') })
    const found = await ground.call('search_files', { folder: 'notes', text: 'needle', context: 1 })
    expect(found).toEqual({
      rows: [{ path: 'a.md', line: 2, column: 5, text: 'two needle', before: ['one'], after: ['three'] }, { path: 'b/needle.md' }],
      searched: { files: 3, bytes: 36 + 3, binary: 1 },
    })
    const rows: unknown[] = []
    let after: string | undefined
    do {
      const page = await ground.call('search_files', {
        folder: 'notes',
        pattern: 'needle( \\d)?',
        ignoreCase: true,
        limit: 1,
        ...(after !== undefined && { after }),
      })
      rows.push(...page['rows'])
      after = page['next']
    } while (after !== undefined)
    expect(rows).toEqual([
      { path: 'a.md', line: 2, column: 5, text: 'two needle' },
      { path: 'a.md', line: 4, column: 6, text: 'four NEEDLE 5' },
      { path: 'b/needle.md' },
    ])
    const error = await ground.failure('search_files', { folder: 'notes', pattern: '(a)\\1' })
    expect(error.message).toMatch(/RE2 syntax/)
    expect((await ground.answer('search_files', { folder: 'notes', text: 'nowhere' })).notes).toEqual(['nothing was found'])
    expect((await ground.failure('search_files', { folder: 'notes' })).code).toBe('HUB_ARGS_INVALID')
    expect((await ground.failure('search_files', { folder: 'notes', path: 'zzz', text: 'x' })).code).toBe('HUB_RESOURCE_UNKNOWN')
  })

  test('usage tells what is there, really', async () => {
    await ground.call('write_file', { folder: 'notes', path: 'a/b', text: '12345' })
    await appendFile(join(ground.place('notes'), 'a', 'b'), '678')
    expect((await ground.call('usage', { folder: 'notes' }))['rows']).toEqual([
      {
        folder: 'notes',
        summary: 'Notes.',
        shared: 'organisation',
        canWrite: true,
        files: 1,
        bytes: 8,
        quota: { files: 1_000, bytes: 10_485_760, fileBytes: 1_048_576 },
      },
    ])
    expect((await ground.call('usage', {}))['rows']).toHaveLength(4)
  })
})

describe('who sees what', () => {
  beforeEach(async () => {
    ground = await openGround()
  })

  test('organisations are apart, agents are apart where the folder says so, and the hub’s folders are for all', async () => {
    const [ours, theirs] = [{ organisation: 'acme' }, { organisation: 'ACME' }]
    await ground.call('write_file', { folder: 'notes', path: 'a', text: 'acme' }, { who: ours })
    expect((await ground.failure('read_file', { folder: 'notes', path: 'a' }, { who: theirs })).code).toBe('HUB_RESOURCE_UNKNOWN')
    expect(await ground.call('read_file', { folder: 'notes', path: 'a' }, { who: { ...ours, id: 'another' } })).toMatchObject({ text: 'acme' })

    await ground.call('write_file', { folder: 'mine', path: 'a', text: 'x' }, { who: { id: 'one' } })
    expect((await ground.failure('read_file', { folder: 'mine', path: 'a' }, { who: { id: 'two' } })).code).toBe('HUB_RESOURCE_UNKNOWN')
    expect((await ground.failure('read_file', { folder: 'mine', path: 'a' }, { who: { id: 'one', organisation: 'other' } })).code).toBe('HUB_RESOURCE_UNKNOWN')

    await writeFile(join(await made(ground.place('reference')), 'rules.md'), 'Buy low.')
    for (const who of [ours, theirs])
      expect(await ground.call('read_file', { folder: 'reference', path: 'rules.md' }, { who })).toMatchObject({ text: 'Buy low.' })
  })

  test.each([
    { organisation: '../../..' },
    { organisation: '..' },
    { organisation: '' },
    { organisation: '\0' },
    { organisation: 'a/b' },
    { organisation: '\uD800' },
    { id: '../../someone' },
  ])('the name of a caller leads nowhere: %j', async (who) => {
    await ground.call('write_file', { folder: 'mine', path: 'a', text: 'x' }, { who })
    expect(await readdir(dirname(ground.root))).toEqual(['root'])
    expect(await readdir(ground.root)).toEqual(['organisations'])
    expect((await ground.failure('read_file', { folder: 'mine', path: 'a' })).code).toBe('HUB_RESOURCE_UNKNOWN')
  })

  test('nobody writes to a folder of the hub, nor to one that is only read', async () => {
    await mkdir(ground.place('reference'), { recursive: true })
    await writeFile(join(ground.place('reference'), 'a'), 'x')
    for (const folder of ['reference', 'sealed']) {
      expect((await ground.failure('write_file', { folder, path: 'a', text: 'x' })).message).toContain('is only read')
      expect((await ground.failure('delete_file', { folder, path: 'a' })).message).toContain('is only read')
      expect((await ground.failure('move_file', { folder, path: 'a', to: 'b' })).message).toContain('is only read')
    }
    await ground.call('write_file', { folder: 'notes', path: 'a', text: 'x' })
    expect((await ground.failure('move_file', { folder: 'notes', path: 'a', to: 'b', toFolder: 'reference' })).message).toContain('is only read')
  })

  test('an unknown folder is answered with those there are', async () => {
    expect((await ground.failure('read_file', { folder: 'note', path: 'a' })).message).toBe(
      'there is no folder "note"; there are notes, mine, reference, sealed',
    )
  })
})

describe('declared tools', () => {
  beforeEach(async () => {
    ground = await openGround()
  })

  test('append, read, write and list by template', async () => {
    const args = { symbol: 'BTC', day: '2026-11-21' }
    const path = '{symbol}/{day}.md'
    await ground.declared({ append: { folder: 'notes', path, text: '- {text}\n' } }, { ...args, text: 'one' })
    await ground.declared({ append: { folder: 'notes', path, text: '- {text}\n' } }, { ...args, text: 'two' })
    expect(await ground.declared({ read: { folder: 'notes', path, as: 'text' } }, args)).toEqual({ text: '- one\n- two\n' })
    expect(await ground.declared({ read: { folder: 'notes', path, line: '{from}', lines: 1 } }, { ...args, from: 2 })).toMatchObject({
      text: '- two\n',
      line: 2,
    })
    expect(await ground.declared({ list: { folder: 'notes', path: '{symbol}', match: '*.md' } }, args)).toMatchObject({ rows: [{ path: 'BTC/2026-11-21.md' }] })
    expect(await ground.declared({ list: { folder: 'notes', recursive: true, limit: '{n}', after: '{after}' } }, { n: 1, after: 'BTC' })).toMatchObject({
      rows: [{ type: 'file' }],
    })
  })

  test('documents keep every digit, and lines of JSON are lines', async () => {
    const big = rawNumber('9007199254740993')
    await ground.declared({ write: { folder: 'notes', path: 'a.json', json: { id: '{id}', note: 'no {n}', left: '{out}' } } }, { id: big, n: 1 })
    expect(await ground.call('read_file', { folder: 'notes', path: 'a.json' })).toMatchObject({ text: '{\n  "id": 9007199254740993,\n  "note": "no 1"\n}\n' })
    expect(JSON.stringify(await ground.declared({ read: { folder: 'notes', path: 'a.json', as: 'json' } }, {}))).toBe('{"id":9007199254740993,"note":"no 1"}')
    for (const n of [1, 2]) await ground.declared({ append: { folder: 'notes', path: 'b.jsonl', json: { n: '{n}', list: ['{n}', '{out}'] } } }, { n })
    expect(await ground.call('read_file', { folder: 'notes', path: 'b.jsonl' })).toMatchObject({ text: '{"n":1,"list":[1]}\n{"n":2,"list":[2]}\n' })
    await ground.declared({ write: { folder: 'notes', path: 'bytes', base64: '{bytes}' } }, { bytes: 'AP8=' })
    expect(await ground.call('read_file', { folder: 'notes', path: 'bytes' })).toMatchObject({ base64: 'AP8=', mimeType: 'application/octet-stream' })
  })

  test('a hole stays within one name of the path, unless it says +', async () => {
    const write = (path: string, symbol: unknown) => ground.declared({ write: { folder: 'notes', path, text: 'x' } }, { symbol: symbol as string })
    await expect(write('{symbol}/a', 'BTC/USDT')).rejects.toThrow('holds a slash')
    await expect(write('{symbol}/a', '..')).rejects.toThrow('may not climb')
    await expect(write('{+symbol}/a', '../..')).rejects.toThrow('may not climb')
    await expect(write('{symbol}/a', '')).rejects.toThrow('is empty')
    await expect(write('{symbol}/a', { a: 1 })).rejects.toThrow('must be a text or a number')
    expect(await write('{+symbol}/a', 'BTC/USDT')).toMatchObject({ path: 'BTC/USDT/a' })
    expect(await write('{symbol}', 7)).toMatchObject({ path: '7' })
  })

  test('a document that is none, or too long to be answered whole, says so', async () => {
    await ground.call('write_file', { folder: 'notes', path: 'a.json', text: '{"a":' })
    await expect(ground.declared({ read: { folder: 'notes', path: 'a.json', as: 'json' } }, {})).rejects.toMatchObject({ code: 'HUB_UPSTREAM_FAILED' })
    await ground.call('write_file', { folder: 'notes', path: 'b.json', text: JSON.stringify('x'.repeat(5_000)) })
    const policy = { result: { rows: 10, bytes: 2_000 } }
    await expect(ground.declared({ read: { folder: 'notes', path: 'b.json', as: 'json' } }, {}, { policy })).rejects.toThrow('longer than this tool may answer')
    await expect(ground.declared({ read: { folder: 'notes', path: 'b.json', lines: '{n}' } }, { n: 'two' })).rejects.toThrow('whole number')
  })
})

describe('an operator’s folder', () => {
  test('lies where the manifest says, and is followed when it is swapped as a ConfigMap is', async () => {
    ground = await openGround({ folders: { reference: { summary: 'x', shared: 'hub', path: 'mount/..data' } } })
    const mount = await made(join(dirname(ground.root), 'mount'))
    for (const version of ['one', 'two']) {
      await writeFile(join(await made(join(mount, `..${version}`)), 'rules.md'), version)
      await symlink(`..${version}`, join(mount, '..new'))
      await rename(join(mount, '..new'), join(mount, '..data'))
      expect(await ground.call('read_file', { folder: 'reference', path: 'rules.md' })).toMatchObject({ text: version })
    }
    await rm(mount, { recursive: true })
    expect((await ground.failure('read_file', { folder: 'reference', path: 'rules.md' })).code).toBe('HUB_CONNECTOR_DOWN')
  })
})

describe('a root', () => {
  test('is made at the first write, not before; once it is gone it is not made again', async () => {
    ground = await openGround()
    expect(await ground.call('list_files', { folder: 'notes' })).toEqual({ rows: [] })
    expect((await ground.connector.check(AbortSignal.timeout(5_000))).state).toBe('up')
    expect(await readdir(dirname(ground.root))).toEqual([])
    await ground.call('write_file', { folder: 'notes', path: 'a', text: 'x' })
    await rm(ground.root, { recursive: true })
    expect((await ground.failure('write_file', { folder: 'notes', path: 'a', text: 'x' })).code).toBe('HUB_CONNECTOR_DOWN')
    expect((await ground.failure('list_files', { folder: 'notes' })).code).toBe('HUB_CONNECTOR_DOWN')
    expect(await readdir(dirname(ground.root))).toEqual([])
  })

  test('that is a file is told without its path', async () => {
    ground = await openGround()
    await writeFile(ground.root, 'x')
    const error = await ground.failure('write_file', { folder: 'notes', path: 'a', text: 'x' })
    expect(error.code).toBe('HUB_CONNECTOR_DOWN')
    expect(error.message).not.toContain('hub-files-')
  })
})
