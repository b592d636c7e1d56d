import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Data } from './files-ground.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('files-on-disk.ts', import.meta.url))

/** Runs a program with a disk of 512 kB at a folder, in a mount namespace of its own; undefined where this machine allows none. */
async function onSmallDisk(disk: string): Promise<string | undefined> {
  const mount = 'mount -t tmpfs -o size=512k tmpfs "$0"'
  const unshare = ['--map-root-user', '--mount', 'sh', '-c']
  const may = await run('unshare', [...unshare, mount, disk]).then(
    () => true,
    () => false,
  )
  if (!may) return undefined
  return (await run('unshare', [...unshare, `${mount} && exec "$1" "$2" "$0"`, disk, process.execPath, program])).stdout
}

test('a full disk and a read-only one are told in words, leave nothing half done, and still let what can be done be done', async ({ skip }) => {
  const disk = await mkdtemp(join(tmpdir(), 'hub-disk-'))
  try {
    const said = await onSmallDisk(disk)
    if (said === undefined) return skip('this machine lets nobody mount a disk of their own (unshare --map-root-user --mount)')
    const results = JSON.parse(said) as Record<string, Data>
    const full = { code: 'HUB_UPSTREAM_FAILED', message: expect.stringContaining('is full; nothing was changed') as string }
    expect(results).toMatchObject({
      replace: full,
      after: { text: 'old' },
      append: full,
      log: { text: 'line\n' },
      create: full,
      names: ['log', 'old'],
      temporary: [],
      usage: '2 8',
      full,
      delete: { usage: {} },
      room: { created: true },
      nearly: { state: 'degraded', detail: expect.stringContaining('nearly full') as string, version: 'tmpfs' },
      readOnly: { code: 'HUB_UPSTREAM_FAILED', message: expect.stringContaining('is read-only') as string },
      readOnlyDelete: { code: 'HUB_UPSTREAM_FAILED' },
      readable: { text: 'old' },
      health: { state: 'degraded', detail: expect.stringContaining('read-only') as string },
    })
  } finally {
    await rm(disk, { recursive: true, force: true })
  }
})
