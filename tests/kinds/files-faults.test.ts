import { createWriteStream } from 'node:fs'
import { appendFile, rm, truncate, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { made, openGround, type Data, type Ground } from './files-ground.ts'

let ground: Ground
afterEach(() => ground.close())

/** Reads a file to its end, part by part. */
async function readAll(args: Data, step: Data = {}): Promise<readonly Data[]> {
  const parts: Data[] = []
  let next: Data | undefined = args
  do {
    const part: Data = await ground.call('read_file', { folder: 'notes', path: 'a', ...step, ...next })
    parts.push(part)
    next = part['next'] && { ...part['next'], ifMatch: part['etag'] }
    expect(parts.length).toBeLessThan(10_000)
  } while (next !== undefined)
  return parts
}
const together = (parts: readonly Data[]): Buffer =>
  Buffer.concat(parts.map(({ text, base64 }) => (text === undefined ? Buffer.from(base64 as string, 'base64') : Buffer.from(text as string))))

test('a text read in parts of any size is the same text, and no character is divided', async () => {
  ground = await openGround()
  const text = fc
    .array(fc.constantFrom('a', 'ö', '€', '🪙', '\n', '"', '\u0001', 'é'), { minLength: 1, maxLength: 60 })
    .map((characters) => characters.join(''))
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 200 }),
      async (text, length, lines, offset) => {
        await ground.call('write_file', { folder: 'notes', path: 'a', text })
        for (const step of [{ length }, { lines }, { length, lines }]) {
          const parts = await readAll({}, step)
          expect(together(parts).toString()).toBe(text)
          for (const part of parts) expect(part['text']).toBeTypeOf('string')
          if (!('length' in step)) for (const part of parts.slice(0, -1)) expect(part['text']).toMatch(/\n$/)
        }
        const part = await ground.call('read_file', { folder: 'notes', path: 'a', offset })
        const size = Buffer.byteLength(text)
        expect(part['offset']).toBeLessThanOrEqual(Math.min(offset, size))
        expect(Buffer.from(text).subarray(part['offset'])).toEqual(together([part]))
      },
    ),
    { numRuns: 60 },
  )
})

test('a part never takes more than the tool may answer, whatever its characters cost as JSON', async () => {
  ground = await openGround()
  const policy = { result: { rows: 10, bytes: 3_000 } }
  for (const text of ['\u0001'.repeat(5_000), '"'.repeat(5_000), 'ä'.repeat(5_000), 'x\n'.repeat(3_000)]) {
    await ground.call('write_file', { folder: 'notes', path: 'a', text })
    for (const step of [{}, { lines: 100_000 }] as readonly Record<string, number>[]) {
      let offset = 0
      let all = ''
      while (offset < Buffer.byteLength(text)) {
        const answer = await ground.answer('read_file', { folder: 'notes', path: 'a', offset, ...step }, { policy })
        expect(Buffer.byteLength(JSON.stringify(answer.data))).toBeLessThanOrEqual(3_000)
        const part = answer.data as Data
        all += part['text']
        offset += part['length']
      }
      expect(all).toBe(text)
    }
  }
})

test('bytes that are no text come as base64, or are refused where text is asked for', async () => {
  ground = await openGround()
  const bytes = Buffer.from(Array.from({ length: 2_000 }, (_, n) => (n * 37) % 256))
  await ground.call('write_file', { folder: 'notes', path: 'a', base64: bytes.toString('base64') })
  expect(together(await readAll({}, { length: 333 }))).toEqual(bytes)
  expect((await ground.failure('read_file', { folder: 'notes', path: 'a', as: 'text' })).message).toContain('read it as base64')
  await ground.call('write_file', { folder: 'notes', path: 'a', text: 'plain' })
  expect(await ground.call('read_file', { folder: 'notes', path: 'a', as: 'base64' })).toMatchObject({ base64: Buffer.from('plain').toString('base64') })
  // Half a character at the very end is no text.
  await ground.call('write_file', { folder: 'notes', path: 'a', base64: Buffer.from('xö').subarray(0, 2).toString('base64') })
  expect(await ground.call('read_file', { folder: 'notes', path: 'a' })).toMatchObject({ base64: 'eMM=' })
})

test('what cannot be written as it is given is refused', async () => {
  ground = await openGround()
  const failure = (args: Data) => ground.failure('write_file', { folder: 'notes', path: 'a', ...args })
  expect((await failure({ text: 'half \uD83E' })).message).toContain('not well-formed')
  expect((await failure({ base64: 'not base64!' })).message).toContain('is not base64')
  expect((await failure({})).message).toContain('must be given')
  expect((await failure({ text: 'a', base64: 'YQ==' })).message).toContain('not both')
  expect((await ground.failure('read_file', { folder: 'notes', path: 'a', offset: 1e300 })).code).toBe('HUB_ARGS_INVALID')
})

test('the last lines, the lines from one on, and what is beyond the end', async () => {
  ground = await openGround()
  await ground.call('write_file', { folder: 'notes', path: 'a', text: '1\n2\n3\n4\n5' })
  const read = (args: Data) => ground.call('read_file', { folder: 'notes', path: 'a', ...args })
  expect(await read({ line: -2 })).toMatchObject({ text: '4\n5' })
  expect(await read({ line: -2, lines: 1 })).toMatchObject({ text: '4\n', next: { offset: 8 } })
  expect(await read({ line: -99 })).toMatchObject({ text: '1\n2\n3\n4\n5', offset: 0 })
  expect(await read({ line: 2, lines: 2 })).toMatchObject({ text: '2\n3\n', line: 2, next: { offset: 6, line: 4 } })
  expect(await read({ line: 5 })).toMatchObject({ text: '5', line: 5 })
  expect(await read({ offset: -3 })).toMatchObject({ text: '4\n5', offset: 6 })
  const beyond = await ground.answer('read_file', { folder: 'notes', path: 'a', line: 9 })
  expect(beyond).toMatchObject({ data: { text: '', length: 0 }, notes: ['there is nothing from there on: the file has 9 bytes'] })
  await ground.call('write_file', { folder: 'notes', path: 'a', text: '' })
  expect(await read({})).toMatchObject({ text: '', size: 0 })
  expect(await read({ line: -1 })).toMatchObject({ text: '', size: 0 })
})

/** A file of so many numbered lines, 22 bytes each. */
async function longFile(lines: number): Promise<string> {
  const path = join(await made(ground.place('notes')), 'a')
  const stream = createWriteStream(path)
  for (let from = 0; from < lines; from += 20_000) {
    const part = Array.from({ length: Math.min(20_000, lines - from) }, (_, n) => `line ${String(from + n + 1).padStart(10, '0')} of it\n`).join('')
    if (!stream.write(part)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'close')
  return path
}

test('three million lines are read by ranges and searched, in bounded memory', async () => {
  ground = await openGround({ desk: 'worker' })
  await longFile(3_000_000)
  await ground.call('read_file', { folder: 'notes', path: 'a', lines: 1 })
  await ground.call('search_files', { folder: 'notes', pattern: 'line 0000000001 ', limit: 1 })
  const before = process.memoryUsage().rss
  let highest = before
  const measured = async (args: Data): Promise<Data> => {
    const part = await ground.call('read_file', { folder: 'notes', path: 'a', ...args })
    highest = Math.max(highest, process.memoryUsage().rss)
    return part
  }
  for (const line of [2_999_999, 1_500_000, 1, 2_000_001]) {
    const text = `line ${String(line).padStart(10, '0')} of it\n`
    expect(await measured({ line, lines: 1 })).toMatchObject({ text, line, size: 66_000_000 })
  }
  expect(await measured({ line: -1 })).toMatchObject({ text: 'line 0003000000 of it\n' })
  expect(await measured({ line: -2_000_000, lines: 1 })).toMatchObject({ text: 'line 0001000001 of it\n' })
  expect(await measured({ line: 1_000_000, lines: 100_000 })).toMatchObject({
    text: expect.stringMatching(/^line 0001000000 of it\n/) as string,
    next: { line: expect.any(Number) as number },
  })
  const found = await ground.call('search_files', { folder: 'notes', pattern: '^line 00029[0-9]*77777 ', limit: 1 }, { deadline: Date.now() + 25_000 })
  let page = found
  while (page['rows'].length === 0)
    page = await ground.call('search_files', { folder: 'notes', pattern: '^line 00029[0-9]*77777 ', limit: 1, after: page['next'] })
  expect(page['rows']).toEqual([{ path: 'a', line: 2_977_777, column: 1, text: 'line 0002977777 of it' }])
  expect(highest - before).toBeLessThan(64 * 1024 * 1024)
})

test('a file that is deleted, or that grows, while it is read is read as it was', async () => {
  ground = await openGround()
  const path = await longFile(400_000)
  const reading = ground.call('read_file', { folder: 'notes', path: 'a', line: 399_999 })
  await appendFile(path, 'one line more\n')
  expect((await reading)['text']).toBe('line 0000399999 of it\nline 0000400000 of it\n')
  const again = ground.call('read_file', { folder: 'notes', path: 'a', line: 400_000 })
  await rm(path)
  expect((await again)['text']).toMatch(/^line 0000400000 of it\n/)
  expect((await ground.failure('read_file', { folder: 'notes', path: 'a' })).code).toBe('HUB_RESOURCE_UNKNOWN')
})

test('a file that is cut short while it is read ends where it ends', async () => {
  ground = await openGround()
  const path = await longFile(400_000)
  const reading = ground.call('read_file', { folder: 'notes', path: 'a', line: 399_999 })
  await truncate(path, 100)
  expect(['', 'line 0000399999 of it\nline 0000400000 of it\n']).toContain((await reading)['text'])
})

test('an expression that would take others for ever takes time in proportion to what it reads', async () => {
  ground = await openGround({ desk: 'worker' })
  await ground.call('write_file', { folder: 'notes', path: 'a', text: `${'a'.repeat(60_000)}b\n` })
  for (const pattern of ['(a+)+$', '(a|aa)*c', '(.*)*x', 'a{1,100}a{1,100}$'])
    expect(await ground.call('search_files', { folder: 'notes', pattern, in: 'contents' })).toMatchObject({ rows: [] })
  const refusal = await ground.failure('search_files', { folder: 'notes', pattern: '((a{1000}){1000}){1000}' })
  expect(refusal.code).toBe('HUB_DENIED')
})

test('a glob with many stars is answered', async () => {
  ground = await openGround()
  await ground.call('write_file', { folder: 'notes', path: 'a'.repeat(250), text: 'x' })
  expect(await ground.call('list_files', { folder: 'notes', match: `${'*a'.repeat(120)}*b` })).toMatchObject({ rows: [] })
  expect((await ground.call('list_files', { folder: 'notes', match: `**/${'**/'.repeat(60)}${'*a'.repeat(100)}*` }))['rows']).toHaveLength(1)
})

test('a search ends when its time is over, and goes on from there', async () => {
  ground = await openGround({ desk: 'worker' })
  await longFile(600_000)
  await writeFile(join(ground.place('notes'), 'b'), 'the needle\n')
  const rows: unknown[] = []
  let pages = 0
  let after: string | undefined
  do {
    const page = await ground.call(
      'search_files',
      { folder: 'notes', pattern: 'needle|0000599999', ...(after !== undefined && { after }) },
      { deadline: Date.now() + 350 },
    )
    rows.push(...page['rows'])
    after = page['next']
    pages += 1
  } while (after !== undefined)
  expect(rows).toEqual([
    { path: 'a', line: 599_999, column: 6, text: 'line 0000599999 of it' },
    { path: 'b', line: 1, column: 5, text: 'the needle' },
  ])
  expect(pages).toBeGreaterThan(1)
})

test('a caller that leaves is not waited for, and others are answered meanwhile', async () => {
  ground = await openGround({ desk: 'worker' })
  await longFile(1_500_000)
  await writeFile(join(ground.place('notes'), 'b'), 'short')
  const caller = new AbortController()
  const order: string[] = []
  const long = ground.failure('search_files', { folder: 'notes', pattern: 'nothing|never' }, { signal: caller.signal }).then((error) => order.push(error.code))
  await ground.call('read_file', { folder: 'notes', path: 'b' }).then(() => order.push('read'))
  caller.abort()
  await long
  expect(order).toEqual(['read', 'HUB_CANCELLED'])
})

test('more calls than may wait are refused, and told when to come back', async () => {
  ground = await openGround({ desk: 'worker' })
  await ground.call('write_file', { folder: 'notes', path: 'a', text: 'x' })
  const answers = await Promise.allSettled(Array.from({ length: 1_100 }, () => ground.call('read_file', { folder: 'notes', path: 'a' })))
  const refusals = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => reason as Data)
  expect(refusals).toHaveLength(76)
  expect(refusals[0]).toMatchObject({ code: 'HUB_LIMITED', details: { retryAfterMs: 1_000 } })
})

test('a long line is cut around what was found, and one of megabytes stops nobody', async () => {
  ground = await openGround()
  await made(ground.place('notes'))
  await writeFile(join(ground.place('notes'), 'a'), `${'x'.repeat(5_000)}needle${'y'.repeat(5_000)}\n${'z'.repeat(2_000_000)}\nneedle at last\n`)
  const { rows } = await ground.call('search_files', { folder: 'notes', text: 'needle', in: 'contents' })
  expect(rows).toMatchObject([
    { line: 1, column: 5_001, text: expect.stringMatching(/^…x+needley+…$/) as string },
    { line: 3, column: 1 },
  ])
  expect(rows[0].text.length).toBeLessThan(410)
})
