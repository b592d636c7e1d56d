import { expect, test } from 'vitest'
import { createTemplates, readTemplates, templateFiles } from '../../../codegen/templates.ts'
import { folderWith } from '../manifest/folder.ts'

const of = (texts: Readonly<Record<string, string>>) => createTemplates(new Map(Object.entries(texts)))

test('nothing is escaped, and each template is a part of the others', () =>
  expect(of({ page: '{{#each rows}}{{> row}}{{/each}}', row: '<{{name}}>\n' }).render('page', { rows: [{ name: 'a & "b"' }, { name: '{{x}}' }] })).toBe(
    '<a & "b">\n<{{x}}>\n',
  ))

test.each([
  ['a field that is not there', '{{wrong}}', /page\.hbs cannot be rendered: .*wrong/],
  ['a template that is no template', '{{#each rows}}', /page\.hbs cannot be rendered: .*/],
  ['a helper that is not there', '{{shout name}}', /page\.hbs cannot be rendered: .*shout/],
])('%s is told with the template’s name', (_name, text, message) =>
  expect(() => of({ page: text }).render('page', { name: 'x' })).toThrow(
    expect.objectContaining({ code: 'HUB_CONFIG_VALUE', message: expect.stringMatching(message) as string }),
  ),
)

test('a template reaches no prototype', () => {
  expect(of({ page: '[{{constructor}}]{{#with (lookup this "__proto__")}}reached{{/with}}' }).render('page', {})).toBe('[]')
})

test('a user’s template takes the place of the hub’s, others may be added as parts, and any other name is told', async () => {
  const folder = await folderWith({ 'tools.hbs': 'mine {{> _line}}\r\n', '_line.hbs': 'and more' })
  const templates = await readTemplates(folder)
  expect(templates.render('tools', {})).toBe('mine and more\n')
  expect(templates.digest).not.toBe((await readTemplates()).digest)
  expect((await readTemplates(await folderWith({}))).digest).toBe((await readTemplates()).digest)
  expect(await templateFiles(folder)).toEqual(expect.arrayContaining([`${folder}/tools.hbs`, `${folder}/_line.hbs`, `${folder}/tools-connector.hbs`]))
  await expect(readTemplates(await folderWith({ 'tolls.hbs': 'x' }))).rejects.toMatchObject({
    code: 'HUB_CONFIG_FILE',
    message: expect.stringMatching(/^tolls\.hbs .*there are .*tools/) as string,
  })
})
