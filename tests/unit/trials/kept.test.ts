import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { parseJson, rawNumber } from '../../../runtime/contract/json.ts'
import { goldenCheck } from '../../../runtime/trials/golden.ts'
import { openKept } from '../../../runtime/trials/kept.ts'
import type { Trial } from '../../../runtime/trials/trial.ts'
import { trial } from './trials.ts'

const root = mkdtempSync(join(tmpdir(), 'hub-kept-'))
afterAll(() => rmSync(root, { recursive: true }))
let directory: string
beforeEach(() => (directory = mkdtempSync(join(root, 'connectors-'))))

const here = (one: Trial): Trial => ({ ...one, connector: { ...one.connector, directory } })
const [a, b, gone] = ['a', 'b', 'gone'].map((name) => (): Trial => here(trial({ name }))) as [() => Trial, () => Trial, () => Trial]
const open = () => openKept('golden', [a().connector])
const textOf = (): string => readFileSync(join(directory, 'golden', 'market.json'), 'utf8')

describe('what is kept of tests', () => {
  test('is read back as it was set, digits and all', async () => {
    const kept = await open()
    expect(kept.has(a().connector)).toBe(false)
    kept.set(a(), { answer: { volume: rawNumber('9007199254740995') } })
    expect(await kept.save([a()])).toEqual([join(directory, 'golden', 'market.json')])
    const again = await open()
    expect(again.has(a().connector)).toBe(true)
    expect(JSON.stringify(again.entry(a()))).toBe('{"tool":"market_last","test":"a","answer":{"volume":9007199254740995}}')
    expect(again.entry(b())).toBeUndefined()
  })

  test('is the same file whichever test was done first, and not written again when nothing changed', async () => {
    const first = await open()
    for (const one of [b(), a()]) first.set(one, { answer: one.test.name })
    await first.save([a(), b()])
    const [text, { mtimeNs }] = [textOf(), statSync(join(directory, 'golden', 'market.json'), { bigint: true })]
    expect((parseJson(text) as { tests: readonly { test: string }[] }).tests.map((entry) => entry.test)).toEqual(['a', 'b'])

    const second = await open()
    for (const one of [a(), b()]) second.set(one, { answer: one.test.name })
    expect(await second.save([a(), b()])).toEqual([])
    expect(statSync(join(directory, 'golden', 'market.json'), { bigint: true }).mtimeNs).toBe(mtimeNs)
    expect(readdirSync(join(directory, 'golden'))).toEqual(['market.json'])
  })

  test('loses what belongs to tests that are gone, and keeps what was not run this time', async () => {
    const first = await open()
    for (const one of [a(), gone()]) first.set(one, { answer: 1 })
    await first.save([a(), gone()])
    const second = await open()
    second.set(b(), { answer: 2 })
    await second.save([a(), b()])
    expect((await open()).entry(a())).toMatchObject({ answer: 1 })
    expect((await open()).entry(gone())).toBeUndefined()
  })

  test('is not written where nothing was set', async () => {
    expect(await (await open()).save([a()])).toEqual([])
    expect(readdirSync(directory)).toEqual([])
  })

  test.each(['', '{', '[]', '{"tests":[1]}', '{"tests":{}}'])('that is %j is refused with a way on', async (text) => {
    const kept = await open()
    kept.set(a(), { answer: 1 })
    await kept.save([a()])
    writeFileSync(join(directory, 'golden', 'market.json'), text)
    await expect(open()).rejects.toMatchObject({ code: 'HUB_CONFIG_FILE', message: expect.stringContaining('remove it') as string })
  })

  test('where a file cannot be read says so', async () => {
    writeFileSync(join(directory, 'golden'), 'a file where a folder should be')
    await expect(open()).rejects.toMatchObject({ code: 'HUB_CONFIG_FILE' })
  })
})

describe('a golden answer', () => {
  test('is asked for, kept on update, and compared from then on', async () => {
    const before = await open()
    expect(goldenCheck(before, false)(a(), { rows: [1] })?.actual).toContain('hub test --update')
    expect(goldenCheck(before, true)(a(), { rows: [1] })).toBeUndefined()
    await before.save([a()])

    const check = goldenCheck(await open(), false)
    expect(check(a(), { rows: [1] })).toBeUndefined()
    expect(check(a(), { rows: [2] })).toEqual({ expected: '1 at /rows/0', actual: '2; hub test --update keeps what is answered now' })
    expect(check(a(), 'words')).toMatchObject({ expected: '{"rows":[1]}' })
  })

  test('that is the same is not written again on update', async () => {
    const first = await open()
    goldenCheck(first, true)(a(), { b: 1, a: 2 })
    await first.save([a()])
    const second = await open()
    expect(goldenCheck(second, true)(a(), { a: 2, b: 1 })).toBeUndefined()
    expect(await second.save([a()])).toEqual([])
  })
})
