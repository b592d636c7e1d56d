import { expect, test } from 'vitest'
import type { JsonObject } from '../../../../runtime/contract/json.ts'
import type { Effect } from '../../../../runtime/contract/principal.ts'
import { lint } from '../../../../runtime/kinds/files/lint.ts'

const properties = { symbol: { type: 'string' }, day: { type: 'string' }, text: { type: 'string' } }
const config = { root: 'files', folders: { notes: { summary: 'x' }, rules: { summary: 'x', shared: 'hub' }, sealed: { summary: 'x', write: false } } }
const path = '{symbol}/{day}.md'

function faults(
  operation: JsonObject,
  {
    effect = 'write',
    input = {},
    names = ['symbol', 'day', 'text'] as readonly string[],
  }: { effect?: Effect; input?: JsonObject; names?: readonly string[] } = {},
) {
  const taken = Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)))
  const draft = { name: 'x', summary: 'x', effect, input: { type: 'object', required: names, properties: taken, ...input }, operation } as const
  return lint(draft, config).map(({ message, path }) => `${path.join('.')}: ${message}`)
}

test('what is right is not told of', () => {
  expect(faults({ append: { folder: 'notes', path, text: '{text}' } })).toEqual([])
  expect(faults({ write: { folder: 'notes', path, json: { a: ['{text}'] } } })).toEqual([])
  expect(faults({ read: { folder: 'rules', path } }, { effect: 'read', names: ['symbol', 'day'] })).toEqual([])
  expect(faults({ list: { folder: 'notes', match: '{text}*', limit: '{day}' } }, { effect: 'read', names: ['day', 'text'] })).toEqual([])
  expect(faults({ standard: 'usage' }, { effect: 'read' })).toEqual([])
})

test('an effect that does not fit', () => {
  expect(faults({ append: { folder: 'notes', path, text: '{text}' } }, { effect: 'read' })).toEqual(['operation.append: append under effect: read'])
  expect(faults({ read: { folder: 'notes', path } }, { effect: 'destroy', names: ['symbol', 'day'] })).toEqual([
    'effect: read changes nothing, and the tool says effect: destroy',
  ])
})

test('a folder that is not there, or that is not written', () => {
  expect(faults({ append: { folder: 'note', path, text: '{text}' } })).toEqual(['operation.append.folder: there is no folder "note" in config'])
  expect(faults({ append: { folder: 'rules', path, text: '{text}' } })).toEqual([
    'operation.append.folder: rules is a folder of the hub, and nobody writes to it',
  ])
  expect(faults({ append: { folder: 'sealed', path, text: '{text}' } })).toEqual(['operation.append.folder: sealed says write: false'])
})

test('a path that no file system should see', () => {
  for (const bad of ['../{symbol}/{day}', '/{symbol}/{day}', '{symbol}\\{day}', '{symbol}/{day}/', '.{symbol}/{day}'])
    expect(faults({ append: { folder: 'notes', path: bad, text: '{text}' } })).toEqual([expect.stringMatching(/^operation\.append\.path: the path /)])
})

test('nothing to write, or two things', () => {
  expect(faults({ write: { folder: 'notes', path } }, { names: ['symbol', 'day'] })).toEqual(['operation.write: write does not say what to write'])
  expect(faults({ write: { folder: 'notes', path, text: '{text}', json: {} } })).toEqual(['operation.write.json: text and json both say what to write'])
})

test('holes and inputs that do not agree', () => {
  expect(faults({ append: { folder: 'notes', path, text: '{txet}' } })).toEqual([
    'operation.append.text: {txet} has no input',
    'input.properties.text: no {text} in the operation uses this input',
  ])
  expect(faults({ append: { folder: 'notes', path, text: '{text}' } }, { input: { required: ['symbol', 'text'] } })).toEqual([
    'operation.append.path: {day} stands in the path, and its input may be left out',
  ])
})

test('inputs may come from references and from parts', () => {
  const input = {
    required: [],
    properties: {},
    $defs: { day: { properties: { day: { type: 'string', default: 'today' } } } },
    $ref: '#/$defs/day',
    allOf: [{ required: ['symbol'], properties: { symbol: { type: 'string' } } }],
    anyOf: [{ properties: { text: { type: 'string' } } }],
  }
  expect(faults({ append: { folder: 'notes', path, text: '{text}' } }, { input })).toEqual([])
})
