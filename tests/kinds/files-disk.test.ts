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
const beside = fileURLToPath(new URL('files-locked.ts', import.meta.url))

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

/** Runs a program that may not enter every folder: root may, unless it gives that up; undefined where it cannot. */
async function withoutPrivilege(folder: string): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return (await run(process.execPath, [beside, folder])).stdout
  const mortal = ['--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-dac_override,-dac_read_search']
  const may = await run('setpriv', [...mortal, 'true']).then(
    () => true,
    () => false,
  )
  return may ? (await run('setpriv', [...mortal, process.execPath, beside, folder])).stdout : undefined
}

test('a folder that may not be entered is passed over in a search, and told of when it is asked for', async ({ skip }) => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-locked-'))
  try {
    const said = await withoutPrivilege(folder)
    if (said === undefined) return skip('this user may enter every folder, and cannot give that up (setpriv)')
    expect(JSON.parse(said)).toMatchObject({ search: { rows: [{ path: 'b/c' }] }, list: { code: 'HUB_UPSTREAM_FAILED' } })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
