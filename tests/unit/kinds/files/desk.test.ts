import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDesk } from '../../../../runtime/kinds/files/desk.ts'
import { Numbers, remember, unnumbered, type Numbered } from '../../../../runtime/kinds/files/messages.ts'
import type { Request } from '../../../../runtime/kinds/files/requests.ts'
import type { Space } from '../../../../runtime/kinds/files/spaces.ts'

const space = (key: string): Space => ({ key, folder: key, below: [key], elsewhere: undefined, canWrite: true, quota: { bytes: 1, files: 1, fileBytes: 1 } })

test('a thread that ends is told to those who wait, and the next question starts another', async () => {
  const root = await mkdtemp(join(tmpdir(), 'hub-files-'))
  const desk = openDesk({ root, create: true, finding: 'handles', life: 'x' }, () => {}, new URL('no-such-program.ts', import.meta.url))
  try {
    for (let n = 0; n < 2; n += 1)
      await expect(desk.ask({ op: 'check' })).rejects.toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { retryAfterMs: 1_000 } })
  } finally {
    await desk.close()
    await rm(root, { recursive: true })
  }
  await expect(desk.ask({ op: 'check' })).rejects.toThrow('is closed')
})

test('what waits when a desk is closed is told', async () => {
  const desk = openDesk({ root: '/nowhere', create: true, finding: 'handles', life: 'x' }, () => {})
  const waiting = desk.ask({ op: 'check' })
  await Promise.all([expect(waiting).rejects.toThrow('is closed'), desk.close()])
})

test('spaces are sent once, and requests name them by number', () => {
  const spaces = new Map<number, Space>()
  const told: string[] = []
  const numbers = new Numbers((number, one) => {
    told.push(one.key)
    remember(spaces, number, one)
  })
  const [a, b] = [space('a'), space('b')]
  const requests: readonly Request[] = [
    { op: 'usage', space: a },
    { op: 'move', space: a, path: ['x'], toSpace: b, to: ['y'], overwrite: false },
    { op: 'newest', spaces: [b, a], limit: 3 },
    { op: 'check' },
  ]
  for (const asked of requests) {
    const sent = numbers.numbered(asked)
    expect(JSON.stringify(sent)).not.toContain('quota')
    expect(unnumbered(structuredClone(sent) as Numbered<Request>, spaces)).toEqual(asked)
  }
  expect(told).toEqual(['a', 'b'])
})

test('spaces that are named no more are forgotten', () => {
  const spaces = new Map<number, Space>()
  for (let number = 1; number <= 30_000; number += 1) remember(spaces, number, space('a'))
  expect(spaces.size).toBe(20_000)
})
