import { execFileSync } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { defineKind, type Kind } from '../../../runtime/contract/kind.ts'
import type { Plan } from '../../../runtime/contract/manifest.ts'
import { Secret, type SecretStore } from '../../../runtime/contract/secret.ts'
import { compile, createCompiler } from '../../../runtime/manifest/compile.ts'
import { parseSource } from '../../../runtime/manifest/source.ts'
import { goldenKinds } from '../../golden/kinds.ts'
import { folderWith } from './folder.ts'

const revealed = (value: unknown): string | undefined => (value instanceof Secret ? value.reveal() : undefined)
const config = 'manifests: ["*.yaml"]\n'
const shelf = (extra = ''): string => `connector: a\nkind: shelf\nsummary: A shelf.\nconfig: { url: { secret: URL } }\n${extra}`

async function compileFolder(
  directory: string,
  env: Readonly<Record<string, string>> = { URL: 'shelf://one' },
  rest: { kinds?: readonly Kind[]; secretStores?: readonly SecretStore[]; checkTests?: boolean } = {},
) {
  return compile({ configFile: join(directory, 'hub.config.yaml'), kinds: goldenKinds, env, ...rest })
}

const compileFiles = async (files: Readonly<Record<string, string | Uint8Array>>, env?: Readonly<Record<string, string>>) =>
  compileFolder(await folderWith({ 'hub.config.yaml': config, ...files }), env)

async function planOf(files: Readonly<Record<string, string>>, env?: Readonly<Record<string, string>>): Promise<Plan> {
  const { plan, problems } = await compileFiles(files, env)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return plan as Plan
}

describe('files that cannot be read', () => {
  test('a manifest over 1 mb is refused without being parsed', async () => {
    const { plan, problems } = await compileFiles({ 'a.yaml': `connector: a\n${'# padding\n'.repeat(1_050_000)}` })
    expect(plan).toBeUndefined()
    expect(problems).toMatchObject([
      { code: 'HUB_CONFIG_FILE', message: 'the file has 10 mb; at most 1 mb are read', place: { file: 'a.yaml', line: 1, column: 1 } },
    ])
  })

  test('a binary file is told apart from a bad one', async () => {
    const { problems } = await compileFiles({ 'a.yaml': new Uint8Array([0x7f, 0x45, 0, 1, 2]), 'b.yaml': new Uint8Array([0x61, 0xff, 0xfe]) })
    expect(problems.map(({ message }) => message)).toEqual(['the file is binary', 'the file is not UTF-8 text'])
  })

  test('a folder, a dangling link and a named pipe are problems, and hold nothing up', async () => {
    const directory = await folderWith({ 'hub.config.yaml': 'manifests: [folder.yaml, dangling.yaml, pipe.yaml]\n', 'folder.yaml/x': '' })
    await symlink(join(directory, 'nowhere'), join(directory, 'dangling.yaml'))
    execFileSync('mkfifo', [join(directory, 'pipe.yaml')])
    const { problems } = await compileFolder(directory)
    expect(problems.map(({ place, message }) => `${place.file} ${message}`).toSorted()).toEqual([
      'dangling.yaml the file does not exist',
      'folder.yaml this is not a regular file',
      'pipe.yaml this is not a regular file',
    ])
  })

  test('a missing hub.config.yaml is one clear problem', async () => {
    const { plan, problems } = await compileFolder(join(await folderWith({}), 'no', 'such'))
    expect(plan).toBeUndefined()
    expect(problems).toMatchObject([{ code: 'HUB_CONFIG_FILE', message: 'the file does not exist', place: { file: 'hub.config.yaml', line: 1, column: 1 } }])
  })

  test('deeply nested text ends in a problem', async () => {
    const { problems } = await compileFiles({
      'a.yaml': '['.repeat(20_000),
      'b.yaml': '- '.repeat(20_000),
      'c.yaml': `a: ${'['.repeat(500)}${']'.repeat(500)}\n`,
    })
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['HUB_CONFIG_FILE']))
    expect(new Set(problems.map(({ place }) => place.file))).toEqual(new Set(['a.yaml', 'b.yaml', 'c.yaml']))
  })

  test('a wide map with one key twice is read in good time', async () => {
    const wide = Array.from({ length: 50_000 }, (_, index) => `k${index}: 1`).join('\n')
    const { problems } = await compileFiles({ 'a.yaml': `${wide}\nk7: 2\n` })
    expect(problems).toMatchObject([{ code: 'HUB_CONFIG_DUPLICATE', place: { line: 50_001 } }])
  })
})

describe('an overlay', () => {
  test('that is not there is waited for all the same', async () => {
    const directory = await folderWith({ 'hub.config.yaml': 'manifests: []\noverlays: { production: later/over.yaml }\n' })
    const { plan, files, directories } = await compileFolder(directory, { HUB_ENV: 'production' })
    expect(plan).toBeUndefined()
    expect(files).toContain(join(directory, 'later/over.yaml'))
    expect(directories).toContain(directory)
  })

  test('that is empty lays nothing', async () => {
    const directory = await folderWith({ 'hub.config.yaml': 'hub: { name: h }\nmanifests: []\noverlays: { production: over.yaml }\n', 'over.yaml': '' })
    expect((await compileFolder(directory, { HUB_ENV: 'production' })).plan?.hub.name).toBe('h')
  })
})

describe('a time', () => {
  test('longer than a timer can wait does not end calls at once', async () => {
    const plan = await planOf({ 'a.yaml': shelf('tools:\n  t: { summary: x, effect: read, operation: { take: x }, policy: { timeout: 30d } }\n') })
    const ms = plan.connectors[0]?.tools[0]?.policy.timeoutMs ?? 0
    expect(ms).toBeGreaterThan(20 * 86_400_000)
    expect(ms).toBeLessThan(2 ** 31)
  })
})

describe('a secret file', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['that is too large', 'x'.repeat(70_000), 'the secret file key: the file has 69 kb; at most 64 kb are read'],
    ['that is no text', new Uint8Array([0x61, 0xff]), 'the secret file key: the file is not UTF-8 text'],
  ])('%s is told of as what it is', async (_name, content, message) => {
    const { plan, problems } = await compileFiles({ 'a.yaml': shelf().replace('secret: URL', 'secret: { file: key }'), key: content })
    expect(plan?.connectors[0]?.off?.needs).toEqual(['file:key'])
    expect(problems).toMatchObject([{ code: 'HUB_SECRET_MISSING', message: `${message}; a is off until it has` }])
  })
})

describe('the plan', () => {
  test('is frozen through and through', async () => {
    const plan = await planOf({ 'a.yaml': shelf('tools:\n  t: { summary: x, effect: read, operation: { take: x } }\n') })
    const open = (value: unknown, path: string): readonly string[] =>
      value === null || typeof value !== 'object'
        ? []
        : [...(Object.isFrozen(value) ? [] : [path]), ...Object.entries(value).flatMap(([key, inner]) => open(inner, `${path}.${key}`))]
    expect(open(plan, 'plan')).toEqual([])
  })

  test('leaves the kinds as they are', async () => {
    await planOf({ 'a.yaml': shelf() })
    expect(Object.isFrozen(goldenKinds[0]?.standardTools?.[0]?.input)).toBe(false)
  })

  test('is the same when nothing changed, whatever order files are found in', async () => {
    const files = { 'b.yaml': shelf().replace('connector: a', 'connector: b'), 'a.yaml': shelf() }
    const [one, two] = [await planOf(files), await planOf(Object.fromEntries(Object.entries(files).toReversed()))]
    expect(one.connectors.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(two.connectors.map(({ tools }) => tools.map(({ digest }) => digest))).toEqual(one.connectors.map(({ tools }) => tools.map(({ digest }) => digest)))
  })

  test('names every file it was read from, definitions, shared schemas and secret files included', async () => {
    const plan = await planOf({
      'a.yaml':
        'connector: a\nkind: shelf\nsummary: x\nconfig: { url: { secret: { file: secrets/url } } }\ntools:\n  t: { summary: x, effect: read, operation: { take: x }, output: { $ref: "shared.yaml#/row" } }\n',
      'secrets/url': 'shelf://x\n',
      'shared.yaml': 'row: { type: object }\n',
      'm.yaml': 'connector: m\nkind: upstream\nsummary: x\nconfig: { command: x }\n',
      'm.tools.json': '{ "tools": [] }',
    })
    expect(plan.files.map((path) => path.slice(plan.hub.directory.length + 1)).toSorted()).toEqual([
      'a.yaml',
      'hub.config.yaml',
      'm.tools.json',
      'm.yaml',
      'secrets/url',
      'shared.yaml',
    ])
    expect(plan.connectors[0]?.config['url']).toBeInstanceOf(Secret)
    expect(revealed(plan.connectors[0]?.config['url'])).toBe('shelf://x')
  })

  test('a folder of new manifests is watched even while there is no plan', async () => {
    const directory = await folderWith({
      'hub.config.yaml': 'manifests: ["connectors/*.yaml", "deep/**/*.yaml"]\n',
      'connectors/a.yaml': 'connector: [',
      'deep/one/two/x.txt': '',
    })
    const { plan, directories, files } = await compileFolder(directory)
    expect(plan).toBeUndefined()
    expect(files).toContain(join(directory, 'connectors/a.yaml'))
    for (const folder of ['connectors', 'deep', 'deep/one/two']) expect(directories).toContain(join(directory, folder))
  })

  test('files of a glob are sorted, taken once, and neither the config nor shared files are manifests', async () => {
    const directory = await folderWith({
      'hub.config.yaml': 'manifests: ["*.yaml", "a.yaml"]\n',
      'a.yaml': shelf(),
      'shared.yaml': 'x: {}\n',
      'more.shared.yaml': 'x: {}\n',
    })
    const { plan } = await compileFolder(directory)
    expect(plan?.connectors.map(({ name }) => name)).toEqual(['a'])
  })

  test('a hub without manifests is a hub', async () => expect((await planOf({})).connectors).toEqual([]))
})

describe('digests', () => {
  const tool = 'tools:\n  t: { summary: x, effect: read, operation: { take: "${WHAT:-x}" } }\n'
  // Which digests are the same before and after an edit; the folder is a part of a connector's digest, so it is one folder.
  const pair = async (before: readonly [string, Readonly<Record<string, string>>], after: readonly [string, Readonly<Record<string, string>>]) => {
    const directory = await folderWith({ 'hub.config.yaml': config, 'a.yaml': before[0] })
    const first = (await compileFolder(directory, before[1])).plan?.connectors[0]
    await writeFile(join(directory, 'a.yaml'), after[0])
    const second = (await compileFolder(directory, after[1])).plan?.connectors[0]
    return { connector: first?.digest === second?.digest, tool: first?.tools[0]?.digest === second?.tools[0]?.digest }
  }

  test('a changed secret changes the connector and its tools, and shows nowhere', async () => {
    expect(await pair([shelf(tool), { URL: 'one' }], [shelf(tool), { URL: 'two' }])).toEqual({ connector: false, tool: false })
    expect(JSON.stringify(await planOf({ 'a.yaml': shelf(tool) }, { URL: 'hunter2' }))).not.toContain('hunter2')
  })

  test('a changed statement changes its tool and leaves the connector open', async () => {
    expect(await pair([shelf(tool), { URL: 'one' }], [shelf(tool.replace('-x}', '-y}')), { URL: 'one' }])).toEqual({ connector: true, tool: false })
    expect(await pair([shelf(tool), { URL: 'one' }], [shelf(tool), { URL: 'one', WHAT: 'other' }])).toEqual({ connector: true, tool: false })
  })

  test('a comment changes nothing', async () => {
    expect(await pair([shelf(tool), { URL: 'one' }], [`# a comment\n${shelf(tool)}`, { URL: 'one' }])).toEqual({ connector: true, tool: true })
  })

  test('other tests change neither connector nor tool, nor the plan that is served', async () => {
    const tested = (name: string): string => shelf(tool.replace(' } }', ` }, tests: [{ name: ${name}, expect: { rows: 1 } }] }`))
    expect(await pair([shelf(tool), { URL: 'one' }], [tested('a'), { URL: 'one' }])).toEqual({ connector: true, tool: true })
    const directory = await folderWith({ 'hub.config.yaml': config, 'a.yaml': tested('a') })
    const first = (await compileFolder(directory, { URL: 'one' })).plan
    await writeFile(join(directory, 'a.yaml'), tested('b'))
    const second = (await compileFolder(directory, { URL: 'one' })).plan
    expect([first, second].map((plan) => plan?.connectors[0]?.tools[0]?.tests[0]?.name)).toEqual(['a', 'b'])
    expect(second?.digest).toBe(first?.digest)
  })

  test('arguments of tests are held to the input schema where that is asked for', async () => {
    const written = shelf(
      tool.replace(' } }', ' }, input: { type: object, properties: {}, additionalProperties: false }, tests: [{ name: a, args: { x: 1 }, expect: {} }] }'),
    )
    const directory = await folderWith({ 'hub.config.yaml': config, 'a.yaml': written })
    expect((await compileFolder(directory, { URL: 'one' })).problems).toEqual([])
    const { problems } = await compileFolder(directory, { URL: 'one' }, { checkTests: true })
    expect(problems.map(({ message }) => message)).toEqual(['"x" is not a field of a call'])
  })

  test('a secret that is found at last opens the connector anew', async () => {
    expect(await pair([shelf(tool), {}], [shelf(tool), { URL: 'one' }])).toEqual({ connector: false, tool: false })
  })
})

describe('secrets', () => {
  test('come from any store that is lent, and one that fails takes only its connector down', async () => {
    const vault: SecretStore = {
      name: 'vault',
      read: (key) => (key === 'good' ? Promise.resolve('shelf://vault') : Promise.reject(new Error('token hvs.SECRET expired'))),
    }
    const text = (name: string, key: string): string => `connector: ${name}\nkind: shelf\nsummary: x\nconfig: { url: { secret: { vault: ${key} } } }\n`
    const directory = await folderWith({ 'hub.config.yaml': config, 'a.yaml': text('a', 'good'), 'b.yaml': text('b', 'bad') })
    const { plan, problems } = await compileFolder(directory, {}, { secretStores: [vault] })
    expect(plan?.connectors.map(({ off }) => off?.needs)).toEqual([undefined, ['vault:bad']])
    expect(JSON.stringify(problems)).not.toContain('hvs.SECRET')
  })

  test('a secret at a field that takes text only when it is marked so is refused', async () => {
    const { problems } = await compileFiles({ 'a.yaml': shelf().replace('} }', '}, mode: { secret: MODE } }') })
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toContain('HUB_CONFIG_TYPE "mode" takes no secret')
  })

  test('the hub’s own store address is behind a secret', async () => {
    const directory = await folderWith({ 'hub.config.yaml': 'manifests: []\nstores: { postgres: { secret: DATABASE_URL } }\n' })
    const { plan } = await compileFolder(directory, { DATABASE_URL: 'postgres://u:hunter2@h/d' })
    expect(revealed(plan?.hub.stores.postgres)).toBe('postgres://u:hunter2@h/d')
    expect(JSON.stringify(plan)).not.toContain('hunter2')
    expect((await compileFolder(directory, {})).problems).toMatchObject([{ code: 'HUB_SECRET_MISSING', severity: 'error' }])
  })
})

describe('a kind that fails', () => {
  test('while it checks is a problem of the file, not a crash, and its words stay inside', async () => {
    const broken = defineKind({
      kind: 'shelf',
      summary: 'x',
      config: { type: 'object', additionalProperties: true },
      operation: true,
      lint: () => Promise.reject(new Error('at /home/someone/secret.ts:1')),
      open: () => Promise.reject(new Error('never')),
    })
    const directory = await folderWith({ 'hub.config.yaml': config, 'a.yaml': shelf('tools:\n  t: { summary: x, effect: read, operation: {} }\n') })
    const { problems } = await compileFolder(directory, { URL: 'x' }, { kinds: [broken] })
    expect(problems).toMatchObject([{ code: 'HUB_INTERNAL', message: 'this file could not be checked', place: { file: 'a.yaml' } }])
  })
})

describe('whatever a file says', () => {
  test('the compiler answers, with a place inside the file for every problem', { timeout: 60_000 }, async () => {
    const directory = await folderWith({ 'hub.config.yaml': config })
    const compiler = createCompiler()
    const key = fc.constantFrom(
      'connector',
      'kind',
      'summary',
      'config',
      'tools',
      'resources',
      'prompts',
      'tier',
      'fallback',
      'url',
      'secret',
      'policy',
      'cache',
      'input',
      '$ref',
      'type',
      'properties',
      'operation',
      'effect',
      'take',
      'x',
    )
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('shelf', 'upstream', 'a', 'read', 'write', '${X}', '${', '#/x', 'shared.yaml#/a', '5s', ''),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(key, tie('node'), { maxKeys: 6 }),
      ),
    })).node
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      value.map((one) => stringify(one)),
      fc
        .record({
          connector: fc.constant('a'),
          kind: fc.constantFrom('shelf', 'upstream'),
          summary: fc.constant('x'),
          config: value,
          tools: fc.dictionary(key, value, { maxKeys: 3 }),
          resources: value,
          prompts: value,
        })
        .map((one) => stringify(one)),
    )
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        await writeFile(join(directory, 'a.yaml'), content)
        const { problems } = await compiler({ configFile: join(directory, 'hub.config.yaml'), kinds: goldenKinds, env: {} })
        const lines = content.split(/\r\n|\n|\r/).length
        for (const { place, message } of problems) {
          expect(message).not.toMatch(/could not be checked|undefined|\[object/)
          if (place.file === 'a.yaml') expect(place.line).toBeLessThanOrEqual(lines + 1)
          expect(Math.min(place.line, place.column)).toBeGreaterThanOrEqual(1)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('hub.config.yaml can say anything too', async () => {
    const directory = await folderWith({})
    const compiler = createCompiler()
    const scalar = fc.constantFrom<unknown>(
      'local',
      'oauth',
      '${X}',
      '5s',
      '0/min',
      '*',
      'embedded',
      5,
      -1,
      true,
      null,
      'a.yaml',
      { secret: 'X' },
      { secret: { x: 'y' } },
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        scalar,
        fc.array(tie('value'), { maxLength: 2 }),
        fc.dictionary(
          fc.constantFrom(
            'name',
            'listen',
            'publicUrl',
            'postgres',
            'mode',
            'issuers',
            'roles',
            'map',
            'cors',
            'principal',
            'body',
            'cache',
            'ttl',
            'start',
            'tools',
            'url',
            'a',
          ),
          tie('value'),
          { maxKeys: 4 },
        ),
      ),
    }))
    const file = fc.dictionary(
      fc.constantFrom('hub', 'manifests', 'overlays', 'stores', 'auth', 'limits', 'defaults', 'cache', 'tiers', 'toolsets', 'egress'),
      value,
      { maxKeys: 6 },
    )
    await fc.assert(
      fc.asyncProperty(file, async (content) => {
        await writeFile(join(directory, 'hub.config.yaml'), stringify(content))
        const { plan, problems } = await compiler({ configFile: join(directory, 'hub.config.yaml'), kinds: goldenKinds, env: { HUB_ENV: 'a' } })
        expect(plan === undefined).toBe(problems.some(({ severity }) => severity === 'error'))
      }),
      { numRuns: 150 },
    )
  })

  test('parsing any text never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (content) => Array.isArray(parseSource('a.yaml', '/a.yaml', content).problems)))
  })
})
