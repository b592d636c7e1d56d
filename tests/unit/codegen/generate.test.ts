import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hashOf } from '../../../codegen/digest.ts'
import type { Emitter } from '../../../codegen/emitter.ts'
import { createGenerate, type Generate, type GenerateOptions, type Made } from '../../../codegen/generate.ts'
import { pythonEmitter } from '../../../codegen/python/emit.ts'
import { checkMade, writeMade, type Written } from '../../../codegen/write.ts'
import { goldenKinds } from '../../golden/kinds.ts'
import { folderWith } from '../manifest/folder.ts'

const shelf = (name: string, summary: string, rest = ''): string =>
  `connector: ${name}\nkind: shelf\nsummary: ${summary}\nconfig: { url: { secret: URL }, pool: "\${POOL:-3}" }\ntools:\n  get: { summary: Gets., effect: read, input: { type: object, properties: {} }, operation: { take: all } }\n${rest}`

const files = {
  'hub.config.yaml': 'hub: { name: h, publicUrl: "${HUB_URL}" }\nstores: { postgres: { secret: DATABASE_URL } }\nmanifests: ["c/*.yaml"]\n',
  'c/a.yaml': shelf('a', 'First.'),
  'c/b.yaml': shelf('b', 'Second.'),
}

/** Emitters that tell what they were asked for. */
function listening(): { readonly asked: string[]; readonly emitters: readonly Emitter[] } {
  const asked: string[] = []
  const own: Emitter = {
    name: 'own',
    connector: (connector) => {
      asked.push(connector.name)
      return [{ path: `types/${connector.name}.ts`, content: `// ${connector.summary}\n` }]
    },
    whole: ({ plan }) => {
      asked.push('whole')
      return [{ path: 'all.md', content: `${plan.connectors.map(({ name }) => name).join(' ')}\n` }]
    },
  }
  const python: Emitter = { name: 'python', language: 'python', connector: ({ name }) => [{ path: `python/${name}.py`, content: `# ${name}\n` }] }
  return { asked, emitters: [own, python] }
}

interface Bench {
  readonly directory: string
  readonly out: string
  readonly asked: string[]
  readonly source: Parameters<typeof createGenerate>[0]
  readonly generate: Generate
  made(options?: GenerateOptions): Promise<Made>
  write(options?: GenerateOptions): Promise<Written & { readonly asked: readonly string[] }>
}

async function bench(given: Readonly<Record<string, string>> = files, version = '1.0.0'): Promise<Bench> {
  const directory = await folderWith(given)
  const out = join(directory, 'generated')
  const { asked, emitters } = listening()
  const source = { configFile: join(directory, 'hub.config.yaml'), kinds: goldenKinds, version, out, emitters }
  const generate = createGenerate(source)
  const made = async (options?: GenerateOptions): Promise<Made> => {
    const { made: one, compiled } = await generate(options)
    expect(compiled.problems).toEqual([])
    return one as Made
  }
  return {
    directory,
    out,
    asked,
    source,
    generate,
    made,
    async write(options) {
      asked.length = 0
      const written = writeMade(out, await made(options))
      return { ...written, asked: [...asked] }
    },
  }
}

describe('generating', () => {
  test('writes everything once, and then nothing', async () => {
    const { write } = await bench()
    expect(await write()).toEqual({ written: ['types/a.ts', 'types/b.ts', 'all.md', 'digest.json'], removed: [], files: 4, asked: ['a', 'b', 'whole'] })
    expect(await write()).toEqual({ written: [], removed: [], files: 4, asked: [] })
  })

  test('an edited manifest is made again, and what is over all of them', async () => {
    const { write, directory } = await bench()
    await write()
    await writeFile(join(directory, 'c/b.yaml'), shelf('b', 'Other.'))
    expect(await write()).toMatchObject({ written: ['types/b.ts', 'digest.json'], asked: ['b', 'whole'] })
  })

  test.each([
    ['a comment', (text: string) => `# a line above\n${text}`],
    ['a test', (text: string) => text.replace('operation: { take: all }', 'operation: { take: all }, tests: [{ name: t, args: {}, expect: {} }]')],
  ])('%s in a manifest changes nothing', async (_name, edit) => {
    const { write, directory } = await bench()
    await write()
    await writeFile(join(directory, 'c/b.yaml'), edit(files['c/b.yaml']))
    expect(await write()).toMatchObject({ written: [], asked: [] })
  })

  test('a file edited or removed by hand is made again', async () => {
    const { write, out } = await bench()
    await write()
    await writeFile(join(out, 'types/a.ts'), '// mine\n')
    await rm(join(out, 'all.md'))
    expect(await write()).toMatchObject({ written: ['types/a.ts', 'all.md'] })
    expect(await readFile(join(out, 'types/a.ts'), 'utf8')).toBe('// First.\n')
  })

  test('what a removed manifest gave goes, and nothing else does', async () => {
    const { write, directory, out } = await bench()
    await write()
    await writeFile(join(out, 'types/mine.ts'), 'mine')
    await rm(join(directory, 'c/b.yaml'))
    expect(await write()).toMatchObject({ written: ['all.md', 'digest.json'], removed: ['types/b.ts'], asked: ['whole'] })
    expect(await readFile(join(out, 'types/mine.ts'), 'utf8')).toBe('mine')
  })

  test('a forged record removes nothing outside its folder', async () => {
    const { write, directory, out } = await bench()
    await write()
    const record = JSON.parse(await readFile(join(out, 'digest.json'), 'utf8')) as { files: Record<string, string> }
    await writeFile(
      join(out, 'digest.json'),
      JSON.stringify({ ...record, files: { ...record.files, '../c/a.yaml': 'x', '/etc/hostname': 'x', 'a/../../c/b.yaml': 'x' } }),
    )
    expect((await write()).removed).toEqual([])
    expect(await readFile(join(directory, 'c/a.yaml'), 'utf8')).toBe(files['c/a.yaml'])
  })

  test('languages are remembered, and a language that is given up takes its files with it', async () => {
    const { write } = await bench()
    expect((await write({ languages: ['typescript', 'python'] })).written).toEqual(expect.arrayContaining(['python/a.py', 'python/b.py']))
    expect(await write()).toMatchObject({ written: [], removed: [] })
    expect(await write({ languages: ['typescript'] })).toMatchObject({ written: ['digest.json'], removed: ['python/a.py', 'python/b.py'] })
  })

  test('a record that cannot be read drops no language in silence', async () => {
    const { made, write, out } = await bench()
    await write({ languages: ['typescript', 'python'] })
    await writeFile(join(out, 'digest.json'), '<<<<<<< ours\n{}\n')
    await expect(made({ fresh: true })).rejects.toMatchObject({ code: 'HUB_SETUP', message: expect.stringMatching(/digest\.json .*--lang/) as string })
    expect(await write({ languages: ['typescript', 'python'] })).toMatchObject({ written: ['digest.json'] })
  })

  test('connectors whose Python modules would be one file are both named', async () => {
    const { generate, source } = await bench({ ...files, 'c/b.yaml': shelf('a_b', 'Second.'), 'c/d.yaml': shelf('a-b', 'Third.') })
    expect((await generate()).made?.connectors).toEqual(['a', 'a-b', 'a_b'])
    const clash = createGenerate({ ...source, emitters: [pythonEmitter] })
    await expect(clash({ languages: ['python'] })).rejects.toMatchObject({
      code: 'HUB_CONFIG_NAME',
      message: expect.stringMatching(/^the connectors a-b and a_b both give/) as string,
    })
  })

  test.each([
    ['another version of the hub', async (one: Bench) => createGenerate({ ...one.source, version: '1.0.1' })],
    [
      'a template of the user’s',
      async (one: Bench) => {
        await mkdir(join(one.directory, 'codegen/templates'), { recursive: true })
        await writeFile(join(one.directory, 'codegen/templates/tools.hbs'), 'mine')
        return one.generate
      },
    ],
    [
      'the demand for all of it',
      async (one: Bench): Promise<Generate> =>
        () =>
          one.generate({ fresh: true }),
    ],
  ])('%s makes everything again', async (_name, change) => {
    const one = await bench()
    await one.write()
    const generate = await change(one)
    one.asked.length = 0
    await generate()
    expect(one.asked).toEqual(['a', 'b', 'whole'])
  })

  test('hub.config.yaml without its variables and secrets is as good as with them', async () => {
    const { made } = await bench()
    expect((await made()).plan.hub.publicUrl).toBe('http://127.0.0.1:8080')
  })

  test('problems of a manifest are told, and nothing is made', async () => {
    const { generate } = await bench({ ...files, 'c/b.yaml': 'connector: b\nkind: shelf\nsumary: x\n' })
    const { compiled, made } = await generate()
    expect(made).toBeUndefined()
    expect(compiled.problems).toContainEqual(expect.objectContaining({ code: 'HUB_CONFIG_UNKNOWN_FIELD', place: { file: 'c/b.yaml', line: 3, column: 1 } }))
  })

  test('a tool that waits for a variable is left out, and that is told', async () => {
    const late = "  late: { summary: 'Of ${VENUE}.', effect: read, input: { type: object }, operation: { take: all } }\n"
    const { generate } = await bench({ ...files, 'c/b.yaml': shelf('b', 'Second.', late) })
    const { compiled, made } = await generate()
    expect(made?.plan.connectors[1]?.tools.map(({ local }) => local)).not.toContain('late')
    expect(compiled.problems).toMatchObject([
      { severity: 'warning', code: 'HUB_CONFIG_ENVIRONMENT', message: expect.stringContaining('left out of the code generated for b') as string },
    ])
  })

  test.each([
    [
      'two files of one path',
      [
        { path: 'x.ts', content: '1' },
        { path: 'X.ts', content: '2' },
      ],
      /one path/,
    ],
    ['a path that leads out', [{ path: '../x.ts', content: '1' }], /leads out/],
  ])('%s are no output', async (_name, outputs, message) => {
    const { source } = await bench()
    const generate = createGenerate({ ...source, emitters: [{ name: 'wrong', whole: () => outputs }] })
    await expect(generate()).rejects.toThrow(message)
  })
})

describe('checking', () => {
  test('finds what differs, is missing or is left over, each with what it comes from', async () => {
    const one = await bench()
    await one.write()
    expect(checkMade(one.out, 'generated', await one.made({ fresh: true }))).toEqual([])
    await writeFile(join(one.directory, 'c/a.yaml'), shelf('a', 'Other.'))
    await rm(join(one.directory, 'c/b.yaml'))
    await rm(join(one.out, 'all.md'))
    expect(checkMade(one.out, 'generated', await one.made({ fresh: true }))).toMatchObject([
      { place: { file: 'generated/all.md', line: 1 }, message: 'the file is not there; hub.config.yaml gives one' },
      { place: { file: 'generated/types/a.ts', line: 1 }, message: 'not what c/a.yaml gives', hint: 'hub generate writes: // Other.' },
      { place: { file: 'generated/types/b.ts' }, message: 'nothing gives this file any more; it came from the connector b' },
    ])
  })

  test('is not fooled by a record that was made to fit an edited file', async () => {
    const one = await bench()
    await one.write()
    await writeFile(join(one.out, 'types/a.ts'), '// mine\n')
    const text = await readFile(join(one.out, 'digest.json'), 'utf8')
    await writeFile(join(one.out, 'digest.json'), text.replace(hashOf('// First.\n'), hashOf('// mine\n')))
    expect(checkMade(one.out, 'generated', await one.made({ fresh: true }))).toMatchObject([{ place: { file: 'generated/types/a.ts' } }])
  })

  test('a changed statement changes no file but the record, which is told then', async () => {
    const one = await bench()
    await one.write()
    await writeFile(join(one.directory, 'c/a.yaml'), files['c/a.yaml'].replace('take: all', 'take: some'))
    expect(checkMade(one.out, 'generated', await one.made({ fresh: true }))).toMatchObject([{ place: { file: 'generated/digest.json' } }])
  })
})
