import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Extras, ExtrasEvent } from '../../runtime/contract/kind.ts'
import type { Principal } from '../../runtime/contract/principal.ts'
import { until } from './conformance.ts'
import { made, openGround, type Data, type Ground } from './files-ground.ts'
import { runWith } from './lent.ts'

let ground: Ground
let extras: Extras
let events: Extract<ExtrasEvent, { type: 'updated' }>[]
const someone: Principal = runWith().principal

const read = async (uri: string): Promise<Data> => ((await extras.readResource(uri, runWith())) as { contents: Data[] }).contents[0] as Data
const told = (count: number): Promise<void> => until(async () => events.length >= count)

describe.each(['worker', 'here'] as const)('with the work done by: %s', (desk) => {
  beforeEach(async () => {
    ground = await openGround({ desk })
    extras = ground.connector.extras as Extras
    events = []
    extras.onEvent((event) => {
      if (event.type === 'updated') events.push(event)
    })
  })
  afterEach(() => ground.close())

  test('files are resources: the newest first, each under an address that leads back to it', async () => {
    const odd = 'über uns/50 % & mehr #1.md'
    await ground.call('write_file', { folder: 'notes', path: odd, text: '# x' })
    await ground.call('write_file', { folder: 'mine', path: 'a.json', text: '{}' })
    await ground.call('write_file', { folder: 'notes', path: 'b', base64: '/w==' })
    const listed = await extras.resources(someone)
    expect(listed.map(({ name }) => name)).toEqual(['notes/b', 'mine/a.json', `notes/${odd}`])
    expect(listed[2]).toMatchObject({ uri: 'files://notes/%C3%BCber%20uns/50%20%25%20%26%20mehr%20%231.md', mimeType: 'text/markdown', size: 3 })
    expect(await read(String(listed[2]?.['uri']))).toEqual({ uri: listed[2]?.['uri'], mimeType: 'text/markdown', text: '# x' })
    expect(await read('files://notes/b')).toMatchObject({ blob: '/w==', mimeType: 'application/octet-stream' })
    expect(JSON.parse((await read('files://notes/'))['text'])).toMatchObject({ entries: [{ path: 'b' }, { path: 'über uns', type: 'folder' }] })
    expect(await extras.resources({ ...someone, id: 'another' })).toHaveLength(2)
    expect(await extras.resources({ ...someone, organisation: 'another' })).toEqual([])
    expect(await extras.templates()).toMatchObject([{ uriTemplate: 'files://{folder}/{+path}' }])
  })

  test.each([
    'files://notes/../mine/a',
    'files://notes/%2e%2e/x',
    'files://notes/a%2fb',
    'files://notes/%252e%252e/a',
    'files://notes/%00',
    'files://notes/%',
    'files://notes/%ff',
    'files:///etc/passwd',
    'files://NOTES/a',
    'files://other/a',
    'files://notes/a?x=1',
    'file:///etc/passwd',
    'files://notes//a',
  ])('an address that names no file of a folder is unknown: %s', async (uri) => {
    await expect(extras.readResource(uri, runWith())).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
    await expect(extras.subscribe(uri, someone)).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
  })

  test('a file too long for a resource says how it is read', async () => {
    await writeFile(join(await made(ground.place('notes')), 'a'), 'x'.repeat(1_100_000))
    await expect(extras.readResource('files://notes/a', runWith())).rejects.toThrow('read it in parts with the tool read_file')
  })

  test('who watches a file is told of it at once, and nobody else is', async () => {
    await extras.subscribe('files://notes/sub/a.md', someone)
    await extras.subscribe('files://mine/a.md', someone)
    const audience = { organisation: someone.organisation, principal: someone.id }
    await ground.call('write_file', { folder: 'notes', path: 'sub/a.md', text: '1' })
    await told(1)
    await ground.call('write_file', { folder: 'notes', path: 'sub/other.md', text: '1' })
    await ground.call('write_file', { folder: 'mine', path: 'a.md', text: '1' }, { who: { id: 'another' } })
    await ground.call('write_file', { folder: 'notes', path: 'sub/a.md', text: '1' }, { who: { organisation: 'another' } })
    await ground.call('write_file', { folder: 'mine', path: 'a.md', text: '1' })
    await told(2)
    await ground.call('move_file', { folder: 'notes', path: 'sub/a.md', to: 'b.md' })
    await told(3)
    expect(events).toEqual(['notes/sub/a.md', 'mine/a.md', 'notes/sub/a.md'].map((path) => ({ type: 'updated', uri: `files://${path}`, audience })))
  })

  test('what somebody else does in the folder is told as well, also where there was no folder yet', async () => {
    await extras.subscribe('files://notes/sub/a.md', someone)
    await extras.subscribe('files://notes/', someone)
    const notes = await made(ground.place('notes'))
    await mkdir(join(notes, 'sub'))
    await told(1)
    await writeFile(join(notes, 'sub', 'new'), 'x')
    await rename(join(notes, 'sub', 'new'), join(notes, 'sub', 'a.md'))
    await until(async () => events.some(({ uri }) => uri.endsWith('a.md')))
    const before = events.length
    await utimes(join(notes, 'sub', 'a.md'), 1, 1)
    await told(before + 1)
    await rm(notes, { recursive: true })
    await until(async () => events.filter(({ uri }) => uri.endsWith('a.md')).length > 2)
  })

  test('nobody is told after they stopped watching', async () => {
    await extras.subscribe('files://notes/a', someone)
    await extras.subscribe('files://notes/b', someone)
    await extras.unsubscribe('files://notes/a', someone)
    await ground.call('write_file', { folder: 'notes', path: 'a', text: '1' })
    await ground.call('write_file', { folder: 'notes', path: 'b', text: '1' })
    await told(1)
    expect(events.map(({ uri }) => uri)).toEqual(['files://notes/b'])
  })
})
