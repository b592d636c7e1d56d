import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressOf, readAddress } from '../../../../runtime/kinds/files/address.ts'
import { bytesOf, settingsOf } from '../../../../runtime/kinds/files/config.ts'
import { pathFault } from '../../../../runtime/kinds/files/names.ts'
import { createSpaces, nameOf } from '../../../../runtime/kinds/files/spaces.ts'

test('no two names meet on a disk, whatever it takes for one, and none climbs', () => {
  const names = fc.uniqueArray(
    fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('', '..', '.', '/', 'Acme', 'acme', 'ACME', 'ac/me', 'e\u0301', 'é', 'con', '\0')),
    { minLength: 2, maxLength: 20 },
  )
  fc.assert(
    fc.property(names, (texts) => {
      const made = texts.map(nameOf)
      expect(new Set(made.map((name) => name.toLowerCase())).size).toBe(texts.length)
      for (const name of made) {
        expect(name).toMatch(/^[a-z0-9-]{33,57}$/)
        expect(pathFault(name)).toBeUndefined()
      }
    }),
  )
})

test('callers who share a folder share a space, and others do not', () => {
  const settings = settingsOf(
    { root: '../files', folders: { notes: { summary: 'x' }, mine: { summary: 'x', shared: 'agent' }, rules: { summary: 'x', shared: 'hub', path: 'rules' } } },
    '/srv/hub/connectors',
  )
  const spaceOf = createSpaces(settings)
  const key = (folder: string, organisation: string, id: string): string => spaceOf(settings.folders.get(folder)!, { organisation, id }).key
  expect(settings.root).toBe('/srv/hub/files')
  expect(key('notes', 'a', '1')).toBe(key('notes', 'a', '2'))
  expect(key('notes', 'a', '1')).not.toBe(key('notes', 'b', '1'))
  expect(key('mine', 'a', '1')).not.toBe(key('mine', 'a', '2'))
  expect(key('mine', 'a', '1')).not.toBe(key('mine', 'b', '1'))
  expect(key('rules', 'a', '1')).toBe('/srv/hub/connectors/rules')
  expect(key('rules', 'a', '1')).toBe(key('rules', 'b', '2'))
})

test('more callers than are remembered get their spaces all the same', () => {
  const settings = settingsOf({ root: '/f', folders: { notes: { summary: 'x' } } }, '/')
  const spaceOf = createSpaces(settings)
  const folder = settings.folders.get('notes')!
  const first = spaceOf(folder, { organisation: 'o0', id: '' })
  for (let n = 1; n < 10_500; n += 1) spaceOf(folder, { organisation: `o${n}`, id: '' })
  expect(spaceOf(folder, { organisation: 'o0', id: '' })).toEqual(first)
})

test('an address leads back to its file', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }), { minLength: 1, maxLength: 4 }), (parts) => {
      const path = parts.join('/').normalize('NFC')
      if (pathFault(path) !== undefined) return
      expect(readAddress(addressOf('notes', path.split('/')))).toEqual({ folder: 'notes', path: path.split('/') })
    }),
  )
  expect(readAddress('files://notes')).toEqual({ folder: 'notes', path: [] })
})

test('sizes have a unit', () => {
  expect([bytesOf('5b'), bytesOf('1.5kb'), bytesOf('10mb'), bytesOf('2gb')]).toEqual([5, 1_536, 10_485_760, 2_147_483_648])
})
