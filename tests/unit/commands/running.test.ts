import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findRunning, noteRunning } from '../../../runtime/commands/running.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hub-running-'))
  mkdirSync(join(home, '.hub'))
})
afterEach(() => rmSync(home, { recursive: true }))

const note = (): string => join(home, '.hub', 'run.json')

test('a hub that runs from a folder is found there, until it takes its note back', async () => {
  const forget = await noteRunning(home, 'http://127.0.0.1:4711')
  expect(await findRunning(home)).toMatchObject({ pid: process.pid, url: 'http://127.0.0.1:4711' })
  await forget()
  expect(await findRunning(home)).toBeUndefined()
})

test('what a dead hub left behind is removed', async () => {
  const child = spawn(process.execPath, ['--eval', ''])
  await once(child, 'exit')
  writeFileSync(note(), JSON.stringify({ pid: child.pid, life: '1', url: 'http://127.0.0.1:1', startedAt: '' }))
  expect(await findRunning(home)).toBeUndefined()
  expect(existsSync(note())).toBe(false)
})

test('another process that got the same number is not taken for the hub', async () => {
  await noteRunning(home, 'http://127.0.0.1:4711')
  const noted = JSON.parse(readFileSync(note(), 'utf8')) as object
  writeFileSync(note(), JSON.stringify({ ...noted, life: 'long ago' }))
  expect(await findRunning(home)).toBeUndefined()
})

test.each(['', '{', '[]', '{"pid":"1"}', 'null'])('a damaged note %j counts as none', async (text) => {
  writeFileSync(note(), text)
  expect(await findRunning(home)).toBeUndefined()
})

test('taking a note back leaves the note of another hub alone', async () => {
  const forget = await noteRunning(home, 'http://127.0.0.1:4711')
  writeFileSync(note(), JSON.stringify({ pid: process.ppid, life: 'x', url: 'http://127.0.0.1:1', startedAt: '' }))
  await forget()
  expect(existsSync(note())).toBe(true)
})
