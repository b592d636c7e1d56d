import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { connectorEditorSchema, hubConfigEditorSchema } from '../../../codegen/editor-schemas.ts'
import { emit, findDrift } from '../../../codegen/emit.ts'
import { outputsOf } from '../../../codegen/outputs.ts'
import { errorTable } from '../../../runtime/contract/errors.ts'
import { isObject, type Json } from '../../../runtime/contract/json.ts'
import { kinds } from '../../../runtime/kinds/index.ts'
import { goldenKinds } from '../../golden/kinds.ts'
import { folderWith } from '../manifest/folder.ts'

const root = resolve(import.meta.dirname, '../../..')

describe('what is committed', () => {
  test('is what codegen writes', async () => expect(await findDrift(root, outputsOf(kinds))).toEqual([]))

  test('the page of errors has the codes of the table, all of them and no others', async () => {
    const page = await readFile(join(root, 'docs/errors.md'), 'utf8')
    expect([...page.matchAll(/^\| `(HUB_[A-Z_]+)`/gm)].map(([, code]) => code)).toEqual(Object.keys(errorTable))
  })
})

describe('emit', () => {
  const outputs = [
    { path: 'deep/a.json', content: 'a\n' },
    { path: 'b.md', content: 'one\ntwo\n' },
  ]

  test('writes what differs, and leaves the rest untouched', async () => {
    const directory = await folderWith({ 'b.md': 'one\ntwo\n' })
    const before = await stat(join(directory, 'b.md'))
    expect(await emit(directory, outputs)).toEqual(['deep/a.json'])
    expect((await stat(join(directory, 'b.md'))).mtimeMs).toBe(before.mtimeMs)
    expect(await emit(directory, outputs)).toEqual([])
  })

  test('tells which files drifted, and from which line on', async () => {
    const directory = await folderWith({ 'b.md': 'one\n2\n' })
    expect(await findDrift(directory, outputs)).toEqual([
      { path: 'deep/a.json', state: 'missing', line: 1 },
      { path: 'b.md', state: 'changed', line: 2 },
    ])
  })
})

describe('the schema for editors', () => {
  const connector = new Ajv2020({ strict: false }).compile(connectorEditorSchema(goldenKinds))
  const hub = new Ajv2020({ strict: false }).compile(hubConfigEditorSchema())

  test.each([
    [
      'a secret, a variable for a number and one for an enumeration',
      'connector: a\nkind: shelf\nsummary: x\nconfig: { url: { secret: URL }, pool: "${POOL:-3}", mode: "${MODE:-fast}" }\n',
      true,
    ],
    ['a duration from the environment', 'connector: a\nkind: shelf\nsummary: x\nconfig: { url: x }\ndefaults: { timeout: "${T:-5s}" }\n', true],
    ['a field that is none', 'connector: a\nkind: shelf\nsummary: x\nconfig: { url: x, polo: 1 }\n', false],
    ['a tool without effect', 'connector: a\nkind: shelf\nsummary: x\nconfig: { url: x }\ntools: { t: { summary: x, operation: { take: x } } }\n', false],
    ['a pinned tool, which needs its effect only', 'connector: a\nkind: upstream\nsummary: x\nconfig: { url: x }\ntools: { t: { effect: read } }\n', true],
    ['the fields of another kind', 'connector: a\nkind: upstream\nsummary: x\nconfig: { url: x, pool: 3 }\n', false],
  ])('%s', (_name, text, expected) => expect(connector(parse(text))).toBe(expected))

  test('takes variables in hub.config.yaml', () =>
    expect(hub(parse('hub: { listen: "${L:-1}" }\nauth: { mode: "${M:-local}" }\nlimits: { concurrency: "${C:-3}" }\n'))).toBe(true))

  test('says something of every field', () => {
    const silent = (schema: Json, path: string): readonly string[] => {
      if (Array.isArray(schema)) return schema.flatMap((item: Json, index) => silent(item, `${path}/${index}`))
      if (!isObject(schema)) return []
      const own = isObject(schema['properties'])
        ? Object.entries(schema['properties']).flatMap(([name, field]) =>
            isObject(field) && (field['description'] ?? field['title']) === undefined ? [`${path}/${name}`] : [],
          )
        : []
      return [...own, ...Object.entries(schema).flatMap(([key, inner]) => (key === 'default' || key === 'examples' ? [] : silent(inner, `${path}/${key}`)))]
    }
    const undescribed = silent(hubConfigEditorSchema(), '').filter((path) => !path.includes('annotation'))
    expect(undescribed).toEqual([])
  })
})
