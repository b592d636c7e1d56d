import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { platform } from 'node:os'
import { expect, test } from 'vitest'
import { cpuMsOf, residentBytesOf, treeOf } from '../../../../bench/measure/proc.ts'

test.runIf(platform() === 'linux')('a tree holds grandchildren, and their time and memory are counted', async () => {
  const grandchild = 'while (process.cpuUsage().user < 120_000); console.log(process.pid); setInterval(() => {}, 1000)'
  const child = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: ['ignore', 'inherit', 'ignore'] })`
  const parent = spawn(process.execPath, ['-e', child], { stdio: ['ignore', 'pipe', 'inherit'] })
  const pid = Number(String((await once(parent.stdout, 'data'))[0]))
  try {
    const tree = treeOf([parent.pid!])
    expect(tree[0]).toBe(parent.pid)
    expect(tree).toContain(pid)
    expect(cpuMsOf([pid])).toBeGreaterThanOrEqual(100)
    expect(cpuMsOf(tree)).toBeGreaterThanOrEqual(cpuMsOf([pid])!)
    expect(residentBytesOf(tree)! / 1e6).toBeGreaterThan(30)
  } finally {
    process.kill(pid)
    parent.kill()
  }
})

test('processes that are gone count for nothing', () => {
  expect(cpuMsOf([2 ** 30])).toBeUndefined()
  expect(residentBytesOf([2 ** 30])).toBeUndefined()
})
