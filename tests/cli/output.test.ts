import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000 })
const main = resolve(import.meta.dirname, '..', '..', 'runtime', 'main.ts')

/** What a command that prints to somewhere special says on the error stream, and how it ends. */
async function helpTo(stdout: number | 'pipe'): Promise<{ readonly exit: number | null; readonly error: string }> {
  const child = spawn(process.execPath, [main, '--help'], { stdio: ['ignore', stdout, 'pipe'] })
  child.stdout?.destroy()
  let error = ''
  ;(child.stderr as Readable).on('data', (chunk) => (error += String(chunk)))
  const [exit] = (await once(child, 'close')) as [number | null]
  return { exit, error }
}

test('a reader that had enough ends a command without a word', async () => {
  expect(await helpTo('pipe')).toEqual({ exit: 0, error: '' })
})

test.skipIf(!existsSync('/dev/full'))('a disk that is full is one sentence', async () => {
  const full = openSync('/dev/full', 'w')
  try {
    const { exit, error } = await helpTo(full)
    expect(exit).toBe(1)
    expect(error).toMatch(/^cannot write what this command prints: ENOSPC.*\n$/)
  } finally {
    closeSync(full)
  }
})
