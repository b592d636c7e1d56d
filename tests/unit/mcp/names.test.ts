import { expect, test } from 'vitest'
import { exposeBlocks, exposedPromptName, exposedUri, exposeMessages, exposeMeta, ownUri } from '../../../runtime/mcp/names.ts'

test('a prompt’s name is prefixed; one that is too long ends in a hash that stays the same', () => {
  expect(exposedPromptName('notes', 'greet')).toBe('notes_greet')
  const long = exposedPromptName('notes', 'x'.repeat(80))
  expect(long).toHaveLength(60)
  expect(long).toBe(exposedPromptName('notes', 'x'.repeat(80)))
  expect(long).not.toBe(exposedPromptName('notes', 'x'.repeat(81)))
})

test.each(['note://one', 'file:///a/b?c#d', 'urn:x:y', 'note://{id}/x', 'hub://inner/note://one'])('%s comes back from its exposed form', (uri) => {
  expect(ownUri(exposedUri('notes_1', uri))).toEqual({ connector: 'notes_1', uri })
})

test.each(['note://one', 'hub://notes', 'hub://notes/', 'hub:///x', 'hub://a b/x'])('%s is not of the hub', (uri) => {
  expect(ownUri(uri)).toBeUndefined()
})

test('addresses in content are exposed, everything else stays; content without any stays the same array', () => {
  const plain = [{ type: 'text', text: 'note://one' }]
  expect(exposeBlocks(plain, 'notes')).toBe(plain)
  expect(
    exposeBlocks(
      [
        { type: 'resource_link', uri: 'note://one', name: 'one' },
        { type: 'resource', resource: { uri: 'note://two', text: 'note://two' } },
        { type: 'text', text: 'x', _meta: { ui: { resourceUri: 'ui://panel', other: 1 } } },
        { type: 'image', data: '', _meta: { 'ui/resourceUri': 'ui://old' } },
      ],
      'notes',
    ),
  ).toEqual([
    { type: 'resource_link', uri: 'hub://notes/note://one', name: 'one' },
    { type: 'resource', resource: { uri: 'hub://notes/note://two', text: 'note://two' } },
    { type: 'text', text: 'x', _meta: { ui: { resourceUri: 'hub://notes/ui://panel', other: 1 } } },
    { type: 'image', data: '', _meta: { 'ui/resourceUri': 'hub://notes/ui://old' } },
  ])
})

test('messages and _meta that hold no address, or have another shape, stay as they are', () => {
  expect(exposeMeta({ own: 1 }, 'notes')).toEqual({ own: 1 })
  expect(exposeMeta(undefined, 'notes')).toBeUndefined()
  expect(exposeMessages('odd', 'notes')).toBe('odd')
  expect(exposeMessages(['odd', { role: 'user' }, { role: 'user', content: { type: 'resource_link', uri: 'a:b' } }], 'notes')).toEqual([
    'odd',
    { role: 'user' },
    { role: 'user', content: { type: 'resource_link', uri: 'hub://notes/a:b' } },
  ])
})
