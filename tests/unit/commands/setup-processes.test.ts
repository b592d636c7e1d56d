import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

const { endTree } = (await import(new URL('../../../runtime/setup-processes.mjs', import.meta.url).href)) as { endTree(pid: number | undefined): void }

test('a process is ended with all below it', async () => {
  // The pipe closes once nobody holds it any more: neither the process nor the two below it.
  const own = `require('node:child_process').spawn(process.execPath, ['--eval', 'process.stdout.write("deep"); setInterval(() => {}, 1000)'], { stdio: 'inherit' })`
  const child = spawn(process.execPath, ['--eval', own], { stdio: ['ignore', 'pipe', 'ignore'] })
  const closed = once(child, 'close')
  expect(String((await once(child.stdout, 'data'))[0])).toBe('deep')
  endTree(child.pid)
  await closed
})

test('one that is gone is no fault', async () => {
  const child = spawn(process.execPath, ['--eval', ''])
  await once(child, 'close')
  expect(() => endTree(child.pid)).not.toThrow()
})
