import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createGenerate } from '../../../codegen/generate.ts'
import { findDrift } from '../../../codegen/drift.ts'
import { errorsPage } from '../../../codegen/errors-page.ts'
import { connectorEditorSchema, hubConfigEditorSchema } from '../../../codegen/schemas/editor-schemas.ts'
import { checkMade } from '../../../codegen/write.ts'
import { version } from '../../../runtime/commands/package.ts'
import { errorTable } from '../../../runtime/contract/errors.ts'
import { isObject, type Json } from '../../../runtime/contract/json.ts'
import { kinds } from '../../../runtime/kinds/index.ts'
import { formatProblems } from '../../../runtime/manifest/problems.ts'
import { goldenKinds } from '../../golden/kinds.ts'

const root = resolve(import.meta.dirname, '../../..')

describe('what is committed', () => {
  test('is what codegen writes', async () => {
    const out = join(root, 'generated')
    const { compiled, made } = await createGenerate({ configFile: join(root, 'hub.config.yaml'), kinds, version, out })({ fresh: true })
    expect(compiled.problems).toEqual([])
    expect(made && formatProblems(checkMade(out, 'generated', made))).toBe('')
    expect(findDrift(root, [{ path: 'docs/errors.md', content: errorsPage() }])).toEqual([])
  })

  test('the page of errors has the codes of the table, all of them and no others', async () => {
    const page = await readFile(join(root, 'docs/errors.md'), 'utf8')
    expect([...page.matchAll(/^\| `(HUB_[A-Z_]+)`/gm)].map(([, code]) => code)).toEqual(Object.keys(errorTable))
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

  test.each([
    ['hub.config.yaml', hubConfigEditorSchema()],
    ['manifests of every kind', connectorEditorSchema(kinds)],
  ])('says something of every field of %s, so that completion and hover do', (_name, schema) => expect(silent(schema, '')).toEqual([]))
})

/** Paths of properties without words. */
function silent(schema: Json, path: string): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap((item: Json, index) => silent(item, `${path}/${index}`))
  if (!isObject(schema)) return []
  const own = Object.entries(isObject(schema['properties']) ? schema['properties'] : {})
  const wordless = own.filter(([, field]) => isObject(field) && (field['description'] ?? field['title']) === undefined)
  const inner = Object.entries(schema).filter(([key]) => !['default', 'examples', 'enum', 'const'].includes(key))
  return [...wordless.map(([name]) => `${path}/${name}`), ...inner.flatMap(([key, value]) => silent(value, `${path}/${key}`))]
}
